// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configurations as data: what is refused, the largest values that are accepted,
 * how many instances are requested, and whether they fit. CFG-03, CFG-05,
 * CFG-07, CFG-08, DYN-01, USR-12.
 */
#include <kunit/test.h>

#include <linux/slab.h>
#include <linux/string.h>

#include "model/layout.h"
#include "model/model.h"
#include "session/config.h"
#include "suites.h"

static const char unset[] = "unset";

static int measure(const struct qae_config *config, const struct qae_model *model,
		   struct qae_layout *layout, const char **reason)
{
	static const u32 nothing_held[__QAE_SERVICE_COUNT];

	return qae_config_fits(config, model, nothing_held, layout, reason);
}

static struct qae_config *make_config(struct kunit *test, u32 num_sections)
{
	struct qae_config *config = qae_config_alloc(num_sections);

	KUNIT_ASSERT_NOT_NULL(test, config);
	/* The suite's exit frees it, even if an assertion ends the test. */
	qae_config_free(test->priv);
	test->priv = config;
	return config;
}

/* All parameters of a case share one struct kunit, including its priv pointer. */
static void config_test_exit(struct kunit *test)
{
	qae_config_free(test->priv);
	test->priv = NULL;
}

static void fill(struct kunit *test, struct qae_config_section *section, const char *name,
		 u32 processes, u32 cy, u32 dc)
{
	u32 i;

	strscpy(section->name, name, sizeof(section->name));
	section->kind = !strcmp(name, "DYN") ? QAE_INSTANCE_DYN :
			!strcmp(name, "KERNEL") ? QAE_INSTANCE_KERNEL : QAE_INSTANCE_STATIC;
	section->processes = processes;
	section->count[QAE_SERVICE_CY] = cy;
	section->count[QAE_SERVICE_DC] = dc;
	KUNIT_ASSERT_EQ(test, qae_config_section_alloc(section, cy + dc), 0);
	for (i = 0; i < cy + dc; i++) {
		struct qae_config_instance *instance = &section->instances[i];

		instance->service = i < cy ? QAE_SERVICE_CY : QAE_SERVICE_DC;
		instance->poll_mode = QAE_POLL_POLLED;
		snprintf(instance->name, sizeof(instance->name), "%s%u", name, i);
	}
}

/* A valid configuration with one section of every kind and a second user section. */
static struct qae_config *make_valid(struct kunit *test)
{
	struct qae_config *config = make_config(test, 4);

	fill(test, &config->sections[0], "KERNEL", 1, 1, 1);
	fill(test, &config->sections[1], "SSL", 4, 2, 1);
	fill(test, &config->sections[2], "DYN", 1, 3, 2);
	fill(test, &config->sections[3], "IPsec", 1, 1, 0);
	return config;
}

static void give_cores(struct kunit *test, struct qae_config_instance *instance, u16 count,
		       u16 core)
{
	u16 i;

	instance->cores = kmalloc_array(count, sizeof(*instance->cores), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, instance->cores);
	instance->num_cores = count;
	for (i = 0; i < count; i++)
		instance->cores[i] = core;
}

static void spoil_services(struct kunit *test, struct qae_config *config)
{
	config->services = QAE_SVC_ALL + 1;
}

static void spoil_empty_name(struct kunit *test, struct qae_config *config)
{
	config->sections[1].name[0] = '\0';
}

static void spoil_unterminated_name(struct kunit *test, struct qae_config *config)
{
	memset(config->sections[1].name, 'a', QAE_NAME_SIZE);
}

static void spoil_line_in_name(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[1].name, "SSL\n[DYN]", QAE_NAME_SIZE);
}

static void spoil_escape_in_name(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[1].name, "SSL\x1b[2J", QAE_NAME_SIZE);
}

static void spoil_delete_in_name(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[1].name, "SSL\x7f", QAE_NAME_SIZE);
}

static void spoil_slash_in_name(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[1].name, "../SSL", QAE_NAME_SIZE);
}

static void spoil_device_in_name(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[1].name, "SSL_DEV10", QAE_NAME_SIZE);
}

static void spoil_general(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[1].name, "GENERAL", QAE_NAME_SIZE);
}

static void spoil_same_name(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[3].name, "SSL", QAE_NAME_SIZE);
}

