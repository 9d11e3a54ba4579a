// SPDX-License-Identifier: GPL-2.0-only
/*
 * Publishing a configuration: turn it into slices, sections and instances, and
 * exchange them for the previous ones in a single step.
 *
 * Everything that can fail happens first, without touching the endpoint: the new
 * objects, which publication.c allocated, get ring pairs that no holder keeps. The
 * exchange itself cannot fail. It takes nothing from a holder:
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
#include "session/group.h"
#include "session/instance.h"
#include "session/publication.h"
#include "session/registry.h"
#include "session/section.h"

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

/* Find the entry of the new configuration that a held slice is the same as. */
static bool find_kept(const struct qae_publication *pub, const struct qae_slice *slice,
		      u32 *process)
{
	u32 index = slice->section->index;
	u32 i, first = 0;

	for (i = 0; i < pub->config->num_sections; i++) {
		const struct qae_config_section *cs = &pub->config->sections[i];

		if (cs->kind != QAE_INSTANCE_STATIC)
			continue;
		if (index < cs->processes && slice_matches(slice, cs, index)) {
			*process = first + index;
			return true;
		}
		first += cs->processes;
	}
	return false;
}

/* Mark what the new configuration keeps, both the slices and their entries. */
static void mark_kept(struct qae_publication *pub, struct qae_endpoint *endpoint)
{
	struct qae_slice *slice;
	u32 process;

	list_for_each_entry(slice, &endpoint->slices, endpoint_link) {
		slice->kept = slice->granted && find_kept(pub, slice, &process);
		if (slice->kept)
			__set_bit(process, pub->kept);
	}
}

static void layout_pairs(const struct qae_publication *pub, const struct qae_model *model,
			 enum qae_service service, u32 ordinal, struct qae_ring_pairs *pairs)
{
	if (service == QAE_SERVICE_CY)
		qae_layout_cy(&pub->layout, model, ordinal, pairs);
	else
		qae_layout_dc(&pub->layout, model, ordinal, pairs);
}

static u32 layout_capacity(const struct qae_publication *pub, enum qae_service service)
{
	return service == QAE_SERVICE_CY ? pub->layout.cy_capacity : pub->layout.dc_capacity;
}

static u32 layout_services(const struct qae_publication *pub, enum qae_service service)
{
	return service == QAE_SERVICE_CY ? pub->layout.cy_services : QAE_SVC_DC;
}

/*
 * Mark the ring pairs of an instance that stays with its holder as taken. In the
 * new division its ordinal must stand for the same ring pairs.
 */
static int retain_inst(struct qae_publication *pub, const struct qae_instance_obj *inst)
{
	struct qae_ring_pairs pairs;

	if (inst->ordinal >= layout_capacity(pub, inst->service) ||
	    inst->services != layout_services(pub, inst->service))
		return -EBUSY;
	layout_pairs(pub, inst->endpoint->model, inst->service, inst->ordinal, &pairs);
	if (pairs.first != inst->pairs.first || pairs.second != inst->pairs.second)
		return -EBUSY;
	__set_bit(inst->ordinal, pub->used[inst->service]);
	pub->keeps = true;
	return 0;
}

