// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sections, claims, the pool, and the exchange of configurations, on endpoints
 * without a PCI function. CFG-02 … CFG-04, CFG-07, CFG-10, USR-04 … USR-08,
 * DYN-01, DYN-02, DYN-05, DYN-08, DYN-11, DYN-16.
 */
#include <kunit/test.h>

#include <linux/slab.h>

#include "qae.h"
#include "suites.h"

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

static enum qae_instance_kind kind_of(const char *name)
{
	if (!strcmp(name, "DYN"))
		return QAE_INSTANCE_DYN;
	return strcmp(name, "KERNEL") ? QAE_INSTANCE_STATIC : QAE_INSTANCE_KERNEL;
}

static void fill_section(struct kunit *test, struct qae_config_section *cs, const struct wanted *w)
{
	u32 i;

	strscpy(cs->name, w->name, sizeof(cs->name));
	cs->kind = kind_of(w->name);
	cs->processes = cs->kind == QAE_INSTANCE_STATIC ? w->processes : 1;
	cs->limit_dev = w->limit_dev;
	cs->wait_ms = w->wait_ms;
	cs->count[QAE_SERVICE_CY] = w->cy;
	cs->count[QAE_SERVICE_DC] = w->dc;
	KUNIT_ASSERT_EQ(test, qae_config_section_alloc(cs, w->cy + w->dc), 0);
	for (i = 0; i < w->cy + w->dc; i++) {
		struct qae_config_instance *ci = &cs->instances[i];

		ci->service = i < w->cy ? QAE_SERVICE_CY : QAE_SERVICE_DC;
		ci->poll_mode = QAE_POLL_POLLED;
		snprintf(ci->name, sizeof(ci->name), "%s%u", w->name, i);
	}
}

static struct qae_config *make_config(struct kunit *test, const struct wanted *w, u32 n)
{
	struct qae_config *config = qae_config_alloc(n);
	const char *reason = NULL;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, config);
	for (i = 0; i < n; i++)
		fill_section(test, &config->sections[i], &w[i]);
	KUNIT_ASSERT_EQ_MSG(test, qae_config_check(config, &reason), 0, "%s", reason);
	return config;
}

static int bring_up(struct kunit *test, struct qae_endpoint *ep, const struct wanted *w, u32 n)
{
	struct qae_config *config = make_config(test, w, n);
	const char *reason = "";
	int err = qae_endpoint_up(ep->id, &config, &reason);

	/* Taken over on success only. */
	KUNIT_EXPECT_EQ(test, !config, !err);
	qae_config_free(config);
	return err;
}

static int reload(struct kunit *test, struct qae_endpoint *ep, const struct wanted *w, u32 n)
{
	struct qae_config *config = make_config(test, w, n);
	const char *reason = "";
	int err = qae_endpoint_reload(ep->id, NULL, &config, &reason);

	qae_config_free(config);
	return err;
}

static struct qae_endpoint *add_endpoint(struct kunit *test, const char *type)
{
	struct bench *b = test->priv;
	struct qae_endpoint *ep = qae_endpoint_add(NULL, qae_model_by_type(type));

	KUNIT_ASSERT_NOT_NULL(test, ep);
	b->ep[b->eps++] = ep;
	return ep;
}

/* Endpoints of one type, each with the same configuration, all up. */
static void raise(struct kunit *test, unsigned int endpoints, const char *type,
		  const struct wanted *w, u32 n)
{
	while (endpoints--)
		KUNIT_ASSERT_EQ(test, bring_up(test, add_endpoint(test, type), w, n), 0);
}

static struct qae_client *client(struct kunit *test, unsigned int i)
{
	struct bench *b = test->priv;

	if (!b->client[i]) {
		struct qae_client *c = kzalloc(sizeof(*c), GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, c);
		mutex_init(&c->session);
		xa_init_flags(&c->insts, XA_FLAGS_ALLOC1);
		b->client[i] = c;
	}
	return b->client[i];
}