static void spoil_two_dyn(struct kunit *test, struct qae_config *config)
{
	config->sections[3].kind = QAE_INSTANCE_DYN;
}

static void spoil_two_kernel(struct kunit *test, struct qae_config *config)
{
	config->sections[3].kind = QAE_INSTANCE_KERNEL;
}

static void spoil_processes(struct kunit *test, struct qae_config *config)
{
	config->sections[1].processes = QAE_MAX_PROCESSES + 1;
}

static void spoil_many_processes(struct kunit *test, struct qae_config *config)
{
	config->sections[1].processes = 1u << 31;
}

static void spoil_wait(struct kunit *test, struct qae_config *config)
{
	config->sections[1].wait_ms = QAE_MAX_WAIT_MS + 1;
}

static void spoil_dyn_processes(struct kunit *test, struct qae_config *config)
{
	config->sections[2].processes = 2;
}

static void spoil_dyn_limit(struct kunit *test, struct qae_config *config)
{
	config->sections[2].limit_dev = true;
}

static void spoil_kernel_wait(struct kunit *test, struct qae_config *config)
{
	config->sections[0].wait_ms = 1;
}

static void spoil_count(struct kunit *test, struct qae_config *config)
{
	config->sections[1].count[QAE_SERVICE_DC]++;
}

static void spoil_service(struct kunit *test, struct qae_config *config)
{
	config->sections[1].instances[2].service = __QAE_SERVICE_COUNT;
}

static void spoil_poll(struct kunit *test, struct qae_config *config)
{
	config->sections[1].instances[0].poll_mode = QAE_POLL_EPOLL + 1;
}

static void spoil_instance_name(struct kunit *test, struct qae_config *config)
{
	config->sections[1].instances[1].name[0] = '\0';
}

static void spoil_instance_tab(struct kunit *test, struct qae_config *config)
{
	strscpy(config->sections[2].instances[4].name, "a\tb", QAE_NAME_SIZE);
}

static void spoil_core(struct kunit *test, struct qae_config *config)
{
	give_cores(test, &config->sections[3].instances[0], 3, 0);
	config->sections[3].instances[0].cores[2] = QAE_MAX_CORES;
}

static void spoil_core_list(struct kunit *test, struct qae_config *config)
{
	give_cores(test, &config->sections[3].instances[0], QAE_MAX_CORE_LIST + 1, 0);
}

static void spoil_instances(struct kunit *test, struct qae_config *config)
{
	kfree(config->sections[1].instances);
	fill(test, &config->sections[1], "SSL", 1, 0, QAE_MAX_INSTANCES + 1);
}

/**
 * struct spoiled - one kind of invalid configuration
 * @what: name of the case
 * @spoil: makes a valid configuration invalid in this way only
 * @word: text that the reason must contain
 */
struct spoiled {
	const char *what;
	void (*spoil)(struct kunit *test, struct qae_config *config);
	const char *word;
};

static const struct spoiled spoiled[] = {
	{ "unknown service", spoil_services, "ServicesEnabled" },
	{ "empty section name", spoil_empty_name, "section name" },
	{ "section name without end", spoil_unterminated_name, "section name" },
	{ "line feed in section name", spoil_line_in_name, "section name" },
	{ "escape in section name", spoil_escape_in_name, "section name" },
	{ "delete in section name", spoil_delete_in_name, "section name" },
	{ "slash in section name", spoil_slash_in_name, "section name" },
	{ "section name like a device's", spoil_device_in_name, "_DEV" },
	{ "section GENERAL", spoil_general, "GENERAL" },
	{ "two sections of one name", spoil_same_name, "same name" },
	{ "two DYN sections", spoil_two_dyn, "only one" },
	{ "two KERNEL sections", spoil_two_kernel, "only one" },
	{ "1025 processes", spoil_processes, "NumProcesses" },
	{ "2^31 processes", spoil_many_processes, "NumProcesses" },
	{ "wait of more than an hour", spoil_wait, "OnBusy" },
	{ "processes of DYN", spoil_dyn_processes, "NumProcesses" },
	{ "device limit of DYN", spoil_dyn_limit, "LimitDevAccess" },
	{ "wait of KERNEL", spoil_kernel_wait, "OnBusy" },
	{ "count of other instances", spoil_count, "count" },
	{ "unknown kind of instance", spoil_service, "neither" },
	{ "unknown poll mode", spoil_poll, "IsPolled" },
	{ "empty instance name", spoil_instance_name, "instance name" },
	{ "tab in instance name", spoil_instance_tab, "instance name" },
	{ "core 4096", spoil_core, "CoreAffinity" },
	{ "129 cores", spoil_core_list, "CoreAffinity" },
	{ "129 instances", spoil_instances, "128 instances" },
};

