// SPDX-License-Identifier: GPL-2.0-only
/*
 * Section groups: the index of section names, and the free sections of each.
 *
 * A claim looks its name up in a hash table without letter case, so that a name
 * in another case is found in the same chain.
 *
 * The free sections of a group that lie on the same endpoints are a span. They
 * have the same load and are equally near, so a claim compares one section of
 * each span only. A span is known by its device and its number of slices: with
 * LimitDevAccess each device has its own sections; without, the section with
 * index i lies on the endpoints that configure more than i processes, so that of
 * two sections one lies on a subset of the endpoints of the other. The first
 * section of a span, by index, is in the list of its group and has the others in
 * a tree. So a claim costs at most as many steps as there are spans, which are at
 * most as many as endpoints, and one step if the first span is idle and near. A
 * release costs one walk over the spans and one down the tree.
 */
#include <linux/ctype.h>
#include <linux/hashtable.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "session/config.h"
#include "session/group.h"
#include "session/registry.h"
#include "session/section.h"

static DEFINE_HASHTABLE(groups, 10);

/* FNV-1a. Names come from root only, so no secret is needed. */
static u32 hash_name(const char *name)
{
	u32 hash = 2166136261U;

	while (*name)
		hash = (hash ^ (u8)tolower(*name++)) * 16777619U;
	return hash;
}

static struct qae_group *find_exact(const char *name, u32 hash)
{
	struct qae_group *group;

	hash_for_each_possible(groups, group, node, hash)
		if (group->hash == hash && !strcmp(group->name, name))
			return group;
	return NULL;
}

/* Without letter case; NULL if two configured spellings match equally well. */
static struct qae_group *find_but_case(const char *name, u32 hash)
{
	struct qae_group *group, *found = NULL;

	hash_for_each_possible(groups, group, node, hash) {
		if (group->hash != hash || list_empty(&group->configs) ||
		    strcasecmp(group->name, name))
			continue;
		if (found)
			return NULL;
		found = group;
	}
	return found;
}

/**
 * qae_group_find() - find the group that a claim's name stands for
 * @name: name as a caller wrote it
 *
 * If no configuration has exactly this name, one that differs only in case
 * counts, provided that it is the only such name. "DYN" is always exact.
 *
 * Context: registry lock.
 * Return: a group that is configured on an endpoint, or NULL.
 */
struct qae_group *qae_group_find(const char *name)
{
	u32 hash = hash_name(name);
	struct qae_group *group;

	qae_registry_assert();
	group = find_exact(name, hash);
	if (group && !list_empty(&group->configs))
		return group;
	return strcmp(name, "DYN") ? find_but_case(name, hash) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_group_find);

/**
 * qae_group_get() - take a reference
 * @group: group that the caller knows to exist
 *
 * Context: registry lock.
 */
void qae_group_get(struct qae_group *group)
{
	qae_registry_assert();
	group->users++;
}

/**
 * qae_group_put() - drop a reference
 * @group: freed with the last one
 *
 * Context: registry lock.
 */
void qae_group_put(struct qae_group *group)
{
	qae_registry_assert();
	if (--group->users)
		return;
	WARN_ON(group->sections || !list_empty(&group->configs) || !list_empty(&group->free) ||
		!list_empty(&group->claims));
	hash_del(&group->node);
	kfree(group);
}

static struct qae_group *group_create(const struct qae_config_section *cs)
{
	struct qae_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return NULL;
	strscpy(group->name, cs->name, sizeof(group->name));
	group->hash = hash_name(cs->name);
	group->kind = cs->kind;
	INIT_LIST_HEAD(&group->configs);
	INIT_LIST_HEAD(&group->free);
	INIT_LIST_HEAD(&group->claims);
	return group;
}

/**
 * qae_groups_reserve() - allocate what qae_groups_join() needs
 * @config: configuration that is not published; qae_config_free() frees the memory
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int qae_groups_reserve(struct qae_config *config)
{
	u32 i;

	for (i = 0; i < config->num_sections; i++) {
		struct qae_config_section *cs = &config->sections[i];

		if (cs->kind == QAE_INSTANCE_KERNEL || cs->spare_group)
			continue;
		cs->spare_group = group_create(cs);
		if (!cs->spare_group)
			return -ENOMEM;
	}
	return 0;
}

static void join(struct qae_config_section *cs)
{
	struct qae_group *group = find_exact(cs->name, cs->spare_group->hash);

	if (group) {
		kfree(cs->spare_group);
	} else {
		group = cs->spare_group;
		hash_add(groups, &group->node, group->hash);
	}
	cs->spare_group = NULL;
	qae_group_get(group);
	cs->group = group;
	group->wait_ms = list_empty(&group->configs) ? cs->wait_ms :
						       max(group->wait_ms, cs->wait_ms);
	list_add_tail(&cs->link, &group->configs);
	qae_registry.num_unused += qae_config_is_unused(cs);
}

/**
 * qae_groups_join() - make the names of a configuration known
 * @config: configuration after qae_groups_reserve(); [KERNEL] cannot be claimed and is left out
 *
 * Context: registry lock; never fails.
 */