static int claim(struct kunit *test, unsigned int i, const char *name)
{
	struct qae_client *c = client(test, i);
	u32 count;
	int err;

	mutex_lock(&c->session);
	err = qae_section_claim(c, name, 4096, &count);
	mutex_unlock(&c->session);
	return err;
}

static void release(struct qae_client *c)
{
	mutex_lock(&qae_registry.lock);
	qae_section_release(c);
	mutex_unlock(&qae_registry.lock);
}

static const char *section_of(struct kunit *test, unsigned int i)
{
	return client(test, i)->section ? client(test, i)->section->name : "";
}

static int dyn_alloc(struct kunit *test, unsigned int i, enum qae_service service, u32 endpoint,
		     u32 count)
{
	struct qae_inst **insts = NULL;
	int err;

	mutex_lock(&qae_registry.lock);
	err = qae_dyn_alloc(client(test, i), service, endpoint, count, &insts);
	mutex_unlock(&qae_registry.lock);
	kvfree(insts);
	return err;
}

static int dyn_free_one(struct kunit *test, unsigned int i, u32 id)
{
	int err;

	mutex_lock(&qae_registry.lock);
	err = qae_dyn_free(client(test, i), id);
	mutex_unlock(&qae_registry.lock);
	return err;
}

static u32 dyn_available(enum qae_service service, u32 endpoint)
{
	u32 available, total;

	mutex_lock(&qae_registry.lock);
	qae_dyn_count(service, endpoint, &available, &total);
	mutex_unlock(&qae_registry.lock);
	return available;
}

static u32 count_sections(void)
{
	struct qae_section *section;
	u32 n = 0;

	mutex_lock(&qae_registry.lock);
	list_for_each_entry(section, &qae_registry.sections, link)
		n++;
	mutex_unlock(&qae_registry.lock);
	return n;
}

static int bench_init(struct kunit *test)
{
	if (!list_empty(&qae_registry.endpoints)) {
		kunit_err(test, "endpoints are bound; run without qae_sim\n");
		return -EBUSY;
	}
	test->priv = kunit_kzalloc(test, sizeof(struct bench), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

/* Whatever a test leaves must come apart without residue. */
static void bench_exit(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int i;

	/* 6.1 comes here although init failed. */
	if (!b)
		return;
	for (i = 0; i < MAX_CLIENTS; i++) {
		if (!b->client[i])
			continue;
		release(b->client[i]);
		KUNIT_EXPECT_TRUE(test, xa_empty(&b->client[i]->insts));
		KUNIT_EXPECT_EQ(test, b->client[i]->num_static, 0);
		kfree(b->client[i]);
	}
	for (i = 0; i < b->eps; i++) {
		if (!b->ep[i])
			continue;
		KUNIT_EXPECT_EQ(test, b->ep[i]->held, 0);
		qae_endpoint_remove(b->ep[i]);
	}
	KUNIT_EXPECT_TRUE(test, list_empty(&qae_registry.endpoints));
	KUNIT_EXPECT_TRUE(test, list_empty(&qae_registry.sections));
}

static const struct wanted documented[] = {
	{ .name = "SSL", .processes = 4, .limit_dev = true, .cy = 1 },
	{ .name = "IPsec", .processes = 1, .cy = 4 },
};

static const struct wanted documented_dyn[] = {
	{ .name = "SSL", .processes = 4, .limit_dev = true, .cy = 1 },
	{ .name = "IPsec", .processes = 1, .cy = 4 },
	{ .name = "DYN", .cy = 4, .dc = 2 },
};

/* CFG-02, CFG-03: nine sections of these names, with these instances. */
static void cfg_02_documented_sections(struct kunit *test)
{
	static const char * const names[] = {
		"IPsec_INT_0", "SSL_DEV0_INT_0", "SSL_DEV0_INT_1", "SSL_DEV0_INT_2",
		"SSL_DEV0_INT_3", "SSL_DEV1_INT_0", "SSL_DEV1_INT_1", "SSL_DEV1_INT_2",
		"SSL_DEV1_INT_3",
	};
	struct qae_section *section;
	u32 count[__QAE_SERVICE_COUNT];
	unsigned int n = 0;

	raise(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	mutex_lock(&qae_registry.lock);
	list_for_each_entry(section, &qae_registry.sections, link) {
		if (n < ARRAY_SIZE(names))
			KUNIT_EXPECT_STREQ(test, section->name, names[n]);
		qae_section_counts(section, count);
		KUNIT_EXPECT_EQ(test, count[QAE_SERVICE_CY], n ? 1 : 8);
		KUNIT_EXPECT_EQ(test, count[QAE_SERVICE_DC], 0);
		n++;
	}
	mutex_unlock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(names));
}

/* CFG-04, USR-06, USR-08: nine at once, the tenth fails, by any letter case. */
static void cfg_04_nine_claims(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int i, j;

	raise(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, claim(test, i, "SSL"), 0);
		KUNIT_EXPECT_EQ(test, client(test, i)->num_static, 1);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, section_of(test, i), section_of(test, j));
	}
	KUNIT_EXPECT_EQ(test, claim(test, 8, "IPSec"), 0);
	KUNIT_EXPECT_STREQ(test, section_of(test, 8), "IPsec_INT_0");
	KUNIT_EXPECT_EQ(test, client(test, 8)->num_static, 8);
	KUNIT_EXPECT_EQ(test, claim(test, 9, "SSL"), -EBUSY);
	KUNIT_EXPECT_EQ(test, claim(test, 9, "IPsec"), -EBUSY);
	KUNIT_EXPECT_EQ(test, claim(test, 9, "SLL"), -ENOENT);
	KUNIT_EXPECT_EQ(test, b->ep[0]->held, 8);

	release(b->client[3]);
	KUNIT_EXPECT_EQ(test, claim(test, 9, "ssl"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 9, "SSL"), -EALREADY);
}

