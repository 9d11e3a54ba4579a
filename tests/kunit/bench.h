/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bench for the bookkeeping: endpoints without a PCI function, clients
 * without a file, configurations in short. Shared by the suites of sections
 * and of reloads.
 */
#ifndef QAE_KUNIT_BENCH_H
#define QAE_KUNIT_BENCH_H

#include <kunit/test.h>

#include "client.h"
#include "session/config.h"
#include "session/endpoint.h"

#define MAX_ENDPOINTS	4
#define MAX_CLIENTS	40

/**
 * struct bench - endpoints and clients of one test
 * @ep: endpoints
 * @eps: how many
 * @client: clients, made on first use
 */
struct bench {
	struct qae_endpoint *ep[MAX_ENDPOINTS];
	unsigned int eps;
	struct qae_client *client[MAX_CLIENTS];
};

/**
 * struct wanted - a user section or pool in short
 * @name: section name
 * @processes: NumProcesses
 * @limit_dev: LimitDevAccess
 * @cy: crypto instances
 * @dc: compression instances
 * @wait_ms: OnBusy
 */
struct wanted {
	const char *name;
	u32 processes;
	bool limit_dev;
	u32 cy;
	u32 dc;
	u32 wait_ms;
};

extern const struct wanted bench_documented[2];
extern const struct wanted bench_documented_dyn[3];

struct qae_config *bench_make_config(struct kunit *test, const struct wanted *w, u32 n);
int bench_bring_up(struct kunit *test, struct qae_endpoint *ep, const struct wanted *w, u32 n);
int bench_reload(struct kunit *test, struct qae_endpoint *ep, const struct wanted *w, u32 n);
struct qae_endpoint *bench_add_endpoint(struct kunit *test, const char *type);
void bench_raise(struct kunit *test, unsigned int endpoints, const char *type,
		 const struct wanted *w, u32 n);
struct qae_client *bench_client(struct kunit *test, unsigned int i);
int bench_claim(struct kunit *test, unsigned int i, const char *name);
void bench_release(struct qae_client *c);
const char *bench_section_of(struct kunit *test, unsigned int i);
int bench_dyn_alloc(struct kunit *test, unsigned int i, enum qae_service service,
		    u32 endpoint, u32 count);
int bench_dyn_free(struct kunit *test, unsigned int i, u32 id);
u32 bench_dyn_available(enum qae_service service, u32 endpoint);
u32 bench_count_sections(void);
int bench_init(struct kunit *test);
void bench_exit(struct kunit *test);

#endif /* QAE_KUNIT_BENCH_H */
