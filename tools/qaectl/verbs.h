// SPDX-License-Identifier: BSD-3-Clause
// Verbs: each returns the exit status, prints data to stdout and messages to stderr.
#ifndef QAE_TOOLS_QAECTL_VERBS_H
#define QAE_TOOLS_QAECTL_VERBS_H

#include "qaectl/exit_status.h"
#include "qaectl/options.h"

namespace qaectl {

int run_up(const Options &options);
int run_down(const Options &options);
int run_reload(const Options &options);
int run_restart(const Options &options);

int run_status(const Options &options);
int run_sections(const Options &options);
int run_instances(const Options &options);
int run_memory(const Options &options);
int run_who(const Options &options);

int run_check(const Options &options);
int run_plan(const Options &options);

int run_monitor(const Options &options);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_VERBS_H