/* USR-08: two spellings that differ in case only fit none that is not exact. */
static void usr_08_ambiguous_case(struct kunit *test)
{
	static const struct wanted w[] = {
		{ .name = "App", .processes = 1, .cy = 1 },
		{ .name = "APP", .processes = 1, .cy = 1 },
	};

	raise(test, 1, "c6xx", w, ARRAY_SIZE(w));
	KUNIT_EXPECT_EQ(test, claim(test, 0, "app"), -ENOENT);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_STREQ(test, section_of(test, 0), "APP_INT_0");
}

static void usr_no_endpoint_up(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), -ENODEV);
	add_endpoint(test, "c6xx");
	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), -ENODEV);
}

static void usr_no_process_configured(struct kunit *test)
{
	static const struct wanted w[] = { { .name = "SSL", .processes = 0, .cy = 1 } };

	raise(test, 1, "c6xx", w, ARRAY_SIZE(w));
	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), -ENOSPC);
}

/* USR-04, USR-05: M endpoints × N processes, limited and not. */
static void usr_04_usr_05_m_by_n(struct kunit *test)
{
	unsigned int m, n, limit, i, want;

	for (m = 1; m <= MAX_ENDPOINTS; m++) {
		for (n = 1; n <= 8; n += 7) {
			for (limit = 0; limit < 2; limit++) {
				struct wanted w = { "APP", n, limit, 2, 1 };
				struct bench *b = test->priv;

				raise(test, m, "c6xx", &w, 1);
				want = limit ? m * n : n;
				KUNIT_EXPECT_EQ(test, count_sections(), want);
				for (i = 0; i < want; i++) {
					KUNIT_EXPECT_EQ(test, claim(test, i, "APP"), 0);
					KUNIT_EXPECT_EQ(test, client(test, i)->num_static,
							limit ? 3 : 3 * m);
				}
				KUNIT_EXPECT_EQ(test, claim(test, want, "APP"), -EBUSY);
				for (i = 0; i < want; i++)
					release(b->client[i]);
				while (b->eps)
					qae_endpoint_remove(b->ep[--b->eps]);
			}
		}
	}
}

