// SPDX-License-Identifier: GPL-2.0-only
/*
 * Publishing a configuration: turn it into slices, sections and instances, and
 * exchange them for the previous ones in a single step.
 *
 * Everything that can fail happens first, without touching the endpoint: new
 * objects are built, and get ring pairs that no holder keeps. The exchange
 * itself cannot fail. It takes nothing from a holder:
 *
 *  - a held slice that the new configuration contains unchanged is kept;
 *  - any other held slice is retired: it is destroyed when its holder releases
 *    it, and its ring pairs stay taken until then;
 *  - a held dynamic instance that matches an entry of the new pool becomes part
 *    of that pool, any other one is retired;
 *  - free slices and instances are destroyed and built again.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "model/layout.h"
#include "model/model.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"

#define MAX_POOL	(__QAE_SERVICE_COUNT * QAE_MAX_INSTANCES)

/**
 * struct publication - a configuration that is being published
 * @endpoint: its endpoint
 * @config: the configuration
 * @layout: division of the ring pairs under @config
 * @used: ordinals taken under @config, by service
 * @keeps: a holder keeps something of the present configuration
 * @taken: entries of the [DYN] section that match a held instance
 * @slices: new slices, by endpoint_link; each has its own section, which commit lists, or
 *	keeps as the spare when it adds the slice to an existing section
 * @dyn: new dynamic instances, by service
 * @kernel: new kernel instances, by service
 */
struct publication {
	struct qae_endpoint *endpoint;
	const struct qae_config *config;
	struct qae_layout layout;
	DECLARE_BITMAP(used[__QAE_SERVICE_COUNT], QAE_MAX_ORDINALS);
	bool keeps;
	DECLARE_BITMAP(taken, MAX_POOL);
	struct list_head slices;
	struct list_head dyn[__QAE_SERVICE_COUNT];
	struct list_head kernel[__QAE_SERVICE_COUNT];
};

static u32 slice_device(const struct qae_endpoint *endpoint, const struct qae_config_section *cs)
{
	return cs->limit_dev ? endpoint->id : QAE_ENDPOINT_ANY;
}

/* Whether an instance is the same as an entry of a new configuration. */
static bool inst_matches(const struct qae_instance_obj *inst, const struct qae_config_instance *ci,
			 u32 process)
{
	return inst->service == ci->service && inst->poll_mode == ci->poll_mode &&
	       inst->core == qae_config_core(ci, process) && !strcmp(inst->name, ci->name);
}

/* Whether a slice is the same as a section of a new configuration. */
static bool slice_matches(const struct qae_slice *slice, const struct qae_config_section *cs,
			  u32 process)
{
	const struct qae_section *section = slice->section;
	const struct qae_instance_obj *inst;
	u32 i = 0;

	if (slice->retired || section->index != process ||
	    section->device != slice_device(slice->endpoint, cs) ||
	    strcmp(section->user_name, cs->name))
		return false;
	list_for_each_entry(inst, &slice->insts, link) {
		if (i == cs->num_instances || !inst_matches(inst, &cs->instances[i], process))
			return false;
		i++;
	}
	return i == cs->num_instances;
}

static struct qae_slice *kept_slice(const struct publication *pub,
				    const struct qae_config_section *cs, u32 process)
{
	struct qae_slice *slice;

	list_for_each_entry(slice, &pub->endpoint->slices, endpoint_link)
		if (slice->granted && slice_matches(slice, cs, process))
			return slice;
	return NULL;
}

static bool slice_is_kept(const struct publication *pub, const struct qae_slice *slice)
{
	u32 i;

	for (i = 0; i < pub->config->num_sections; i++) {
		const struct qae_config_section *cs = &pub->config->sections[i];

		if (cs->kind == QAE_INSTANCE_STATIC &&
		    slice->section->index < cs->processes &&
		    slice_matches(slice, cs, slice->section->index))
			return true;
	}
	return false;
}

static void layout_pairs(const struct publication *pub, enum qae_service service, u32 ordinal,
			 struct qae_ring_pairs *pairs)
{
	const struct qae_model *model = pub->endpoint->model;

	if (service == QAE_SERVICE_CY)
		qae_layout_cy(&pub->layout, model, ordinal, pairs);
	else
		qae_layout_dc(&pub->layout, model, ordinal, pairs);
}

static u32 layout_capacity(const struct publication *pub, enum qae_service service)
{
	return service == QAE_SERVICE_CY ? pub->layout.cy_capacity : pub->layout.dc_capacity;
}

static u32 layout_services(const struct publication *pub, enum qae_service service)
{
	return service == QAE_SERVICE_CY ? pub->layout.cy_services : QAE_SVC_DC;
}