static void spoiled_desc(const struct spoiled *row, char *desc)
{
	strscpy(desc, row->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(spoiled, spoiled, spoiled_desc);

static void wrong_configuration_is_refused(struct kunit *test)
{
	const struct spoiled *row = test->param_value;
	struct qae_config *config = make_valid(test);
	const char *reason = unset;

	KUNIT_ASSERT_EQ(test, qae_config_check(config, &reason), 0);
	KUNIT_ASSERT_PTR_EQ(test, reason, (const char *)unset);

	row->spoil(test, config);
	KUNIT_EXPECT_EQ(test, qae_config_check(config, &reason), -EINVAL);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(reason, row->word), "the reason is: %s", reason);
}

static void last_valid_values_are_accepted(struct kunit *test)
{
	struct qae_config *config = make_valid(test);
	struct qae_config_section *section = &config->sections[1];
	const char *reason = unset;

	config->services = QAE_SVC_ALL;
	section->processes = QAE_MAX_PROCESSES;
	section->wait_ms = QAE_MAX_WAIT_MS;
	section->limit_dev = true;
	memset(section->name, 'a', QAE_NAME_SIZE - 1);
	memset(section->instances[0].name, '\xc3', QAE_NAME_SIZE - 1);
	section->instances[0].poll_mode = QAE_POLL_EPOLL;
	give_cores(test, &section->instances[0], QAE_MAX_CORE_LIST, QAE_MAX_CORES - 1);
	config->sections[3].processes = 0;

	KUNIT_EXPECT_EQ_MSG(test, qae_config_check(config, &reason), 0, "%s", reason);
}

/* Names are case-sensitive: only exact upper case is special. */
static void names_differ_by_case(struct kunit *test)
{
	struct qae_config *config = make_config(test, 3);
	const char *reason = unset;

	fill(test, &config->sections[0], "DYN", 1, 1, 0);
	fill(test, &config->sections[1], "Dyn", 7, 1, 0);
	fill(test, &config->sections[2], "General_DEV", 2, 1, 0);
	KUNIT_EXPECT_EQ_MSG(test, qae_config_check(config, &reason), 0, "%s", reason);
	KUNIT_EXPECT_EQ(test, qae_config_total(config, QAE_SERVICE_CY), 10ULL);
}

static struct qae_config *make_sections(struct kunit *test, u32 count, u32 processes, u32 each)
{
	struct qae_config *config = make_config(test, count);
	char name[QAE_NAME_SIZE];
	u32 i;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "S%u", i);
		fill(test, &config->sections[i], name, processes, each, each);
	}
	return config;
}

static void sections_are_limited(struct kunit *test)
{
	const char *reason = unset;

	KUNIT_EXPECT_EQ_MSG(test,
			    qae_config_check(make_sections(test, QAE_MAX_SECTIONS, 1, 1), &reason),
			    0, "%s", reason);
	KUNIT_EXPECT_EQ(test,
			qae_config_check(make_sections(test, QAE_MAX_SECTIONS + 1, 1, 1), &reason),
			-EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(reason, "64 sections"));
}

static void total_counts_every_process(struct kunit *test)
{
	struct qae_config *config = make_valid(test);

	/* KERNEL 1+1, SSL 4 × (2+1), DYN 3+2, IPsec 1 × 1 */
	KUNIT_EXPECT_EQ(test, qae_config_total(config, QAE_SERVICE_CY), 13ULL);
	KUNIT_EXPECT_EQ(test, qae_config_total(config, QAE_SERVICE_DC), 7ULL);
	config->sections[1].processes = 0;
	KUNIT_EXPECT_EQ(test, qae_config_total(config, QAE_SERVICE_CY), 5ULL);
	KUNIT_EXPECT_EQ(test, qae_config_total(config, QAE_SERVICE_DC), 3ULL);
}

