// SPDX-License-Identifier: BSD-3-Clause
// Whether the kernel module is loaded, for the sentence that says why its device file is missing.
#ifndef QAE_LIB_PROCESS_DRIVER_PRESENCE_H
#define QAE_LIB_PROCESS_DRIVER_PRESENCE_H

namespace qae {

enum class DriverPresence {
    loaded,
    absent,
    unknown, // neither /sys nor /proc is visible, as after chroot()
};

// @modules is the folder of the loaded modules, /sys/module. @misc is the list of misc devices, /proc/misc,
// which a driver that is built into the kernel is in too.
DriverPresence driver_presence(const char *modules, const char *misc) noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_DRIVER_PRESENCE_H