/*
 * Mark the ring pairs of an instance that stays with its holder as taken. In the
 * new division its ordinal must stand for the same ring pairs.
 */
static int retain_inst(struct publication *pub, const struct qae_instance_obj *inst)
{
	struct qae_ring_pairs pairs;

	if (inst->ordinal >= layout_capacity(pub, inst->service) ||
	    inst->services != layout_services(pub, inst->service))
		return -EBUSY;
	layout_pairs(pub, inst->service, inst->ordinal, &pairs);
	if (pairs.first != inst->pairs.first || pairs.second != inst->pairs.second)
		return -EBUSY;
	__set_bit(inst->ordinal, pub->used[inst->service]);
	pub->keeps = true;
	return 0;
}

/* Find the entry of the new pool that a held instance matches, and take it. */
static bool match_pool_entry(struct publication *pub, const struct qae_instance_obj *inst,
			     const struct qae_config_section *dyn)
{
	u32 i;

	for (i = 0; dyn && i < dyn->num_instances; i++) {
		if (!test_bit(i, pub->taken) && inst_matches(inst, &dyn->instances[i], 0)) {
			__set_bit(i, pub->taken);
			return true;
		}
	}
	return false;
}

static int retain_pool(struct publication *pub, enum qae_service service,
		       const struct qae_config_section *dyn)
{
	struct qae_instance_obj *inst;
	int err;

	list_for_each_entry(inst, &pub->endpoint->dyn[service].insts, link) {
		if (!inst->holder)
			continue;
		err = retain_inst(pub, inst);
		if (err)
			return err;
		inst->kept = !inst->retired && match_pool_entry(pub, inst, dyn);
	}
	return 0;
}

static const struct qae_config_section *config_pool(const struct qae_config *config,
						    enum qae_instance_kind kind)
{
	u32 i;

	for (i = 0; i < config->num_sections; i++)
		if (config->sections[i].kind == kind)
			return &config->sections[i];
	return NULL;
}

/* Retain everything that holders keep. */
static int retain(struct publication *pub, const char **reason)
{
	const struct qae_config_section *dyn = config_pool(pub->config, QAE_INSTANCE_DYN);
	enum qae_service service;
	struct qae_slice *slice;
	struct qae_instance_obj *inst;
	int err = 0;

	*reason = "processes hold ring pairs that would change; stop these processes first";
	list_for_each_entry(slice, &pub->endpoint->slices, endpoint_link) {
		if (!slice->granted)
			continue;
		list_for_each_entry(inst, &slice->insts, link) {
			err = retain_inst(pub, inst);
			if (err)
				return err;
		}
	}
	for (service = 0; !err && service < __QAE_SERVICE_COUNT; service++)
		err = retain_pool(pub, service, dyn);
	return err;
}

static int build_inst(struct publication *pub, enum qae_instance_kind kind,
		      const struct qae_config_instance *ci, u32 process, struct list_head *list,
		      struct qae_instance_obj **result)
{
	enum qae_service service = ci->service;
	u32 ordinal = find_first_zero_bit(pub->used[service], QAE_MAX_ORDINALS);
	struct qae_instance_obj *inst;

	if (ordinal >= layout_capacity(pub, service))
		return pub->keeps ? -EBUSY : -ENOSPC;
	inst = qae_instance_create(pub->endpoint, ci, process);
	if (!inst)
		return -ENOMEM;
	__set_bit(ordinal, pub->used[service]);
	inst->kind = kind;
	inst->services = layout_services(pub, service);
	inst->ordinal = ordinal;
	layout_pairs(pub, service, ordinal, &inst->pairs);
	list_add_tail(&inst->link, list);
	if (result)
		*result = inst;
	return 0;
}

static int build_slice(struct publication *pub, const struct qae_config_section *cs, u32 process)
{
	struct qae_section *section;
	struct qae_slice *slice;
	struct qae_instance_obj *inst;
	int err;
	u32 i;

	section = qae_section_create(cs->name, slice_device(pub->endpoint, cs), process);
	if (!section)
		return -ENOMEM;
	slice = kzalloc(sizeof(*slice), GFP_KERNEL);
	if (!slice) {
		qae_section_free(section);
		return -ENOMEM;
	}
	INIT_LIST_HEAD(&slice->insts);
	qae_endpoint_get(pub->endpoint);
	slice->endpoint = pub->endpoint;
	slice->section = section;
	list_add_tail(&slice->endpoint_link, &pub->slices);
	list_add_tail(&slice->section_link, &section->slices);

	for (i = 0; i < cs->num_instances; i++) {
		err = build_inst(pub, QAE_INSTANCE_STATIC, &cs->instances[i], process,
				 &slice->insts, &inst);
		if (err)
			return err;
		inst->slice = slice;
	}
	return 0;
}