/* Not even numbers that qae_config_check() would refuse wrap to a small total. */
static void total_does_not_wrap(struct kunit *test)
{
	const struct qae_model *model = qae_model_by_type("c6xx");
	struct qae_config *config = make_sections(test, 2, 1, 2);
	struct qae_layout layout;
	const char *reason = unset;

	config->sections[0].processes = 1u << 31;
	config->sections[1].processes = 1u << 31;
	KUNIT_EXPECT_EQ(test, qae_config_total(config, QAE_SERVICE_CY), 1ULL << 33);
	KUNIT_EXPECT_EQ(test, measure(config, model, &layout, &reason), -ENOSPC);
}

/**
 * struct fit - one configuration and whether it fits
 * @what: name of the case
 * @type: model
 * @services: ServicesEnabled
 * @cy: crypto instances
 * @dc: compression instances
 * @err: expected result
 * @word: text that the reason of a refusal must contain
 */
struct fit {
	const char *what;
	const char *type;
	u32 services;
	u32 cy;
	u32 dc;
	int err;
	const char *word;
};

static const struct fit fits[] = {
	{ "c6xx, all crypto", "c6xx", 0, 64, 0, 0, "" },
	{ "c6xx, one crypto too many", "c6xx", 0, 65, 0, -ENOSPC, "crypto" },
	{ "c6xx, all compression", "c6xx", 0, 0, 128, 0, "" },
	{ "c6xx, one compression too many", "c6xx", 0, 0, 129, -ENOSPC, "compression" },
	{ "c6xx, both full", "c6xx", 0, 32, 64, 0, "" },
	{ "c6xx, crypto beside one dc", "c6xx", 0, 33, 1, -ENOSPC, "crypto" },
	{ "c6xx, dc beside one crypto", "c6xx", 0, 1, 65, -ENOSPC, "compression" },
	{ "c6xx, sym only", "c6xx", QAE_SVC_SYM, 128, 0, 0, "" },
	{ "c6xx, sym only, too many", "c6xx", QAE_SVC_SYM, 129, 0, -ENOSPC, "crypto" },
	{ "c6xx, crypto not enabled", "c6xx", QAE_SVC_DC, 1, 0, -EINVAL, "crypto" },
	{ "c6xx, dc not enabled", "c6xx", QAE_SVC_SYM | QAE_SVC_ASYM, 1, 1, -EINVAL, "dc" },
	{ "4xxx, all crypto", "4xxx", 0, 32, 0, 0, "" },
	{ "4xxx, one crypto too many", "4xxx", 0, 33, 0, -ENOSPC, "crypto" },
	{ "4xxx, asym and dc", "4xxx", QAE_SVC_ASYM | QAE_SVC_DC, 32, 32, 0, "" },
	{ "4xxxvf, both", "4xxxvf", 0, 1, 2, 0, "" },
	{ "4xxxvf, two beside dc", "4xxxvf", 0, 2, 1, -ENOSPC, "crypto" },
	{ "nothing at all", "c6xx", 0, 0, 0, 0, "" },
};