/* N differs by endpoint: process i sees the endpoints that count to it. */
static void usr_04_uneven_processes(struct kunit *test)
{
	static const struct wanted one = { "APP", 1, false, 1 };
	static const struct wanted two = { "APP", 2, false, 1 };

	raise(test, 1, "c6xx", &one, 1);
	raise(test, 1, "c6xx", &two, 1);
	KUNIT_EXPECT_EQ(test, count_sections(), 2);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "APP"), 0);
	KUNIT_EXPECT_EQ(test, client(test, 0)->num_static + client(test, 1)->num_static, 3);
}

/* DYN-16 and the choice of section: the least loaded endpoint first. */
static void usr_claims_spread(struct kunit *test)
{
	static const struct wanted w = { "APP", 4, true, 1 };
	struct bench *b = test->priv;
	unsigned int i;

	raise(test, 4, "c6xx", &w, 1);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, claim(test, i, "APP"), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, b->ep[i]->held, 2);
}

/* CFG-07: what does not fit is refused, and the endpoint stays down. */
static void cfg_07_too_many(struct kunit *test)
{
	static const struct wanted fits = { "APP", 16, true, 4 };
	static const struct wanted over[] = { { "APP", 16, true, 4 }, { .name = "DYN", .cy = 1 } };
	struct qae_endpoint *ep = add_endpoint(test, "c6xx");

	KUNIT_EXPECT_EQ(test, bring_up(test, ep, over, ARRAY_SIZE(over)), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ep->state, QAE_ENDPOINT_DOWN);
	KUNIT_EXPECT_EQ(test, count_sections(), 0);
	KUNIT_EXPECT_EQ(test, bring_up(test, ep, &fits, 1), 0);
	KUNIT_EXPECT_EQ(test, count_sections(), 16);
	mutex_lock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, qae_endpoint_ring_pairs_used(ep), 128);
	mutex_unlock(&qae_registry.lock);
}

static void dyn_01_to_08_pool(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned long id;
	void *inst;

	raise(test, 2, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 8);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_DC, QAE_ENDPOINT_ANY), 4);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, 1), 4);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, 7), 0);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 1), -ENOTCONN);

	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_CY, 7, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 9), -ENOSPC);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_CY, 0, 4), 0);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 1, QAE_SERVICE_CY, 0, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 1, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 5), -EBUSY);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 4);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 1, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 4), 0);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 0);

	/* Foreign, static, random and freed ids; then each one returns. */
	KUNIT_EXPECT_EQ(test, dyn_free_one(test, 0, 999), -ENOENT);
	xa_for_each(&b->client[0]->insts, id, inst) {
		bool is_static = ((struct qae_inst *)inst)->kind == QAE_INSTANCE_STATIC;

		KUNIT_EXPECT_EQ(test, dyn_free_one(test, 0, id), is_static ? -ENOENT : 0);
		KUNIT_EXPECT_EQ(test, dyn_free_one(test, 0, id), -ENOENT);
	}
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 4);
	/* DYN-02: what one freed another takes. */
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 1, QAE_SERVICE_CY, 0, 4), 0);
	release(b->client[1]);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 8);
}

/* DYN-11: every model has a pool, and no two instances share a ring pair. */
static void dyn_11_every_model(struct kunit *test)
{
	static const struct wanted w = { .name = "DYN", .cy = 1, .dc = 1 };
	const struct qae_model *model;
	struct bench *b = test->priv;
	size_t i;

	for (i = 0; (model = qae_model_at(i)); i++) {
		raise(test, 1, model->type, &w, 1);
		KUNIT_EXPECT_EQ(test, claim(test, 0, "DYN"), 0);
		KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 1), 0);
		KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_DC, QAE_ENDPOINT_ANY, 1), 0);
		release(b->client[0]);
		qae_endpoint_remove(b->ep[--b->eps]);
	}
}

/* CFG-10: a reload keeps what is held and unchanged, holders included. */
static void cfg_10_reload_keeps(struct kunit *test)
{
	struct bench *b = test->priv;
	struct qae_section *before;

	raise(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "IPsec"), 0);
	before = client(test, 0)->section;
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], documented_dyn, 3), 0);
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[1], documented_dyn, 3), 0);
	KUNIT_EXPECT_EQ(test, count_sections(), 9);
	KUNIT_EXPECT_PTR_EQ(test, client(test, 0)->section, before);
	KUNIT_EXPECT_FALSE(test, before->retired);
	KUNIT_EXPECT_EQ(test, client(test, 1)->num_static, 8);
}

