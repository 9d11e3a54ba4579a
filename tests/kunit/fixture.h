/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixture for the bookkeeping: endpoints on a fake bus, clients without a file,
 * and short descriptions of configurations.
 */
#ifndef QAE_KUNIT_FIXTURE_H
#define QAE_KUNIT_FIXTURE_H

#include <kunit/test.h>

#include "client.h"
#include "session/config.h"
#include "session/endpoint.h"

#define MAX_ENDPOINTS	4
#define MAX_CLIENTS	160

struct qae_instance_obj;

/**
 * struct fake_bus - a bus whose functions do what the test says
 * @reach: what check_reach() returns
 * @short_reach: check_range() refuses all pages
 * @on_check_reach: called while the endpoint is starting, or NULL
 * @on_quiesce: called for each instance that is stopped, or NULL
 * @quiesced: instances that were stopped
 */
struct fake_bus {
	int reach;
	bool short_reach;
	void (*on_check_reach)(const struct qae_endpoint *endpoint);
	void (*on_quiesce)(struct kunit *test, struct qae_instance_obj *inst);
	unsigned int quiesced;
};

/**
 * struct fixture - endpoints and clients of one test
 * @ep: endpoints
 * @eps: number of endpoints
 * @client: clients, created on first use
 * @bus: bus of all endpoints
 * @test: the test
 */
struct fixture {
	struct qae_endpoint *ep[MAX_ENDPOINTS];
	unsigned int eps;
	struct qae_client *client[MAX_CLIENTS];
	struct fake_bus bus;
	struct kunit *test;
};

/**
 * struct section_spec - short description of a user section or a pool
 * @name: section name
 * @processes: NumProcesses
 * @limit_dev: LimitDevAccess
 * @cy: crypto instances
 * @dc: compression instances
 * @wait_ms: OnBusy
 */
struct section_spec {
	const char *name;
	u32 processes;
	bool limit_dev;
	u32 cy;
	u32 dc;
	u32 wait_ms;
};

extern const struct section_spec documented[2];
extern const struct section_spec documented_dyn[3];

struct qae_config *fixture_make_config(struct kunit *test, const struct section_spec *w, u32 n);
int fixture_up(struct kunit *test, struct qae_endpoint *ep, const struct section_spec *w, u32 n);
int fixture_reload(struct kunit *test, struct qae_endpoint *ep, const struct section_spec *w,
		   u32 n);
struct qae_endpoint *fixture_add_endpoint(struct kunit *test, const char *type);
void fixture_set_up(struct kunit *test, unsigned int endpoints, const char *type,
		    const struct section_spec *w, u32 n);
struct qae_client *fixture_client(struct kunit *test, unsigned int i);
int fixture_claim(struct kunit *test, unsigned int i, const char *name);
void fixture_release(struct qae_client *c);
const char *fixture_section_of(struct kunit *test, unsigned int i);
int fixture_dyn_alloc(struct kunit *test, unsigned int i, enum qae_service service,
		      u32 endpoint, u32 count);
int fixture_dyn_free(struct kunit *test, unsigned int i, u32 id);
u32 fixture_dyn_available(enum qae_service service, u32 endpoint);
u32 fixture_count_sections(void);
int fixture_init(struct kunit *test);
void fixture_exit(struct kunit *test);

#endif /* QAE_KUNIT_FIXTURE_H */
