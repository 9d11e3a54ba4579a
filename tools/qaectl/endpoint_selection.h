// SPDX-License-Identifier: BSD-3-Clause
// Endpoint selection: finds the endpoints that the command line names.
#ifndef QAE_TOOLS_QAECTL_ENDPOINT_SELECTION_H
#define QAE_TOOLS_QAECTL_ENDPOINT_SELECTION_H

#include <stdexcept>
#include <string>
#include <vector>

#include "netlink/messages.h"

namespace qaectl {

// A word that names no endpoint of this system.
class NoSuchEndpoint : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The endpoints that @words name, each once and in the order of @all, or all of them if there are no words.
// A word is qat_dev<N>, <N>, <type>_dev<i> or a PCI address. Throws NoSuchEndpoint.
std::vector<qae::Endpoint> select_endpoints(const std::vector<qae::Endpoint> &all,
                                            const std::vector<std::string> &words);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_ENDPOINT_SELECTION_H
