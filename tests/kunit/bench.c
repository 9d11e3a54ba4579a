// SPDX-License-Identifier: GPL-2.0-only
/* The bench: see bench.h. */
#include <linux/slab.h>

#include "bench.h"
#include "client.h"
#include "model/model.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"

const struct wanted bench_documented[2] = {
	{ .name = "SSL", .processes = 4, .limit_dev = true, .cy = 1 },
	{ .name = "IPsec", .processes = 1, .cy = 4 },
};

const struct wanted bench_documented_dyn[3] = {
	{ .name = "SSL", .processes = 4, .limit_dev = true, .cy = 1 },
	{ .name = "IPsec", .processes = 1, .cy = 4 },
	{ .name = "DYN", .cy = 4, .dc = 2 },
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

struct qae_config *bench_make_config(struct kunit *test, const struct wanted *w, u32 n)
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

int bench_bring_up(struct kunit *test, struct qae_endpoint *ep, const struct wanted *w, u32 n)
{
	struct qae_config *config = bench_make_config(test, w, n);
	const char *reason = "";
	int err = qae_endpoint_up(ep->id, &config, &reason);

	/* Taken over on success only. */
	KUNIT_EXPECT_EQ(test, !config, !err);
	qae_config_free(config);
	return err;
}

int bench_reload(struct kunit *test, struct qae_endpoint *ep, const struct wanted *w, u32 n)
{
	struct qae_config *config = bench_make_config(test, w, n);
	const char *reason = "";
	int err = qae_endpoint_reload(ep->id, NULL, &config, &reason);

	qae_config_free(config);
	return err;
}

struct qae_endpoint *bench_add_endpoint(struct kunit *test, const char *type)
{
	struct bench *b = test->priv;
	struct qae_endpoint *ep = qae_endpoint_add(NULL, qae_model_by_type(type));

	KUNIT_ASSERT_NOT_NULL(test, ep);
	b->ep[b->eps++] = ep;
	return ep;
}

/* Endpoints of one type, each with the same configuration, all up. */
void bench_raise(struct kunit *test, unsigned int endpoints, const char *type,
		 const struct wanted *w, u32 n)
{
	while (endpoints--)
		KUNIT_ASSERT_EQ(test, 0,
				bench_bring_up(test, bench_add_endpoint(test, type), w, n));
}

struct qae_client *bench_client(struct kunit *test, unsigned int i)
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

int bench_claim(struct kunit *test, unsigned int i, const char *name)
{
	struct qae_client *c = bench_client(test, i);
	u32 count;
	int err;

	mutex_lock(&c->session);
	err = qae_section_claim(c, name, 4096, &count);
	mutex_unlock(&c->session);
	return err;
}

void bench_release(struct qae_client *c)
{
	mutex_lock(&qae_registry.lock);
	qae_section_release(c);
	mutex_unlock(&qae_registry.lock);
}

const char *bench_section_of(struct kunit *test, unsigned int i)
{
	return bench_client(test, i)->section ? bench_client(test, i)->section->name : "";
}

int bench_dyn_alloc(struct kunit *test, unsigned int i, enum qae_service service, u32 endpoint,
		    u32 count)
{
	struct qae_inst **insts = NULL;
	int err;

	mutex_lock(&qae_registry.lock);
	err = qae_dyn_alloc(bench_client(test, i), service, endpoint, count, &insts);
	mutex_unlock(&qae_registry.lock);
	kvfree(insts);
	return err;
}

int bench_dyn_free(struct kunit *test, unsigned int i, u32 id)
{
	int err;

	mutex_lock(&qae_registry.lock);
	err = qae_dyn_free(bench_client(test, i), id);
	mutex_unlock(&qae_registry.lock);
	return err;
}

u32 bench_dyn_available(enum qae_service service, u32 endpoint)
{
	u32 available, total;

	mutex_lock(&qae_registry.lock);
	qae_dyn_count(service, endpoint, &available, &total);
	mutex_unlock(&qae_registry.lock);
	return available;
}

u32 bench_count_sections(void)
{
	struct qae_section *section;
	u32 n = 0;

	mutex_lock(&qae_registry.lock);
	list_for_each_entry(section, &qae_registry.sections, link)
		n++;
	mutex_unlock(&qae_registry.lock);
	return n;
}

int bench_init(struct kunit *test)
{
	if (!list_empty(&qae_registry.endpoints)) {
		kunit_err(test, "endpoints are bound; run without qae_sim\n");
		return -EBUSY;
	}
	test->priv = kunit_kzalloc(test, sizeof(struct bench), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

/* Whatever a test leaves must come apart without residue. */
void bench_exit(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int i;

	/* 6.1 comes here although init failed. */
	if (!b)
		return;
	for (i = 0; i < MAX_CLIENTS; i++) {
		if (!b->client[i])
			continue;
		bench_release(b->client[i]);
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