/* @taken: entries that held instances already stand for, or NULL */
static int build_pool(struct publication *pub, const struct qae_config_section *cs,
		      struct list_head lists[__QAE_SERVICE_COUNT], const unsigned long *taken)
{
	int err;
	u32 i;

	for (i = 0; i < cs->num_instances; i++) {
		const struct qae_config_instance *ci = &cs->instances[i];

		if (taken && test_bit(i, taken))
			continue;
		err = build_inst(pub, cs->kind, ci, 0, &lists[ci->service], NULL);
		if (err)
			return err;
	}
	return 0;
}

static int build_section(struct publication *pub, const struct qae_config_section *cs)
{
	u32 process;
	int err;

	if (cs->kind == QAE_INSTANCE_DYN)
		return build_pool(pub, cs, pub->dyn, pub->taken);
	if (cs->kind == QAE_INSTANCE_KERNEL)
		return build_pool(pub, cs, pub->kernel, NULL);
	for (process = 0; process < cs->processes; process++) {
		if (kept_slice(pub, cs, process))
			continue;
		err = build_slice(pub, cs, process);
		if (err)
			return err;
	}
	return 0;
}

static int build(struct publication *pub, const char **reason)
{
	int err = 0;
	u32 i;

	for (i = 0; !err && i < pub->config->num_sections; i++)
		err = build_section(pub, &pub->config->sections[i]);
	if (err == -EBUSY)
		*reason = "it does not fit beside what processes hold; stop these processes first";
	else if (err == -ENOSPC)
		*reason = "there are more instances than ring pairs";
	else if (err)
		*reason = "the kernel has no memory for the configuration";
	return err;
}

static void free_insts(struct list_head *list)
{
	struct qae_instance_obj *inst, *next;

	list_for_each_entry_safe(inst, next, list, link)
		qae_instance_destroy(inst);
}

static void abandon(struct publication *pub)
{
	struct qae_slice *slice, *next;
	enum qae_service service;

	list_for_each_entry_safe(slice, next, &pub->slices, endpoint_link) {
		struct qae_section *section = slice->section;

		qae_slice_destroy(slice);
		qae_section_free(section);
	}
	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		free_insts(&pub->dyn[service]);
		free_insts(&pub->kernel[service]);
	}
}

/*
 * Destroy the free slices of the present configuration, and retire the held
 * ones unless the new configuration keeps them.
 */
static void commit_old_slices(struct publication *pub, struct qae_endpoint *endpoint)
{
	struct qae_slice *slice, *next;

	list_for_each_entry_safe(slice, next, &endpoint->slices, endpoint_link) {
		struct qae_section *section = slice->section;

		if (!slice->granted)
			qae_slice_destroy(slice);
		else if (!pub || !slice_is_kept(pub, slice))
			slice->retired = true;
		qae_section_update(section);
	}
}

static void commit_new_slices(struct publication *pub)
{
	struct qae_slice *slice, *next, *place;
	struct qae_instance_obj *inst;
	struct qae_section *section;

	list_for_each_entry_safe(slice, next, &pub->slices, endpoint_link) {
		section = qae_section_find(slice->section->user_name, slice->section->device,
					   slice->section->index);
		if (!section) {
			qae_section_insert(slice->section);
		} else {
			list_del(&slice->section_link);
			list_for_each_entry(place, &section->slices, section_link)
				if (place->endpoint->id > slice->endpoint->id)
					break;
			list_add_tail(&slice->section_link, &place->section_link);
			slice->spare = slice->section;
			slice->section = section;
		}
		list_move_tail(&slice->endpoint_link, &pub->endpoint->slices);
		list_for_each_entry(inst, &slice->insts, link)
			qae_instance_list(inst);
	}
}

/* Destroy the free instances of a pool, retire held ones that are not kept, add new ones. */
static void commit_pool(struct qae_pool *pool, struct list_head *fresh)
{
	struct qae_instance_obj *inst, *next;

	pool->total = 0;
	pool->available = 0;
	list_for_each_entry_safe(inst, next, &pool->insts, link) {
		if (!inst->holder) {
			qae_instance_destroy(inst);
		} else if (!inst->retired) {
			inst->retired = !fresh || !inst->kept;
			pool->total += !inst->retired;
		}
	}
	if (!fresh)
		return;
	list_for_each_entry(inst, fresh, link) {
		pool->total++;
		pool->available++;
		qae_instance_list(inst);
	}
	list_splice_tail_init(fresh, &pool->insts);
}