/* CFG-10: a held section whose configuration changed leaves with its holder. */
static void cfg_10_reload_retires(struct kunit *test)
{
	static const struct wanted old = { "APP", 2, true, 2 };
	static const struct wanted new = { "APP", 2, true, 3 };
	struct bench *b = test->priv;

	raise(test, 1, "c6xx", &old, 1);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], &new, 1), 0);
	KUNIT_EXPECT_TRUE(test, client(test, 0)->section->retired);
	KUNIT_EXPECT_EQ(test, client(test, 0)->num_static, 2);
	KUNIT_EXPECT_EQ(test, count_sections(), 3);

	KUNIT_EXPECT_EQ(test, claim(test, 1, "APP"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 2, "APP"), 0);
	KUNIT_EXPECT_EQ(test, client(test, 1)->num_static, 3);
	KUNIT_EXPECT_EQ(test, claim(test, 3, "APP"), -EBUSY);
	release(b->client[0]);
	KUNIT_EXPECT_EQ(test, count_sections(), 2);
	KUNIT_EXPECT_EQ(test, claim(test, 3, "APP"), -EBUSY);
}

/* A reload that does not fit beside what is held changes nothing. */
static void cfg_10_reload_refused(struct kunit *test)
{
	static const struct wanted full = { "APP", 16, true, 4 };
	static const struct wanted other = { "SSL", 16, true, 4 };
	struct bench *b = test->priv;
	u32 generation;

	raise(test, 1, "c6xx", &full, 1);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "APP"), 0);
	generation = b->ep[0]->generation;
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], &other, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, b->ep[0]->generation, generation);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "APP"), 0);
	release(b->client[0]);
	release(b->client[1]);
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], &other, 1), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "APP"), -ENOENT);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), 0);
}

/* A pool that shrinks below what is held shrinks as that returns. */
static void cfg_10_reload_shrinks_pool(struct kunit *test)
{
	static const struct wanted four = { .name = "DYN", .cy = 4 };
	static const struct wanted one = { .name = "DYN", .cy = 1 };
	struct bench *b = test->priv;

	raise(test, 1, "c6xx", &four, 1);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "DYN"), 0);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 3), 0);
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], &one, 1), 0);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 0);
	KUNIT_EXPECT_EQ(test, client(test, 0)->num_dyn[QAE_SERVICE_CY], 3);
	release(b->client[0]);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 1);
	mutex_lock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, qae_endpoint_ring_pairs_used(b->ep[0]), 2);
	mutex_unlock(&qae_registry.lock);
}

static const char *name_of(struct kunit *test, unsigned int i)
{
	unsigned long id = 0;
	struct qae_inst *inst = xa_find(&client(test, i)->insts, &id, ULONG_MAX, XA_PRESENT);

	return inst ? inst->name : "";
}

static u32 count_pool(const struct qae_endpoint *ep, const char *name)
{
	struct qae_inst *inst;
	u32 n = 0;

	mutex_lock(&qae_registry.lock);
	list_for_each_entry(inst, &ep->dyn[QAE_SERVICE_CY].insts, link)
		n += !strcmp(inst->name, name);
	mutex_unlock(&qae_registry.lock);
	return n;
}

/* Held dynamic instances are known again by what they are, not by their number. */
static void cfg_10_reload_adopts_by_identity(struct kunit *test)
{
	static const struct wanted four = { .name = "DYN", .cy = 4 };
	struct bench *b = test->priv;
	unsigned int i;
	char name[8];

	raise(test, 1, "c6xx", &four, 1);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "DYN"), 0);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 2), 0);
	KUNIT_EXPECT_STREQ(test, name_of(test, 0), "DYN0");
	KUNIT_EXPECT_EQ(test, dyn_free_one(test, 0, 1), 0);
	KUNIT_EXPECT_STREQ(test, name_of(test, 0), "DYN1");
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], &four, 1), 0);
	for (i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "DYN%u", i);
		KUNIT_EXPECT_EQ(test, count_pool(b->ep[0], name), 1);
	}
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 3);
}

