// SPDX-License-Identifier: GPL-2.0-only
/*
 * The objects of a configuration, before it is published: allocated without a
 * lock, and not yet bound to an endpoint.
 */
#include <linux/slab.h>

#include "session/config.h"
#include "session/group.h"
#include "session/instance.h"
#include "session/publication.h"
#include "session/section.h"

static int add_inst(struct list_head *list, enum qae_instance_kind kind,
		    const struct qae_config_instance *ci, u32 process, struct qae_slice *slice)
{
	struct qae_instance_obj *inst = qae_instance_create(ci, process);

	if (!inst)
		return -ENOMEM;
	inst->kind = kind;
	inst->slice = slice;
	list_add_tail(&inst->link, list);
	return 0;
}

static int add_slice(struct qae_publication *pub, const struct qae_config_section *cs, u32 process)
{
	/* The id of the endpoint is not known yet. */
	u32 device = cs->limit_dev ? 0 : QAE_ENDPOINT_ANY;
	struct qae_section *section = qae_section_create(cs->name, device, process);
	struct qae_slice *slice;
	int err = 0;
	u32 i;

	if (!section)
		return -ENOMEM;
	slice = kzalloc(sizeof(*slice), GFP_KERNEL);
	if (!slice) {
		qae_section_free(section);
		return -ENOMEM;
	}
	INIT_LIST_HEAD(&slice->insts);
	slice->section = section;
	list_add_tail(&slice->endpoint_link, &pub->slices);
	list_add_tail(&slice->section_link, &section->slices);
	section->num_slices = 1;

	for (i = 0; !err && i < cs->num_instances; i++)
		err = add_inst(&slice->insts, QAE_INSTANCE_STATIC, &cs->instances[i], process,
			       slice);
	return err;
}

static int add_pool(const struct qae_config_section *cs, struct list_head *list)
{
	int err = 0;
	u32 i;

	for (i = 0; !err && i < cs->num_instances; i++)
		err = add_inst(list, cs->kind, &cs->instances[i], 0, NULL);
	return err;
}

static int add_section(struct qae_publication *pub, const struct qae_config_section *cs)
{
	u32 process;
	int err = 0;

	if (cs->kind == QAE_INSTANCE_DYN)
		return add_pool(cs, &pub->dyn);
	if (cs->kind == QAE_INSTANCE_KERNEL)
		return add_pool(cs, &pub->kernel);
	for (process = 0; !err && process < cs->processes; process++)
		err = add_slice(pub, cs, process);
	return err;
}

/* A bound on what is allocated. No endpoint is larger, so publishing finds that it does not fit. */
static bool is_too_large(const struct qae_config *config)
{
	u32 i, processes = 0;

	for (i = 0; i < config->num_sections; i++)
		if (config->sections[i].kind == QAE_INSTANCE_STATIC)
			processes += config->sections[i].processes;
	return processes > QAE_MAX_PROCESSES ||
	       qae_config_total(config, QAE_SERVICE_CY) > QAE_MAX_ORDINALS ||
	       qae_config_total(config, QAE_SERVICE_DC) > QAE_MAX_ORDINALS;
}

static int add_all(struct qae_publication *pub, struct qae_config *config)
{
	int err;
	u32 i;

	if (is_too_large(config))
		return -ENOSPC;
	err = qae_groups_reserve(config);
	for (i = 0; !err && i < config->num_sections; i++)
		err = add_section(pub, &config->sections[i]);
	return err;
}

/**
 * qae_publication_prepare() - allocate what publishing a configuration needs
 * @config: checked by qae_config_check(); must live at least as long as the publication
 *
 * A failure later than the first allocation is stored in @err: whether the endpoint
 * exists and may be configured comes first.
 *
 * Context: registry lock not held; may sleep.
 * Return: the publication, which the caller frees with qae_publication_free() even after it was
 * published, or NULL if out of memory.
 */
struct qae_publication *qae_publication_prepare(struct qae_config *config)
{
	struct qae_publication *pub = kzalloc(sizeof(*pub), GFP_KERNEL);

	if (!pub)
		return NULL;
	pub->config = config;
	INIT_LIST_HEAD(&pub->slices);
	INIT_LIST_HEAD(&pub->dyn);
	INIT_LIST_HEAD(&pub->kernel);
	INIT_LIST_HEAD(&pub->surplus_slices);
	INIT_LIST_HEAD(&pub->surplus_insts);
	pub->err = add_all(pub, config);
	return pub;
}

static void free_insts(struct list_head *list)
{
	struct qae_instance_obj *inst, *next;

	list_for_each_entry_safe(inst, next, list, link)
		qae_instance_free(inst);
}

static void free_slices(struct list_head *list)
{
	struct qae_slice *slice, *next;

	list_for_each_entry_safe(slice, next, list, endpoint_link) {
		free_insts(&slice->insts);
		qae_section_free(slice->section);
		kfree(slice);
	}
}

/**
 * qae_publication_free() - free a publication, and the objects that were not published
 * @pub: the publication, or NULL
 *
 * Context: registry lock not needed.
 */
void qae_publication_free(struct qae_publication *pub)
{
	if (!pub)
		return;
	free_slices(&pub->slices);
	free_slices(&pub->surplus_slices);
	free_insts(&pub->dyn);
	free_insts(&pub->kernel);
	free_insts(&pub->surplus_insts);
	kfree(pub);
}
