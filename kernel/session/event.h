/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that the bookkeeping reports and netlink/event.c sends. */
#ifndef QAE_SESSION_EVENT_H
#define QAE_SESSION_EVENT_H

#include <linux/qae.h>

struct qae_endpoint;
struct qae_section;

void qae_event_endpoint(struct qae_endpoint *endpoint);
void qae_event_section(struct qae_section *section);
void qae_event_pool(enum qae_service service);

#endif /* QAE_SESSION_EVENT_H */