static void fits_desc(const struct fit *row, char *desc)
{
	strscpy(desc, row->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(fits, fits, fits_desc);

static void configuration_fits_or_not(struct kunit *test)
{
	const struct fit *row = test->param_value;
	const struct qae_model *model = qae_model_by_type(row->type);
	struct qae_config *config = make_config(test, 1);
	struct qae_layout layout, before;
	const char *reason = unset;

	KUNIT_ASSERT_NOT_NULL(test, model);
	fill(test, &config->sections[0], "SSL", 1, row->cy, row->dc);
	config->services = row->services;
	memset(&layout, 0x5a, sizeof(layout));
	before = layout;

	KUNIT_EXPECT_EQ(test, measure(config, model, &layout, &reason), row->err);
	if (row->err) {
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(reason, row->word), "%s", reason);
		KUNIT_EXPECT_EQ(test, memcmp(&layout, &before, sizeof(layout)), 0);
	} else {
		KUNIT_EXPECT_PTR_EQ(test, reason, (const char *)unset);
		KUNIT_EXPECT_GE(test, layout.cy_capacity, row->cy);
		KUNIT_EXPECT_GE(test, layout.dc_capacity, row->dc);
	}
}

/* The pools and every process of every section share the endpoint's ring pairs. */
static void everything_counts_together(struct kunit *test)
{
	const struct qae_model *model = qae_model_by_type("c6xx");
	struct qae_config *config = make_config(test, 3);
	struct qae_layout layout;
	const char *reason = unset;

	fill(test, &config->sections[0], "KERNEL", 1, 8, 0);
	fill(test, &config->sections[1], "DYN", 1, 16, 0);
	fill(test, &config->sections[2], "SSL", 20, 2, 0);
	KUNIT_EXPECT_EQ(test, measure(config, model, &layout, &reason), 0);
	config->sections[2].processes = 21;
	KUNIT_EXPECT_EQ(test, measure(config, model, &layout, &reason), -ENOSPC);
	config->sections[2].processes = 0;
	KUNIT_EXPECT_EQ(test, measure(config, model, &layout, &reason), 0);
}

/* Held instances of a service keep its columns, even if no new one is requested. */
static void held_instances_keep_their_columns(struct kunit *test)
{
	const struct qae_model *model = qae_model_by_type("c6xx");
	u32 held[__QAE_SERVICE_COUNT] = { [QAE_SERVICE_DC] = 1 };
	struct qae_config *config = make_config(test, 1);
	struct qae_layout layout;
	const char *reason = unset;

	fill(test, &config->sections[0], "SSL", 32, 1, 0);
	KUNIT_EXPECT_EQ(test, qae_config_fits(config, model, held, &layout, &reason), 0);
	KUNIT_EXPECT_EQ(test, layout.cy_capacity, 32u);
	KUNIT_EXPECT_EQ(test, layout.dc_capacity, 64u);
	KUNIT_EXPECT_EQ(test, layout.services, (u32)QAE_SVC_ALL);

	config->sections[0].processes = 33;
	KUNIT_EXPECT_EQ(test, qae_config_fits(config, model, held, &layout, &reason), -ENOSPC);
	held[QAE_SERVICE_DC] = 0;
	KUNIT_EXPECT_EQ(test, qae_config_fits(config, model, held, &layout, &reason), 0);
	KUNIT_EXPECT_EQ(test, layout.dc_capacity, 0u);
}

static void empty_configuration_is_valid(struct kunit *test)
{
	struct qae_config *config = make_config(test, 0);
	const char *reason = unset;

	KUNIT_EXPECT_EQ(test, config->num_sections, 0u);
	KUNIT_EXPECT_EQ(test, qae_config_check(config, &reason), 0);
	KUNIT_EXPECT_EQ(test, qae_config_total(config, QAE_SERVICE_CY), 0ULL);
	qae_config_free(NULL);
}

/* As a parser leaves it behind on an error; the sanitizers check the free. */
static void half_built_configuration_is_freed(struct kunit *test)
{
	struct qae_config *config = make_config(test, 3);

	fill(test, &config->sections[0], "SSL", 1, 2, 0);
	give_cores(test, &config->sections[0].instances[1], 4, 1);
	KUNIT_ASSERT_EQ(test, qae_config_section_alloc(&config->sections[1], 0), 0);
	test->priv = NULL;
	qae_config_free(config);
}

static struct kunit_case config_cases[] = {
	KUNIT_CASE_PARAM(wrong_configuration_is_refused, spoiled_gen_params),
	KUNIT_CASE(last_valid_values_are_accepted),
	KUNIT_CASE(names_differ_by_case),
	KUNIT_CASE(sections_are_limited),
	KUNIT_CASE(total_counts_every_process),
	KUNIT_CASE(total_does_not_wrap),
	KUNIT_CASE_PARAM(configuration_fits_or_not, fits_gen_params),
	KUNIT_CASE(everything_counts_together),
	KUNIT_CASE(held_instances_keep_their_columns),
	KUNIT_CASE(empty_configuration_is_valid),
	KUNIT_CASE(half_built_configuration_is_freed),
	{}
};

struct kunit_suite qae_config_suite = {
	.name = "qae_config",
	.exit = config_test_exit,
	.test_cases = config_cases,
};