void qae_groups_join(struct qae_config *config)
{
	u32 i;

	qae_registry_assert();
	for (i = 0; i < config->num_sections; i++)
		if (config->sections[i].kind != QAE_INSTANCE_KERNEL)
			join(&config->sections[i]);
}

static void leave(struct qae_config_section *cs)
{
	struct qae_group *group = cs->group;
	struct qae_config_section *other;

	list_del(&cs->link);
	qae_registry.num_unused -= qae_config_is_unused(cs);
	cs->group = NULL;
	group->wait_ms = 0;
	list_for_each_entry(other, &group->configs, link)
		group->wait_ms = max(group->wait_ms, other->wait_ms);
	qae_group_put(group);
}

/**
 * qae_groups_leave() - the configuration is no longer in force
 * @config: configuration after qae_groups_join(), or NULL
 *
 * Context: registry lock; never fails.
 */
void qae_groups_leave(struct qae_config *config)
{
	u32 i;

	qae_registry_assert();
	for (i = 0; config && i < config->num_sections; i++)
		if (config->sections[i].group)
			leave(&config->sections[i]);
}

static struct qae_section *span_first(const struct qae_group *group, u32 device, u32 slices)
{
	struct qae_section *section;

	list_for_each_entry(section, &group->free, span)
		if (section->device == device && section->free_slices == slices)
			return section;
	return NULL;
}

/* Spans in the order of their devices, those of several devices last and the widest first. */
static void span_add(struct qae_group *group, struct qae_section *section)
{
	struct qae_section *other;

	list_for_each_entry(other, &group->free, span)
		if (other->device > section->device ||
		    (other->device == section->device &&
		     other->free_slices < section->free_slices))
			break;
	list_add_tail(&section->span, &other->span);
}

static void peer_add(struct rb_root_cached *peers, struct qae_section *section)
{
	struct rb_node **link = &peers->rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (rb_entry(parent, struct qae_section, peer)->index > section->index) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&section->peer, parent, link);
	rb_insert_color_cached(&section->peer, peers, leftmost);
}

/**
 * qae_group_add_free() - let claims find a section
 * @section: section of a group, with at least one slice, that nobody holds
 *
 * Context: registry lock; never fails.
 */
void qae_group_add_free(struct qae_section *section)
{
	struct qae_section *first;

	qae_registry_assert();
	first = span_first(section->group, section->device, section->num_slices);
	section->free_slices = section->num_slices;
	section->peers = RB_ROOT_CACHED;
	if (!first) {
		span_add(section->group, section);
	} else if (first->index < section->index) {
		peer_add(&first->peers, section);
	} else {
		section->peers = first->peers;
		peer_add(&section->peers, first);
		list_replace_init(&first->span, &section->span);
	}
}

/* The first section of a span goes: the next one takes its place. */
static void span_pass_on(struct qae_section *section)
{
	struct rb_node *node = rb_first_cached(&section->peers);
	struct qae_section *heir;

	if (!node) {
		list_del_init(&section->span);
		return;
	}
	rb_erase_cached(node, &section->peers);
	heir = rb_entry(node, struct qae_section, peer);
	heir->peers = section->peers;
	list_replace_init(&section->span, &heir->span);
}

/**
 * qae_group_del_free() - hide a section from claims
 * @section: section that qae_group_add_free() added, or any other one
 *
 * Works although slices joined or left the section meanwhile.
 *
 * Context: registry lock; never fails.
 */
void qae_group_del_free(struct qae_section *section)
{
	qae_registry_assert();
	if (!section->free_slices)
		return;
	if (list_empty(&section->span))
		rb_erase_cached(&section->peer,
				&span_first(section->group, section->device,
					    section->free_slices)->peers);
	else
		span_pass_on(section);
	section->free_slices = 0;
}
