// SPDX-License-Identifier: BSD-3-Clause
// Whether a PCI function is one of the simulator's.
#ifndef QAE_LIB_PROCESS_SIMULATED_ENDPOINT_H
#define QAE_LIB_PROCESS_SIMULATED_ENDPOINT_H

#include <cstdint>

namespace qae {

// @busdevfn is bus << 8 | device << 3 | function. @functions is the folder of PCI functions,
// /sys/bus/pci/devices: the place of a function in the tree of devices tells which host bridge it is behind.
// False if the folder cannot be read.
bool is_simulated_endpoint(std::uint32_t domain, std::uint32_t busdevfn,
                           const char *functions = "/sys/bus/pci/devices") noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_SIMULATED_ENDPOINT_H
