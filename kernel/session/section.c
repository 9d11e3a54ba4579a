// SPDX-License-Identifier: GPL-2.0-only
/*
 * Internal sections: their names, and which process holds which.
 *
 * A section is a set of slices, one for each endpoint with instances in it. A
 * claim grants the slices that exist at that moment. A slice that joins later
 * waits for the next holder; a retired slice goes when the present holder
 * releases the section.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"
#include "compat.h"
#include "session/claim.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/group.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "session/watch.h"
#include "trace.h"

/**
 * qae_section_name() - format a name like "SSL_DEV0_INT_2" or "IPsec_INT_0"
 * @name: result
 * @user_name: name in the configuration
 * @device: accelerator id with LimitDevAccess, else QAE_ENDPOINT_ANY
 * @index: process index
 */
void qae_section_name(char name[QAE_SECTION_SIZE], const char *user_name, u32 device, u32 index)
{
	if (device == QAE_ENDPOINT_ANY)
		snprintf(name, QAE_SECTION_SIZE, "%s_INT_%u", user_name, index);
	else
		snprintf(name, QAE_SECTION_SIZE, "%s_DEV%u_INT_%u", user_name, device, index);
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_name);

/**
 * qae_section_create() - allocate a section that is in no list yet
 * @user_name: name in the configuration
 * @device: accelerator id with LimitDevAccess, else QAE_ENDPOINT_ANY
 * @index: process index
 *
 * Reserves its id, so that listing it later cannot fail.
 *
 * Context: may sleep.
 * Return: the section, or NULL if out of memory.
 */
struct qae_section *qae_section_create(const char *user_name, u32 device, u32 index)
{
	struct qae_section *section = kzalloc(sizeof(*section), GFP_KERNEL);

	if (!section)
		return NULL;
	if (xa_alloc(&qae_registry.section_ids, &section->id, NULL, xa_limit_31b, GFP_KERNEL)) {
		kfree(section);
		return NULL;
	}
	INIT_LIST_HEAD(&section->link);
	INIT_LIST_HEAD(&section->slices);
	INIT_LIST_HEAD(&section->span);
	strscpy(section->user_name, user_name, sizeof(section->user_name));
	qae_section_name(section->name, user_name, device, index);
	section->device = device;
	section->index = index;
	return section;
}

/**
 * qae_section_free() - free a section that is in no list
 * @section: section without slices, or NULL
 *
 * Context: any.
 */
void qae_section_free(struct qae_section *section)
{
	if (!section)
		return;
	xa_erase(&qae_registry.section_ids, section->id);
	kfree_rcu(section, rcu);
}

/* List order: by name, then device (sections that span endpoints last), then index. */
static int section_compare(const struct qae_section *section, const char *user_name, u32 device,
			   u32 index)
{
	int order = strcmp(section->user_name, user_name);

	if (order)
		return order;
	if (section->device != device)
		return section->device < device ? -1 : 1;
	if (section->index != index)
		return section->index < index ? -1 : 1;
	return 0;
}

/**
 * qae_section_find() - find the section that a new slice belongs to
 * @user_name: name in the configuration
 * @device: accelerator id or QAE_ENDPOINT_ANY
 * @index: process index
 *
 * Context: registry lock.
 * Return: the section, or NULL; never a retired one.
 */
struct qae_section *qae_section_find(const char *user_name, u32 device, u32 index)
{
	struct rb_node *node = qae_registry.section_tree.rb_node;
	struct qae_section *section, *last = NULL;
	int order;

	qae_registry_assert();
	while (node) {
		section = rb_entry(node, struct qae_section, node);
		order = section_compare(section, user_name, device, index);
		if (!order)
			last = section;
		node = order > 0 ? node->rb_left : node->rb_right;
	}
	/* Retired ones were there before the one that is not, so that one is the last. */
	return last && !last->retired ? last : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_find);

/**
 * qae_section_insert() - insert a section into the ordered list, and show it in listings
 * @new: section that is in no list
 * @group: the sections with the same name
 *
 * Context: registry lock.
 */
void qae_section_insert(struct qae_section *new, struct qae_group *group)
{
	struct rb_node **link = &qae_registry.section_tree.rb_node, *parent = NULL;
	struct list_head *place = &qae_registry.sections;
	struct qae_section *section;

	qae_registry_assert();
	while (*link) {
		parent = *link;
		section = rb_entry(parent, struct qae_section, node);
		if (section_compare(section, new->user_name, new->device, new->index) > 0) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			place = &section->link;
		}
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &qae_registry.section_tree);
	list_add(&new->link, place);
	qae_registry.num_sections++;
	qae_registry_changed();
	/* The id is reserved: the store allocates nothing and cannot fail. */
	WARN_ON(xa_err(xa_store(&qae_registry.section_ids, new->id, new, GFP_NOWAIT)));
	qae_group_get(group);
	group->sections++;
	new->group = group;
}