/* Who keeps only the dead keeps nobody else waiting. */
static void cfg_10_reload_of_a_spanning_section(struct kunit *test)
{
	static const struct wanted old = { "IPsec", 1, false, 2 };
	static const struct wanted new = { "IPsec", 1, false, 3 };
	struct bench *b = test->priv;

	raise(test, 2, "c6xx", &old, 1);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], &new, 1), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "IPsec"), -EBUSY);
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[1], &new, 1), 0);
	KUNIT_EXPECT_TRUE(test, client(test, 0)->section->retired);
	KUNIT_EXPECT_EQ(test, client(test, 0)->num_static, 4);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, client(test, 1)->num_static, 6);
	KUNIT_EXPECT_EQ(test, claim(test, 2, "IPsec"), -EBUSY);
	release(b->client[0]);
	KUNIT_EXPECT_EQ(test, count_sections(), 1);
}

/* The last section of a service may leave the file while it is held. */
static void cfg_10_reload_drops_a_service(struct kunit *test)
{
	static const struct wanted both[] = {
		{ "SSL", 1, true, 1 }, { .name = "DYN", .dc = 2 },
	};
	static const struct wanted dc = { .name = "DYN", .dc = 2 };
	struct bench *b = test->priv;

	raise(test, 1, "c6xx", both, ARRAY_SIZE(both));
	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 0, QAE_SERVICE_DC, QAE_ENDPOINT_ANY, 1), 0);
	KUNIT_EXPECT_EQ(test, reload(test, b->ep[0], &dc, 1), 0);
	KUNIT_EXPECT_TRUE(test, client(test, 0)->section->retired);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "SSL"), -ENOENT);
	release(b->client[0]);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_DC, QAE_ENDPOINT_ANY), 2);
}

static void cfg_generation_is_checked(struct kunit *test)
{
	struct bench *b = test->priv;
	struct qae_config *config;
	const char *reason;
	u32 stale;

	raise(test, 1, "c6xx", documented, ARRAY_SIZE(documented));
	stale = b->ep[0]->generation - 1;
	config = make_config(test, documented, ARRAY_SIZE(documented));
	KUNIT_EXPECT_EQ(test, qae_endpoint_reload(0, &stale, &config, &reason), -ESTALE);
	stale++;
	KUNIT_EXPECT_EQ(test, qae_endpoint_reload(0, &stale, &config, &reason), 0);
	KUNIT_EXPECT_NULL(test, config);
}

static void endpoint_down_refused_while_held(struct kunit *test)
{
	static const struct wanted empty = { "APP", 1, true, 0, 0 };
	struct bench *b = test->priv;
	const char *reason;

	raise(test, 1, "c6xx", &empty, 1);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(0, &reason), -EBUSY);
	release(b->client[0]);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(0, &reason), 0);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(0, &reason), -EALREADY);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(9, &reason), -ENODEV);
	KUNIT_EXPECT_EQ(test, count_sections(), 0);
}

