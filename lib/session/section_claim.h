// SPDX-License-Identifier: BSD-3-Clause
// Claiming an internal section from the driver.
#ifndef QAE_LIB_SESSION_SECTION_CLAIM_H
#define QAE_LIB_SESSION_SECTION_CLAIM_H

#include <linux/qae.h>

#include <vector>

namespace qae {

// Checks whether a section can have this name. 0, or -EINVAL with the reason recorded.
int check_section_name(const char *name) noexcept;

// Claims the next free section of @name, which check_section_name() accepted. Sleeps if the section's policy
// says so, so call it without a lock. 0, or -errno with the reason recorded.
int claim_section(const char *name, qae_section_claim &claim, std::vector<qae_instance> &instances);

// Releases the section and all dynamic instances. 0 or -errno; records a reason only for -EBADF.
int release_section() noexcept;

} // namespace qae

#endif // QAE_LIB_SESSION_SECTION_CLAIM_H