/* Find the entry of the new pool that a held instance matches, and take it. */
static bool match_pool_entry(struct qae_publication *pub, const struct qae_instance_obj *inst,
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

static int retain_pool(struct qae_publication *pub, struct qae_pool *pool,
		       const struct qae_config_section *dyn)
{
	struct qae_instance_obj *inst;
	int err;

	list_for_each_entry(inst, &pool->insts, link) {
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
static int retain(struct qae_publication *pub, struct qae_endpoint *endpoint, const char **reason)
{
	const struct qae_config_section *dyn = config_pool(pub->config, QAE_INSTANCE_DYN);
	enum qae_service service;
	struct qae_slice *slice;
	struct qae_instance_obj *inst;
	int err = 0;

	*reason = "processes hold ring pairs that would change; stop these processes first";
	list_for_each_entry(slice, &endpoint->slices, endpoint_link) {
		if (!slice->granted)
			continue;
		list_for_each_entry(inst, &slice->insts, link) {
			err = retain_inst(pub, inst);
			if (err)
				return err;
		}
	}
	for (service = 0; !err && service < __QAE_SERVICE_COUNT; service++)
		err = retain_pool(pub, &endpoint->dyn[service], dyn);
	return err;
}

/* Give a new instance the next ring pairs that nobody keeps. */
static int place_inst(struct qae_publication *pub, struct qae_endpoint *endpoint,
		      struct qae_instance_obj *inst)
{
	enum qae_service service = inst->service;
	u32 ordinal = find_first_zero_bit(pub->used[service], QAE_MAX_ORDINALS);

	if (ordinal >= layout_capacity(pub, service))
		return pub->keeps ? -EBUSY : -ENOSPC;
	__set_bit(ordinal, pub->used[service]);
	inst->services = layout_services(pub, service);
	inst->ordinal = ordinal;
	layout_pairs(pub, endpoint->model, service, ordinal, &inst->pairs);
	return 0;
}

static int place_insts(struct qae_publication *pub, struct qae_endpoint *endpoint,
		       struct list_head *insts)
{
	struct qae_instance_obj *inst;
	int err;

	list_for_each_entry(inst, insts, link) {
		err = place_inst(pub, endpoint, inst);
		if (err)
			return err;
	}
	return 0;
}

/* Held instances stand for some entries of [DYN] already. */
static void drop_taken(struct qae_publication *pub)
{
	struct qae_instance_obj *inst, *next;
	u32 i = 0;

	list_for_each_entry_safe(inst, next, &pub->dyn, link)
		if (test_bit(i++, pub->taken))
			list_move_tail(&inst->link, &pub->surplus_insts);
}

/* Held slices stand for some processes already. */
static void drop_kept(struct qae_publication *pub)
{
	struct qae_slice *slice, *next;
	u32 i = 0;

	list_for_each_entry_safe(slice, next, &pub->slices, endpoint_link)
		if (test_bit(i++, pub->kept))
			list_move_tail(&slice->endpoint_link, &pub->surplus_slices);
}

/* Place the slices of one section. @last: in and out: the link of the slice placed last */
static int place_section(struct qae_publication *pub, struct qae_endpoint *endpoint,
			 const struct qae_config_section *cs, struct list_head **last)
{
	struct qae_slice *slice;
	int err;

	while ((*last)->next != &pub->slices) {
		slice = list_entry((*last)->next, struct qae_slice, endpoint_link);
		if (strcmp(slice->section->user_name, cs->name))
			break;
		err = place_insts(pub, endpoint, &slice->insts);
		if (err)
			return err;
		*last = &slice->endpoint_link;
	}
	return 0;
}

/* Place all new instances, in the order of the configuration. */
static int place(struct qae_publication *pub, struct qae_endpoint *endpoint)
{
	struct list_head *last = &pub->slices;
	int err = pub->err;
	u32 i;

	drop_kept(pub);
	drop_taken(pub);
	for (i = 0; !err && i < pub->config->num_sections; i++) {
		const struct qae_config_section *cs = &pub->config->sections[i];

		if (cs->kind == QAE_INSTANCE_DYN)
			err = place_insts(pub, endpoint, &pub->dyn);
		else if (cs->kind == QAE_INSTANCE_KERNEL)
			err = place_insts(pub, endpoint, &pub->kernel);
		else
			err = place_section(pub, endpoint, cs, &last);
	}
	return err;
}

static const char *place_reason(int err)
{
	switch (err) {
	case -EBUSY:
		return "it does not fit beside what processes hold; stop these processes first";
	case -ENOSPC:
		return "there are more instances than ring pairs";
	default:
		return "the kernel has no memory for the configuration";
	}
}

/*
 * Destroy the free slices of the present configuration, and retire the held
 * ones unless the new configuration keeps them.
 */
static void commit_old_slices(struct qae_publication *pub, struct qae_endpoint *endpoint)
{
	struct qae_slice *slice, *next;

	list_for_each_entry_safe(slice, next, &endpoint->slices, endpoint_link) {
		struct qae_section *section = slice->section;

		if (!slice->granted)
			qae_slice_destroy(slice);
		else if (!pub || !slice->kept)
			slice->retired = true;
		qae_section_update(section);
	}
}

static void bind_insts(struct list_head *insts, struct qae_endpoint *endpoint)
{
	struct qae_instance_obj *inst;

	list_for_each_entry(inst, insts, link) {
		qae_endpoint_get(endpoint);
		inst->endpoint = endpoint;
		qae_instance_list(inst);
	}
}

static void bind_slice(struct qae_slice *slice, struct qae_endpoint *endpoint)
{
	struct qae_section *own = slice->section;

	qae_endpoint_get(endpoint);
	slice->endpoint = endpoint;
	bind_insts(&slice->insts, endpoint);
	if (own->device != QAE_ENDPOINT_ANY)
		own->device = endpoint->id;
	qae_section_name(own->name, own->user_name, own->device, own->index);
}

static void commit_new_slices(struct qae_publication *pub, struct qae_endpoint *endpoint)
{
	struct qae_slice *slice, *next;
	struct qae_section *own, *section;

	list_for_each_entry_safe(slice, next, &pub->slices, endpoint_link) {
		bind_slice(slice, endpoint);
		own = slice->section;
		section = qae_section_find(own->user_name, own->device, own->index);
		if (!section) {
			qae_section_insert(own, qae_group_find(own->user_name));
			qae_section_update(own);
		} else {
			list_del(&slice->section_link);
			own->num_slices = 0;
			slice->spare = own;
			qae_section_add_slice(section, slice);
		}
		list_move_tail(&slice->endpoint_link, &endpoint->slices);
	}
}

/*
 * Destroy the free instances of a pool and retire the held ones, with @keeps_kept
 * except those that the new configuration keeps.
 */
static void commit_old_pool(struct qae_pool *pool, bool keeps_kept)
{
	struct qae_instance_obj *inst, *next;

	pool->total = 0;
	pool->available = 0;
	list_for_each_entry_safe(inst, next, &pool->insts, link) {
		if (!inst->holder) {
			qae_instance_destroy(inst);
		} else if (!inst->retired) {
			inst->retired = !keeps_kept || !inst->kept;
			pool->total += !inst->retired;
		}
	}
}

/* @pools: of one kind, by service */
static void commit_new_pools(struct list_head *insts, struct qae_endpoint *endpoint,
			     struct qae_pool pools[__QAE_SERVICE_COUNT])
{
	struct qae_instance_obj *inst, *next;

	bind_insts(insts, endpoint);
	list_for_each_entry_safe(inst, next, insts, link) {
		pools[inst->service].total++;
		pools[inst->service].available++;
		list_move_tail(&inst->link, &pools[inst->service].insts);
	}
}

static void commit(struct qae_publication *pub, struct qae_endpoint *endpoint,
		   struct qae_config *config)
{
	enum qae_service service;

	qae_groups_join(config);
	commit_old_slices(pub, endpoint);
	commit_new_slices(pub, endpoint);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		commit_old_pool(&endpoint->dyn[service], true);
		commit_old_pool(&endpoint->kernel[service], true);
		bitmap_copy(endpoint->used[service], pub->used[service], QAE_MAX_ORDINALS);
	}
	commit_new_pools(&pub->dyn, endpoint, endpoint->dyn);
	commit_new_pools(&pub->kernel, endpoint, endpoint->kernel);
	endpoint->layout = pub->layout;
	qae_groups_leave(endpoint->config);
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
 * @pub: prepared publication of @config; tried once only
 * @config: belongs to the endpoint on success
 * @reason: result: a sentence, on failure only
 *
 * On failure nothing has changed.
 *
 * Context: registry lock; allocates nothing.
 * Return: 0; -EINVAL if a requested service is not enabled; -ENOSPC if the
 * configuration does not fit; -EBUSY if it does not fit beside what is held;
 * -ENOMEM.
 */
int qae_publish(struct qae_endpoint *endpoint, struct qae_publication *pub,
		struct qae_config *config, const char **reason)
{
	u32 held[__QAE_SERVICE_COUNT];
	int err;

	qae_registry_assert();
	count_held(endpoint, held);
	err = check_sections(config, reason);
	if (!err)
		err = qae_config_fits(config, endpoint->model, held, &pub->layout, reason);
	if (!err)
		err = retain(pub, endpoint, reason);
	if (err)
		return err;
	mark_kept(pub, endpoint);
	err = place(pub, endpoint);
	if (err)
		*reason = place_reason(err);
	else
		commit(pub, endpoint, config);
	return err;
}

static void retire_pool(struct qae_endpoint *endpoint, struct qae_pool *pool)
{
	struct qae_instance_obj *inst;

	commit_old_pool(pool, false);
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
	qae_groups_leave(endpoint->config);
	qae_config_free(endpoint->config);
	endpoint->config = NULL;
}
