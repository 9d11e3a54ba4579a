// SPDX-License-Identifier: GPL-2.0-only
/*
 * The configuration of one endpoint as data: allocate, check, measure, free.
 *
 * This file uses no lock, no device and no skb. An error is an errno and a
 * sentence. The sentences are string literals, because netlink sends them
 * after the caller has returned.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "model/layout.h"
#include "model/model.h"
#include "session/config.h"

/**
 * qae_config_alloc() - allocate an empty configuration
 * @num_sections: number of sections; may be 0
 *
 * The memory is zeroed, so qae_config_free() works at every stage of building.
 *
 * Return: the configuration, or NULL if out of memory.
 */
struct qae_config *qae_config_alloc(u32 num_sections)
{
	struct qae_config *config;

	config = kzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return NULL;

	config->sections = kcalloc(num_sections, sizeof(*config->sections), GFP_KERNEL);
	if (!config->sections) {
		kfree(config);
		return NULL;
	}
	config->num_sections = num_sections;
	return config;
}
EXPORT_SYMBOL_IF_KUNIT(qae_config_alloc);

/**
 * qae_config_section_alloc() - allocate the instances of a section
 * @section: section without instances
 * @num_instances: number of instances; may be 0
 *
 * Return: 0 or -ENOMEM.
 */
int qae_config_section_alloc(struct qae_config_section *section, u32 num_instances)
{
	section->instances = kcalloc(num_instances, sizeof(*section->instances), GFP_KERNEL);
	if (!section->instances)
		return -ENOMEM;

	section->num_instances = num_instances;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_config_section_alloc);

static void section_free(struct qae_config_section *section)
{
	u32 i;

	for (i = 0; i < section->num_instances; i++)
		kfree(section->instances[i].cores);
	kfree(section->instances);
	kfree(section->spare_group);
}

/**
 * qae_config_free() - free a configuration, complete or not
 * @config: the configuration, or NULL
 */
void qae_config_free(struct qae_config *config)
{
	u32 i;

	if (!config)
		return;
	for (i = 0; i < config->num_sections; i++)
		section_free(&config->sections[i]);
	kfree(config->sections);
	kfree(config);
}
EXPORT_SYMBOL_IF_KUNIT(qae_config_free);

static int refuse(const char **reason, int err, const char *why)
{
	*reason = why;
	return err;
}

/*
 * Other users see names in listings and logs, so a name must not move the
 * cursor, end a line or look like a path. Bytes above 0x7f are accepted: the
 * kernel does not interpret the encoding.
 */
static bool name_is_valid(const char *name, size_t size)
{
	size_t length = strnlen(name, size);
	size_t i;

	if (!length || length == size)
		return false;
	for (i = 0; i < length; i++) {
		unsigned char c = name[i];

		if (c < 0x20 || c == 0x7f || c == '/')
			return false;
	}
	return true;
}

static int check_instance(const struct qae_config_instance *instance, const char **reason)
{
	u32 i;

	if (!name_is_valid(instance->name, sizeof(instance->name)))
		return refuse(reason, -EINVAL,
			      "an instance name is empty, too long, or has a control character or '/'");
	if (instance->service >= __QAE_SERVICE_COUNT)
		return refuse(reason, -EINVAL,
			      "an instance is neither for crypto nor for compression");
	if (instance->poll_mode > QAE_POLL_EPOLL)
		return refuse(reason, -EINVAL,
			      "IsPolled must be 0, 1 or 2");
	if (instance->num_cores > QAE_MAX_CORE_LIST)
		return refuse(reason, -EINVAL,
			      "CoreAffinity lists more than 128 cores");
	for (i = 0; i < instance->num_cores; i++) {
		if (instance->cores[i] >= QAE_MAX_CORES)
			return refuse(reason, -EINVAL,
				      "a core of CoreAffinity must be below 4096");
	}
	return 0;
}

static int check_instances(const struct qae_config_section *section, const char **reason)
{
	u32 count[__QAE_SERVICE_COUNT] = {};
	u32 i;
	int err;

	for (i = 0; i < section->num_instances; i++) {
		err = check_instance(&section->instances[i], reason);
		if (err)
			return err;
		count[section->instances[i].service]++;
	}
	for (i = 0; i < __QAE_SERVICE_COUNT; i++) {
		if (count[i] > QAE_MAX_INSTANCES)
			return refuse(reason, -EINVAL,
				      "a section has more than 128 instances of one service");
		if (count[i] != section->count[i])
			return refuse(reason, -EINVAL,
				      "the instance count of a section does not match its instances");
	}
	return 0;
}

/* [SSL_DEV0] would get the internal section names of [SSL] limited to device 0. */
static bool name_has_device(const char *name)
{
	const char *digits = name + strlen(name);

	while (digits > name && isdigit(digits[-1]))
		digits--;
	return *digits && digits - name >= 4 && !strncmp(digits - 4, "_DEV", 4);
}

