// SPDX-License-Identifier: BSD-3-Clause
// Exit status: the result that scripts look at.
#ifndef QAE_TOOLS_QAECTL_EXIT_STATUS_H
#define QAE_TOOLS_QAECTL_EXIT_STATUS_H

namespace qaectl {

enum ExitStatus : int {
    kExitOk = 0,
    kExitFailed = 1,   // an operation was refused or failed
    kExitUsage = 2,    // the command line is not valid
    kExitFindings = 3, // check, plan: a file would not load
};

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_EXIT_STATUS_H