/* Removal under holders: what they have is dead but theirs; the rest goes on. */
static void endpoint_removed_while_held(struct kunit *test)
{
	struct bench *b = test->priv;
	struct qae_endpoint *ep;

	raise(test, 2, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 2, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, dyn_alloc(test, 2, QAE_SERVICE_CY, 0, 2), 0);
	ep = b->ep[0];
	b->ep[0] = NULL;
	qae_endpoint_remove(ep);

	KUNIT_EXPECT_EQ(test, client(test, 2)->num_static, 8);
	KUNIT_EXPECT_EQ(test, client(test, 2)->num_dyn[QAE_SERVICE_CY], 2);
	KUNIT_EXPECT_EQ(test, dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 4);
	release(b->client[2]);
	KUNIT_EXPECT_EQ(test, claim(test, 2, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, client(test, 2)->num_static, 4);
	release(b->client[0]);
	release(b->client[1]);
	KUNIT_EXPECT_EQ(test, count_sections(), 5);

	/* The id is free again, and the sections come back under their names. */
	raise(test, 1, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, b->ep[b->eps - 1]->id, 0);
	KUNIT_EXPECT_EQ(test, count_sections(), 9);
	/* The holder has what it claimed; what joined later waits for the next one. */
	KUNIT_EXPECT_EQ(test, client(test, 2)->num_static, 4);
	release(b->client[2]);
	KUNIT_EXPECT_EQ(test, claim(test, 2, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, client(test, 2)->num_static, 8);
}

static void claim_reports_the_size_needed(struct kunit *test)
{
	struct qae_client *c = client(test, 0);
	u32 count;

	raise(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	mutex_lock(&c->session);
	KUNIT_EXPECT_EQ(test, qae_section_claim(c, "IPsec", 7, &count), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, count, 8);
	KUNIT_EXPECT_FALSE(test, c->started);
	KUNIT_EXPECT_EQ(test, qae_section_claim(c, "IPsec", 8, &count), 0);
	mutex_unlock(&c->session);
}

/* USR-12: waiting ends, and says that it was the wait. */
static void usr_12_wait_times_out(struct kunit *test)
{
	static const struct wanted w = { "APP", 1, true, 1, 0, 30 };

	raise(test, 1, "c6xx", &w, 1);
	KUNIT_EXPECT_EQ(test, claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, claim(test, 1, "APP"), -ETIMEDOUT);
}

static void endpoint_numbers(struct kunit *test)
{
	struct bench *b = test->priv;

	add_endpoint(test, "c6xx");
	add_endpoint(test, "4xxx");
	add_endpoint(test, "c6xx");
	KUNIT_EXPECT_EQ(test, b->ep[2]->id, 2);
	KUNIT_EXPECT_EQ(test, b->ep[1]->index, 0);
	KUNIT_EXPECT_EQ(test, b->ep[2]->index, 1);
	qae_endpoint_remove(b->ep[0]);
	b->ep[0] = NULL;
	add_endpoint(test, "c6xx");
	KUNIT_EXPECT_EQ(test, b->ep[3]->id, 0);
	KUNIT_EXPECT_EQ(test, b->ep[3]->index, 0);
}

static struct kunit_case section_cases[] = {
	KUNIT_CASE(cfg_02_documented_sections),
	KUNIT_CASE(cfg_04_nine_claims),
	KUNIT_CASE(usr_08_ambiguous_case),
	KUNIT_CASE(usr_no_endpoint_up),
	KUNIT_CASE(usr_no_process_configured),
	KUNIT_CASE(usr_04_usr_05_m_by_n),
	KUNIT_CASE(usr_04_uneven_processes),
	KUNIT_CASE(usr_claims_spread),
	KUNIT_CASE(cfg_07_too_many),
	KUNIT_CASE(dyn_01_to_08_pool),
	KUNIT_CASE(dyn_11_every_model),
	KUNIT_CASE(cfg_10_reload_keeps),
	KUNIT_CASE(cfg_10_reload_retires),
	KUNIT_CASE(cfg_10_reload_refused),
	KUNIT_CASE(cfg_10_reload_shrinks_pool),
	KUNIT_CASE(cfg_10_reload_adopts_by_identity),
	KUNIT_CASE(cfg_10_reload_of_a_spanning_section),
	KUNIT_CASE(cfg_10_reload_drops_a_service),
	KUNIT_CASE(cfg_generation_is_checked),
	KUNIT_CASE(endpoint_down_refused_while_held),
	KUNIT_CASE(endpoint_removed_while_held),
	KUNIT_CASE(claim_reports_the_size_needed),
	KUNIT_CASE(usr_12_wait_times_out),
	KUNIT_CASE(endpoint_numbers),
	{ }
};

struct kunit_suite qae_section_suite = {
	.name = "qae_section",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = section_cases,
};