/**
 * qae_section_at() - find the section at an index of the ordered list
 * @last: where the previous call of this caller was; zeroed at first
 * @index: the index
 * @beyond: result, if there is no such section: how far the index is past the last one
 *
 * Callers go from index to index, so each call continues where the previous one was,
 * unless the list changed or its beginning is nearer. An index past the end
 * costs no walk: any process can ask for any index, and others wait for the lock.
 *
 * Context: registry lock.
 * Return: the section, or NULL.
 */
struct qae_section *qae_section_at(struct qae_section_position *last, u32 index, u32 *beyond)
{
	struct qae_section *section = NULL;
	u32 at = 0;

	qae_registry_assert();
	if (index >= qae_registry.num_sections) {
		*beyond = index - qae_registry.num_sections;
		return NULL;
	}
	if (last->sequence == qae_registry.sequence && last->index / 2 <= index)
		section = xa_load(&qae_registry.section_ids, last->id);
	if (section)
		at = last->index;
	else
		section = list_first_entry(&qae_registry.sections, struct qae_section, link);
	for (; at < index; at++)
		section = list_next_entry(section, link);
	for (; at > index; at--)
		section = list_prev_entry(section, link);
	*last = (struct qae_section_position){ qae_registry.sequence, index, section->id };
	return section;
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_at);

static void section_destroy(struct qae_section *section)
{
	WARN_ON(section->holder);
	qae_group_del_free(section);
	rb_erase(&section->node, &qae_registry.section_tree);
	list_del(&section->link);
	qae_registry.num_sections--;
	qae_registry_changed();
	section->group->sections -= !section->retired;
	qae_group_put(section->group);
	qae_section_free(section);
}

/* Claims find it exactly if it is free. Call it after the slices or the holder changed. */
static void section_requeue(struct qae_section *section)
{
	qae_group_del_free(section);
	if (!section->holder && !section->retired)
		qae_group_add_free(section);
}

/**
 * qae_section_add_slice() - let a slice join a section
 * @section: section that is not retired
 * @slice: slice of an endpoint that the section has no other slice of, except a retired one; in
 *	no section
 *
 * Context: registry lock; never fails.
 */
void qae_section_add_slice(struct qae_section *section, struct qae_slice *slice)
{
	struct qae_slice *other;

	qae_registry_assert();
	list_for_each_entry_reverse(other, &section->slices, section_link)
		if (other->endpoint->id <= slice->endpoint->id)
			break;
	list_add(&slice->section_link, &other->section_link);
	section->num_slices++;
	slice->section = section;
	section_requeue(section);
}

static void del_slice(struct qae_slice *slice)
{
	list_del(&slice->section_link);
	slice->section->num_slices--;
}

/*
 * All granted slices are retired. The slices that joined since must not wait for
 * a process that holds only retired ones: move them to a new section.
 */
static void section_split(struct qae_section *section)
{
	struct qae_section *successor = NULL;
	struct qae_slice *slice, *next;

	section->retired = true;
	section->group->sections--;
	qae_group_del_free(section);
	list_for_each_entry_safe(slice, next, &section->slices, section_link) {
		if (slice->retired)
			continue;
		if (!successor) {
			successor = slice->spare;
			slice->spare = NULL;
			qae_section_insert(successor, section->group);
		}
		del_slice(slice);
		qae_section_add_slice(successor, slice);
	}
}

/**
 * qae_section_update() - free or split a section after its slices changed
 * @section: freed if it has no slice left
 *
 * Context: registry lock; never fails.
 */
void qae_section_update(struct qae_section *section)
{
	struct qae_slice *slice;

	qae_registry_assert();
	if (list_empty(&section->slices)) {
		section_destroy(section);
		return;
	}
	if (section->retired)
		return;
	list_for_each_entry(slice, &section->slices, section_link) {
		if (!slice->retired && (slice->granted || !section->holder)) {
			section_requeue(section);
			return;
		}
	}
	section_split(section);
}

/**
 * qae_section_has() - whether a slice counts as part of the section
 * @section: held or free
 * @slice: one of its slices
 *
 * A held section consists of the granted slices, a free one of those that the
 * next claim would grant.
 *
 * Context: registry lock.
 * Return: true if it counts.
 */
bool qae_section_has(const struct qae_section *section, const struct qae_slice *slice)
{
	return section->holder ? slice->granted : !slice->retired;
}

/**
 * qae_section_counts() - count the instances of a section
 * @section: held or free
 * @count: result, by service; see qae_section_has()
 *
 * Context: registry lock.
 */
void qae_section_counts(const struct qae_section *section, u32 count[__QAE_SERVICE_COUNT])
{
	struct qae_slice *slice;
	struct qae_instance_obj *inst;

	qae_registry_assert();
	memset(count, 0, sizeof(*count) * __QAE_SERVICE_COUNT);
	list_for_each_entry(slice, &section->slices, section_link)
		if (qae_section_has(section, slice))
			list_for_each_entry(inst, &slice->insts, link)
				count[inst->service]++;
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_counts);

