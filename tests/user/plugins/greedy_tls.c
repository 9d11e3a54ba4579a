/* SPDX-License-Identifier: BSD-3-Clause */
/* A library that takes most of the static thread-local storage which dlopen() has left for late libraries. */
static _Thread_local char taken[1408] __attribute__((tls_model("initial-exec")));

char *greedy_storage(void);
char *greedy_storage(void) { return taken; }
