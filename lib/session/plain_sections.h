// SPDX-License-Identifier: BSD-3-Clause
// Sections without the module: plain mode with a data plane reads the configuration files itself, by the
// tool's parser and rules.
#ifndef QAE_LIB_SESSION_PLAIN_SECTIONS_H
#define QAE_LIB_SESSION_PLAIN_SECTIONS_H

#include <linux/qae.h>

#include <vector>

namespace qae {

// Gives the caller the first internal section of that name from the files in QAT_USER_CONF; without that
// variable two instances of each service, whatever the name. Nobody knows what other processes hold, so
// every process gets the first section. 0, or -errno with the reason recorded.
int claim_plain_section(const char *name, qae_section_claim &claim, std::vector<qae_instance> &instances);

} // namespace qae

#endif // QAE_LIB_SESSION_PLAIN_SECTIONS_H
