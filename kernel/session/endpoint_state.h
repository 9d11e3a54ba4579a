/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of an endpoint's state, for the files that make them. */
#ifndef QAE_SESSION_ENDPOINT_STATE_H
#define QAE_SESSION_ENDPOINT_STATE_H

#include <linux/qae.h>

struct qae_endpoint;

void qae_endpoint_set_state(struct qae_endpoint *endpoint, enum qae_endpoint_state state);
void qae_endpoint_availability_changed(void);
void qae_endpoint_quiesce(const struct qae_endpoint *endpoint);

#endif /* QAE_SESSION_ENDPOINT_STATE_H */
