// SPDX-License-Identifier: GPL-2.0-only
/* The fixture: see fixture.h. */
#include <linux/slab.h>

#include "fixture.h"
#include "client.h"
#include "model/model.h"
#include "session/claim.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "session/watch.h"

const struct section_spec documented[2] = {
	{ .name = "SSL", .processes = 4, .limit_dev = true, .cy = 1 },
	{ .name = "IPsec", .processes = 1, .cy = 4 },
};

const struct section_spec documented_dyn[3] = {
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

static void fill_section(struct kunit *test, struct qae_config_section *cs,
			 const struct section_spec *w)
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

struct qae_config *fixture_make_config(struct kunit *test, const struct section_spec *w, u32 n)
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

int fixture_up(struct kunit *test, struct qae_endpoint *ep, const struct section_spec *w, u32 n)
{
	struct qae_config *config = fixture_make_config(test, w, n);
	const char *reason = "";
	int err = qae_endpoint_up(ep->id, &config, &reason);

	/* The endpoint takes the configuration over on success only. */
	KUNIT_EXPECT_EQ(test, !config, !err);
	qae_config_free(config);
	return err;
}

int fixture_reload(struct kunit *test, struct qae_endpoint *ep, const struct section_spec *w, u32 n)
{
	struct qae_config *config = fixture_make_config(test, w, n);
	const char *reason = "";
	int err = qae_endpoint_reload(ep->id, NULL, &config, &reason);

	qae_config_free(config);
	return err;
}

static int fake_check_reach(const struct qae_endpoint *endpoint, const char **reason)
{
	const struct fixture *f = endpoint->bus;

	if (f->bus.on_check_reach)
		f->bus.on_check_reach(endpoint);
	*reason = "the test says so";
	return f->bus.reach;
}

static bool fake_check_range(const struct qae_endpoint *endpoint, struct page *pages, size_t size)
{
	const struct fixture *f = endpoint->bus;

	return !f->bus.short_reach;
}

static enum qae_addresses fake_addresses(const struct qae_endpoint *endpoint)
{
	return QAE_ADDRESSES_PHYSICAL;
}

static void fake_quiesce(struct qae_instance_obj *inst)
{
	struct fixture *f = inst->endpoint->bus;

	f->bus.quiesced++;
	if (f->bus.on_quiesce)
		f->bus.on_quiesce(f->test, inst);
}

static void fake_came_back(const struct qae_endpoint *endpoint)
{
}

static const struct qae_endpoint_ops fake_ops = {
	.check_reach = fake_check_reach,
	.check_range = fake_check_range,
	.addresses = fake_addresses,
	.quiesce = fake_quiesce,
	.came_back = fake_came_back,
};

struct qae_endpoint *fixture_add_endpoint(struct kunit *test, const char *type)
{
	struct fixture *f = test->priv;
	static const struct qae_endpoint_place place = { .node = NUMA_NO_NODE };
	struct qae_endpoint *ep = qae_endpoint_add(qae_model_by_type(type), &fake_ops, f, &place);

	KUNIT_ASSERT_NOT_NULL(test, ep);
	f->ep[f->eps++] = ep;
	return ep;
}

/* Add endpoints of one type and bring them up with the same configuration. */
void fixture_set_up(struct kunit *test, unsigned int endpoints, const char *type,
		    const struct section_spec *w, u32 n)
{
	while (endpoints--)
		KUNIT_ASSERT_EQ(test, 0,
				fixture_up(test, fixture_add_endpoint(test, type), w, n));
}

struct qae_client *fixture_client(struct kunit *test, unsigned int i)
{
	struct fixture *f = test->priv;

	if (!f->client[i]) {
		struct qae_client *c = kzalloc(sizeof(*c), GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, c);
		mutex_init(&c->session);
		qae_watch_init(&c->watch);
		xa_init_flags(&c->insts, XA_FLAGS_ALLOC1);
		f->client[i] = c;
	}
	return f->client[i];
}

int fixture_claim(struct kunit *test, unsigned int i, const char *name)
{
	struct qae_claim claim;
	u64 deadline = 0;
	int err;

	err = qae_claim_begin(&claim, fixture_client(test, i), name, 4096, &deadline);
	if (!err)
		qae_claim_commit(&claim);
	return err;
}

void fixture_release(struct qae_client *c)
{
	qae_section_release(c);
}

const char *fixture_section_of(struct kunit *test, unsigned int i)
{
	return fixture_client(test, i)->section ? fixture_client(test, i)->section->name : "";
}

int fixture_dyn_alloc(struct kunit *test, unsigned int i, enum qae_service service, u32 endpoint,
		      u32 count)
{
	struct qae_instance *infos = NULL;
	int err = qae_dyn_alloc(fixture_client(test, i), service, endpoint, count, &infos);

	kvfree(infos);
	return err;
}

int fixture_dyn_free(struct kunit *test, unsigned int i, u32 id)
{
	u32 freed;

	spin_lock(&qae_registry.lock);
	freed = qae_dyn_free(fixture_client(test, i), &id, 1);
	spin_unlock(&qae_registry.lock);
	return freed ? 0 : -ENOENT;
}

u32 fixture_dyn_available(enum qae_service service, u32 endpoint)
{
	u32 available, total;

	spin_lock(&qae_registry.lock);
	qae_dyn_count(service, endpoint, &available, &total);
	spin_unlock(&qae_registry.lock);
	return available;
}

u32 fixture_count_sections(void)
{
	struct qae_section *section;
	u32 n = 0;

	spin_lock(&qae_registry.lock);
	list_for_each_entry(section, &qae_registry.sections, link)
		n++;
	spin_unlock(&qae_registry.lock);
	return n;
}

int fixture_init(struct kunit *test)
{
	struct fixture *f;

	if (!list_empty(&qae_registry.endpoints)) {
		kunit_err(test, "endpoints are bound; run without qae_sim\n");
		return -EBUSY;
	}
	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->test = test;
	test->priv = f;
	return 0;
}

/* Tear down whatever the test left, and check that nothing remains. */
void fixture_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i;

	/* Linux 6.1 calls exit even if init failed. */
	if (!f)
		return;
	for (i = 0; i < MAX_CLIENTS; i++) {
		if (!f->client[i])
			continue;
		fixture_release(f->client[i]);
		KUNIT_EXPECT_TRUE(test, xa_empty(&f->client[i]->insts));
		KUNIT_EXPECT_EQ(test, f->client[i]->num_static, 0);
		qae_watch_destroy(&f->client[i]->watch);
		kfree(f->client[i]);
	}
	for (i = 0; i < f->eps; i++) {
		if (!f->ep[i])
			continue;
		KUNIT_EXPECT_EQ(test, f->ep[i]->held, 0);
		qae_endpoint_remove(f->ep[i]);
	}
	KUNIT_EXPECT_TRUE(test, list_empty(&qae_registry.endpoints));
	KUNIT_EXPECT_TRUE(test, list_empty(&qae_registry.sections));
	KUNIT_EXPECT_EQ(test, qae_registry.num_sections, 0U);
	KUNIT_EXPECT_EQ(test, qae_registry.num_unused, 0U);
	KUNIT_EXPECT_TRUE(test, xa_empty(&qae_registry.endpoint_ids));
	KUNIT_EXPECT_TRUE(test, xa_empty(&qae_registry.section_ids));
	KUNIT_EXPECT_TRUE(test, xa_empty(&qae_registry.instance_ids));
}
