/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: what the bookkeeping reports, to a subscriber that it does not know. */
#ifndef QAE_SESSION_EVENT_H
#define QAE_SESSION_EVENT_H

#include <linux/qae.h>

struct qae_endpoint;
struct qae_section;

/**
 * struct qae_event_subscriber - functions that record an event
 * @endpoint: an endpoint is new, or has a new state or configuration
 * @section: a section was claimed or released
 * @pool: dynamic instances were allocated or freed, or came or went with an endpoint
 *
 * They run under the registry lock, so that the order of the records is that of
 * the changes, and each describes its change and not a later one. They must
 * neither sleep nor wait for memory: a record is delivered later, elsewhere.
 */
struct qae_event_subscriber {
	void (*endpoint)(const struct qae_endpoint *endpoint);
	void (*section)(const struct qae_section *section);
	void (*pool)(enum qae_service service);
};

const struct qae_event_subscriber *
qae_events_subscribe(const struct qae_event_subscriber *subscriber);
void qae_event_endpoint(const struct qae_endpoint *endpoint);
void qae_event_section(const struct qae_section *section);
void qae_event_pool(enum qae_service service);

#endif /* QAE_SESSION_EVENT_H */