static void revoke_slices(struct qae_section *section)
{
	struct qae_slice *slice;
	struct qae_instance_obj *inst;

	list_for_each_entry(slice, &section->slices, section_link) {
		slice->granted = false;
		list_for_each_entry(inst, &slice->insts, link)
			if (inst->holder)
				qae_instance_revoke(inst);
	}
}

/**
 * qae_section_hold() - make a client the holder of a free section
 * @section: free section
 * @client: new holder
 *
 * The instances have no ids yet; see qae_section_number().
 *
 * Context: registry lock; never fails.
 */
void qae_section_hold(struct qae_section *section, struct qae_client *client)
{
	struct qae_slice *slice;
	struct qae_instance_obj *inst;

	qae_registry_assert();
	list_for_each_entry(slice, &section->slices, section_link) {
		list_for_each_entry(inst, &slice->insts, link)
			qae_instance_hold(inst, client);
		slice->granted = true;
		qae_section_free(slice->spare);
		slice->spare = NULL;
	}
	qae_group_del_free(section);
	section->holder = client;
	qae_registry_changed();
	trace_qae_section_claim(section->name, client->id, client->num_static);
	qae_event_section(section);
}

/**
 * qae_section_number() - give the instances of a held section their ids
 * @section: held section
 * @ids: reserved ids of the holder, one for each instance
 *
 * Context: registry lock; never fails.
 */
void qae_section_number(struct qae_section *section, const u32 *ids)
{
	struct qae_slice *slice;
	struct qae_instance_obj *inst;

	qae_registry_assert();
	list_for_each_entry(slice, &section->slices, section_link)
		if (slice->granted)
			list_for_each_entry(inst, &slice->insts, link)
				qae_instance_number(inst, *ids++);
}

/**
 * qae_slice_destroy() - free a slice and its instances
 * @slice: not granted; linked to an endpoint and a section
 *
 * The ring pairs stay taken: the caller frees them, or replaces the bitmap.
 *
 * Context: registry lock; never fails.
 */
void qae_slice_destroy(struct qae_slice *slice)
{
	struct qae_instance_obj *inst, *next;

	qae_registry_assert();
	list_for_each_entry_safe(inst, next, &slice->insts, link)
		qae_instance_destroy(inst);
	list_del(&slice->endpoint_link);
	del_slice(slice);
	qae_endpoint_put(slice->endpoint);
	qae_section_free(slice->spare);
	kfree(slice);
}

static void free_ring_pairs(struct qae_slice *slice)
{
	struct qae_instance_obj *inst;

	list_for_each_entry(inst, &slice->insts, link)
		__clear_bit(inst->ordinal, inst->endpoint->used[inst->service]);
}

/**
 * qae_section_give_back() - end the holding of a section
 * @section: held section; may be freed
 *
 * If a claim waits for the name, the first one has the section when this
 * returns.
 *
 * Context: registry lock; never fails.
 */
void qae_section_give_back(struct qae_section *section)
{
	struct qae_group *group = section->group;
	struct qae_slice *slice, *next;

	qae_group_get(group);
	trace_qae_section_release(section->name, section->holder->id);
	revoke_slices(section);
	section->holder = NULL;
	list_for_each_entry_safe(slice, next, &section->slices, section_link) {
		if (slice->retired) {
			free_ring_pairs(slice);
			qae_slice_destroy(slice);
		}
	}
	qae_event_section(section);
	qae_section_update(section);
	qae_registry_changed();
	qae_claims_serve(group);
	qae_group_put(group);
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_give_back);

static void free_dynamic(struct qae_client *client)
{
	unsigned long first = 0;
	bool more;

	do {
		spin_lock(&qae_registry.lock);
		more = qae_dyn_free_some(client, &first);
		spin_unlock(&qae_registry.lock);
		cond_resched();
	} while (more);
}

/**
 * qae_section_release() - release the section and all dynamic instances
 * @client: client; the caller keeps others from allocating instances for it
 *
 * Context: registry lock not held; may sleep; never fails.
 * Return: 0, or -ENOTCONN if the client holds nothing.
 */
int qae_section_release(struct qae_client *client)
{
	struct qae_section *section;
	bool watched = false;
	int err = -ENOTCONN;

	free_dynamic(client);
	spin_lock(&qae_registry.lock);
	if (client->started) {
		section = client->section;
		client->started = false;
		WRITE_ONCE(client->section, NULL);
		watched = qae_watch_end(&client->watch);
		if (section)
			qae_section_give_back(section);
		err = 0;
	}
	spin_unlock(&qae_registry.lock);
	if (watched)
		qae_watch_wake(&client->watch);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_release);