static int check_section(const struct qae_config_section *section, const char **reason)
{
	if (!name_is_valid(section->name, sizeof(section->name)))
		return refuse(reason, -EINVAL,
			      "a section name is empty, too long, or has a control character or '/'");
	if (!strcmp(section->name, "GENERAL"))
		return refuse(reason, -EINVAL,
			      "[GENERAL] is not a section with instances; leave it out");
	if (name_has_device(section->name))
		return refuse(reason, -EINVAL,
			      "a section name must not end in _DEV and a number");
	if (section->kind == QAE_INSTANCE_STATIC) {
		if (section->processes > QAE_MAX_PROCESSES)
			return refuse(reason, -EINVAL,
				      "NumProcesses must not exceed 1024");
		if (section->wait_ms > QAE_MAX_WAIT_MS)
			return refuse(reason, -EINVAL,
				      "OnBusy must not wait longer than 3600000 ms");
	} else if (section->processes != 1 || section->limit_dev || section->wait_ms) {
		return refuse(reason, -EINVAL,
			      "[KERNEL] and [DYN] take no NumProcesses, LimitDevAccess or OnBusy");
	}
	return check_instances(section, reason);
}

static int check_unique(const struct qae_config *config, u32 at, const char **reason)
{
	const struct qae_config_section *section = &config->sections[at];
	u32 i;

	for (i = 0; i < at; i++) {
		const struct qae_config_section *other = &config->sections[i];

		if (!strcmp(other->name, section->name))
			return refuse(reason, -EINVAL,
				      "two sections have the same name");
		if (section->kind != QAE_INSTANCE_STATIC && other->kind == section->kind)
			return refuse(reason, -EINVAL,
				      "there can be only one [KERNEL] and one [DYN] section");
	}
	return 0;
}

/**
 * qae_config_check() - check what does not depend on the endpoint
 * @config: complete configuration
 * @reason: result: what is wrong, a literal; written on failure only
 *
 * qae_config_fits() checks what depends on the endpoint.
 *
 * Return: 0 or -EINVAL.
 */
int qae_config_check(const struct qae_config *config, const char **reason)
{
	u32 i;
	int err;

	if (config->services & ~QAE_SVC_ALL)
		return refuse(reason, -EINVAL,
			      "ServicesEnabled names an unknown service");
	if (config->num_sections > QAE_MAX_SECTIONS)
		return refuse(reason, -EINVAL,
			      "there are more than 64 sections");
	for (i = 0; i < config->num_sections; i++) {
		err = check_section(&config->sections[i], reason);
		if (!err)
			err = check_unique(config, i, reason);
		if (err)
			return err;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_config_check);

/**
 * qae_config_core() - the CPU of an instance for one process
 * @instance: entry of the configuration
 * @process: process index
 *
 * Return: the element of CoreAffinity for that process, or QAE_CORE_NONE
 * without a list.
 */
s32 qae_config_core(const struct qae_config_instance *instance, u32 process)
{
	if (!instance->num_cores)
		return QAE_CORE_NONE;
	return instance->cores[process % instance->num_cores];
}

/**
 * qae_config_total() - count the instances of a service in a configuration
 * @config: configuration
 * @service: service to count
 *
 * Return: the sum over all sections; a user section counts once per process.
 */
u64 qae_config_total(const struct qae_config *config, enum qae_service service)
{
	u64 total = 0;
	u32 i;

	for (i = 0; i < config->num_sections; i++) {
		const struct qae_config_section *section = &config->sections[i];

		total += (u64)section->processes * section->count[service];
	}
	return total;
}
EXPORT_SYMBOL_IF_KUNIT(qae_config_total);

/**
 * qae_config_fits() - divide the ring pairs of an endpoint for a configuration
 * @config: configuration that passed qae_config_check()
 * @model: the endpoint's model
 * @held: held instances by service; they keep their columns
 * @layout: result: the division; written on success only
 * @reason: result: what is wrong, a literal; written on failure only
 *
 * Return: 0, -EINVAL if a requested service is not enabled, -ENOSPC if there
 * are more instances than ring pairs.
 */
int qae_config_fits(const struct qae_config *config, const struct qae_model *model,
		    const u32 held[__QAE_SERVICE_COUNT], struct qae_layout *layout,
		    const char **reason)
{
	u64 cy = qae_config_total(config, QAE_SERVICE_CY);
	u64 dc = qae_config_total(config, QAE_SERVICE_DC);
	struct qae_layout wanted;

	qae_layout_init(&wanted, model, config->services,
			min_t(u64, max_t(u64, cy, held[QAE_SERVICE_CY]), U32_MAX),
			min_t(u64, max_t(u64, dc, held[QAE_SERVICE_DC]), U32_MAX));

	if (cy && !wanted.cy_services)
		return refuse(reason, -EINVAL,
			      "crypto instances need cy, sym or asym in ServicesEnabled");
	if (dc && !(wanted.services & QAE_SVC_DC))
		return refuse(reason, -EINVAL,
			      "compression instances need dc in ServicesEnabled");
	if (cy > wanted.cy_capacity)
		return refuse(reason, -ENOSPC,
			      "too many crypto instances: lower NumProcesses or NumberCyInstances");
	if (dc > wanted.dc_capacity)
		return refuse(reason, -ENOSPC,
			      "too many compression instances: lower NumProcesses or NumberDcInstances");
	*layout = wanted;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_config_fits);
