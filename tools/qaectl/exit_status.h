// SPDX-License-Identifier: BSD-3-Clause
// Exit status: the part of the answer that scripts read.
#ifndef QAE_TOOLS_QAECTL_EXIT_STATUS_H
#define QAE_TOOLS_QAECTL_EXIT_STATUS_H

namespace qaectl {

enum ExitStatus : int {
    exit_ok = 0,
    exit_failed = 1,   // an operation was refused or failed
    exit_usage = 2,    // the command line makes no sense
    exit_findings = 3, // check: a file would not load
};

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_EXIT_STATUS_H