static void commit(struct publication *pub, struct qae_config *config)
{
	struct qae_endpoint *endpoint = pub->endpoint;
	enum qae_service service;

	commit_old_slices(pub, endpoint);
	commit_new_slices(pub);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		commit_pool(&endpoint->dyn[service], &pub->dyn[service]);
		commit_pool(&endpoint->kernel[service], &pub->kernel[service]);
		bitmap_copy(endpoint->used[service], pub->used[service], QAE_MAX_ORDINALS);
	}
	endpoint->layout = pub->layout;
	qae_config_free(endpoint->config);
	endpoint->config = config;
}

/* Held instances keep their columns, even if the new configuration has no such service. */
static void count_held(const struct qae_endpoint *endpoint, u32 held[__QAE_SERVICE_COUNT])
{
	const struct qae_slice *slice;
	const struct qae_instance_obj *inst;
	enum qae_service service;

	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		held[service] = 0;
		list_for_each_entry(inst, &endpoint->dyn[service].insts, link)
			held[service] += !!inst->holder;
	}
	list_for_each_entry(slice, &endpoint->slices, endpoint_link)
		if (slice->granted)
			list_for_each_entry(inst, &slice->insts, link)
				held[inst->service]++;
}

static int check_sections(const struct qae_config *config, const char **reason)
{
	u32 processes = 0;
	u32 i;

	for (i = 0; i < config->num_sections; i++)
		if (config->sections[i].kind == QAE_INSTANCE_STATIC)
			processes += config->sections[i].processes;
	if (processes > QAE_MAX_PROCESSES) {
		*reason = "NumProcesses adds up to more than 1024 on the endpoint";
		return -ENOSPC;
	}
	return 0;
}

/**
 * qae_publish() - put a configuration into force
 * @endpoint: endpoint that it is for
 * @config: checked by qae_config_check(); belongs to the endpoint on success
 * @reason: result: a sentence, on failure only
 *
 * On failure nothing has changed.
 *
 * Context: registry lock, may sleep.
 * Return: 0; -EINVAL if a requested service is not enabled; -ENOSPC if the
 * configuration does not fit; -EBUSY if it does not fit beside what is held;
 * -ENOMEM.
 */
int qae_publish(struct qae_endpoint *endpoint, struct qae_config *config, const char **reason)
{
	u32 held[__QAE_SERVICE_COUNT];
	struct publication *pub;
	enum qae_service service;
	int err;

	qae_registry_assert();
	pub = kzalloc(sizeof(*pub), GFP_KERNEL);
	if (!pub) {
		*reason = "the kernel has no memory for the configuration";
		return -ENOMEM;
	}
	pub->endpoint = endpoint;
	pub->config = config;
	INIT_LIST_HEAD(&pub->slices);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		INIT_LIST_HEAD(&pub->dyn[service]);
		INIT_LIST_HEAD(&pub->kernel[service]);
	}

	count_held(endpoint, held);
	err = check_sections(config, reason);
	if (!err)
		err = qae_config_fits(config, endpoint->model, held, &pub->layout, reason);
	if (!err)
		err = retain(pub, reason);
	if (!err)
		err = build(pub, reason);
	if (err)
		abandon(pub);
	else
		commit(pub, config);
	kfree(pub);
	return err;
}

static void retire_pool(struct qae_endpoint *endpoint, struct qae_pool *pool)
{
	struct qae_instance_obj *inst;

	commit_pool(pool, NULL);
	list_for_each_entry(inst, &pool->insts, link)
		__set_bit(inst->ordinal, endpoint->used[inst->service]);
}

/**
 * qae_unpublish() - remove the configuration of an endpoint
 * @endpoint: endpoint, up or down
 *
 * Held slices and instances stay with their holders, retired.
 *
 * Context: registry lock; never fails.
 */
void qae_unpublish(struct qae_endpoint *endpoint)
{
	enum qae_service service;
	struct qae_slice *slice;
	struct qae_instance_obj *inst;

	qae_registry_assert();
	commit_old_slices(NULL, endpoint);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++)
		bitmap_zero(endpoint->used[service], QAE_MAX_ORDINALS);
	list_for_each_entry(slice, &endpoint->slices, endpoint_link)
		list_for_each_entry(inst, &slice->insts, link)
			__set_bit(inst->ordinal, endpoint->used[inst->service]);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		retire_pool(endpoint, &endpoint->dyn[service]);
		retire_pool(endpoint, &endpoint->kernel[service]);
	}
	qae_config_free(endpoint->config);
	endpoint->config = NULL;
}
