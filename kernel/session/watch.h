/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches: what poll() on a descriptor waits for, and which pollers a change of a pool wakes. */
#ifndef QAE_SESSION_WATCH_H
#define QAE_SESSION_WATCH_H

#include <linux/types.h>

#include <linux/qae.h>

struct qae_watch;

int qae_watches_init(void);
void qae_watches_exit(void);
void qae_watch_init(struct qae_watch *watch);
void qae_watch_destroy(struct qae_watch *watch);
void qae_watch_set(struct qae_watch *watch, enum qae_service service, u32 endpoint, u32 count);
bool qae_watch_end(struct qae_watch *watch);
void qae_watch_wake(struct qae_watch *watch);
void qae_pool_freed(enum qae_service service, u32 endpoint);
void qae_registry_freed(void);

#endif /* QAE_SESSION_WATCH_H */
