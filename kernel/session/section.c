// SPDX-License-Identifier: GPL-2.0-only
/*
 * Internal sections: their names, and which process holds which.
 *
 * A section is a set of slices, one for each endpoint with instances in it. A
 * claim grants the slices that exist at that moment. A slice that joins later
 * waits for the next holder; a retired slice goes when the present holder
 * releases the section.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "client.h"
#include "compat.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
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
	struct qae_section *section;

	qae_registry_assert();
	list_for_each_entry(section, &qae_registry.sections, link)
		if (!section->retired &&
		    !section_compare(section, user_name, device, index))
			return section;
	return NULL;
}

/**
 * qae_section_insert() - insert a section into the ordered list
 * @new: section that is in no list
 *
 * Context: registry lock.
 */
void qae_section_insert(struct qae_section *new)
{
	struct qae_section *section;

	qae_registry_assert();
	list_for_each_entry(section, &qae_registry.sections, link)
		if (section_compare(section, new->user_name, new->device, new->index) > 0)
			break;
	list_add_tail(&new->link, &section->link);
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
	list_for_each_entry_safe(slice, next, &section->slices, section_link) {
		if (slice->retired)
			continue;
		if (!successor) {
			successor = slice->spare;
			slice->spare = NULL;
			INIT_LIST_HEAD(&successor->slices);
			qae_section_insert(successor);
		}
		list_move_tail(&slice->section_link, &successor->slices);
		slice->section = successor;
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
		WARN_ON(section->holder);
		list_del(&section->link);
		kfree(section);
		return;
	}
	list_for_each_entry(slice, &section->slices, section_link)
		if (!slice->retired && (slice->granted || !section->holder))
			return;
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

/*
 * Find a section in the configurations of all endpoints. If several have the
 * name, the longest wait counts: an endpoint that comes or goes must not turn a
 * section that waits into one that fails at once.
 */
static const struct qae_config_section *config_find(const char *name,
						    bool (*same)(const char *, const char *))
{
	const struct qae_config_section *found = NULL;
	struct qae_endpoint *endpoint;
	u32 i;

	list_for_each_entry(endpoint, &qae_registry.endpoints, link) {
		for (i = 0; endpoint->config && i < endpoint->config->num_sections; i++) {
			const struct qae_config_section *cs = &endpoint->config->sections[i];

			if (cs->kind == QAE_INSTANCE_KERNEL || !same(cs->name, name))
				continue;
			/* Ambiguous: two spellings match equally well. */
			if (found && strcmp(found->name, cs->name))
				return NULL;
			if (!found || cs->wait_ms > found->wait_ms)
				found = cs;
		}
	}
	return found;
}

static bool same_exact(const char *a, const char *b)
{
	return !strcmp(a, b);
}

static bool same_but_case(const char *a, const char *b)
{
	return !strcasecmp(a, b);
}

/**
 * qae_section_is_configured() - whether any endpoint's configuration has a section
 * @user_name: exact name
 *
 * Context: registry lock.
 * Return: true if one has it; [KERNEL] does not count.
 */
bool qae_section_is_configured(const char *user_name)
{
	qae_registry_assert();
	return config_find(user_name, same_exact);
}

/*
 * The load of a section is the sum of endpoint->held over its endpoints. Held
 * sections are included in it. All sections that span the same endpoints have
 * the same load.
 */
static void section_rank(const struct qae_section *section, int node, bool *near, u32 *load)
{
	struct qae_slice *slice;

	*near = false;
	*load = 0;
	list_for_each_entry(slice, &section->slices, section_link) {
		*near |= slice->endpoint->node == node;
		*load += slice->endpoint->held;
	}
}

/* A claim gets nothing from functions that are all being reset or in error. */
static bool section_serves(const struct qae_section *section)
{
	const struct qae_slice *slice;

	list_for_each_entry(slice, &section->slices, section_link)
		if (slice->endpoint->state == QAE_ENDPOINT_UP)
			return true;
	return false;
}

/* Prefer the caller's node, then the lowest load, then list order. */
static struct qae_section *pick_section(const char *user_name, bool *exists)
{
	struct qae_section *section, *best = NULL;
	u32 load, best_load = 0;
	bool near, best_near = false;

	*exists = false;
	list_for_each_entry(section, &qae_registry.sections, link) {
		if (section->retired || strcmp(section->user_name, user_name))
			continue;
		*exists = true;
		if (section->holder || !section_serves(section))
			continue;
		section_rank(section, numa_node_id(), &near, &load);
		if (!best || near > best_near || (near == best_near && load < best_load)) {
			best = section;
			best_near = near;
			best_load = load;
		}
	}
	return best;
}

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

static int grant_section(struct qae_client *client, struct qae_section *section)
{
	struct qae_slice *slice;
	struct qae_instance_obj *inst;
	int err;

	list_for_each_entry(slice, &section->slices, section_link) {
		list_for_each_entry(inst, &slice->insts, link) {
			err = qae_instance_grant(inst, client);
			if (err) {
				revoke_slices(section);
				return err;
			}
		}
		slice->granted = true;
		kfree(slice->spare);
		slice->spare = NULL;
	}
	section->holder = client;
	client->section = section;
	client->started = true;
	qae_registry_changed();
	trace_qae_section_claim(section->name, client->id, client->num_static);
	qae_event_section(section);
	return 0;
}

static int claim_once(struct qae_client *client, const char *name, u32 capacity, u32 *num_insts,
		      u32 *wait_ms)
{
	const struct qae_config_section *cs;
	u32 count[__QAE_SERVICE_COUNT];
	struct qae_section *section;
	bool exists;

	qae_registry_assert();
	*num_insts = 0;
	if (!qae_endpoints_expected())
		return -ENODEV;
	cs = config_find(name, same_exact);
	if (!cs && strcmp(name, "DYN"))
		cs = config_find(name, same_but_case);
	if (!cs)
		return -ENOENT;
	if (cs->kind == QAE_INSTANCE_DYN) {
		client->started = true;
		return 0;
	}
	section = pick_section(cs->name, &exists);
	if (!section) {
		*wait_ms = cs->wait_ms;
		return exists ? -EBUSY : -ENOSPC;
	}
	qae_section_counts(section, count);
	*num_insts = count[QAE_SERVICE_CY] + count[QAE_SERVICE_DC];
	if (*num_insts > capacity)
		return -EMSGSIZE;
	return grant_section(client, section);
}

/**
 * qae_section_claim() - claim a free section by name
 * @client: without a section; its session mutex is held
 * @name: section name in the configuration
 * @capacity: number of instances the caller has room for
 * @num_insts: result: instances of the section, also with -EMSGSIZE
 *
 * If all sections are held, waits for as long as the configuration allows; the
 * limit found at the first attempt counts. A claim that a signal interrupted
 * keeps its deadline: the next call, for example the kernel's own restart when
 * no handler ran, waits for the remaining time only. So neither a debugger nor
 * the cgroup freezer prolongs or ends the wait.
 *
 * Context: registry lock not held; may sleep.
 * Return: 0, -ERESTARTSYS, or an error that the uapi header lists for
 * QAE_IOC_SECTION_CLAIM.
 */
int qae_section_claim(struct qae_client *client, const char *name, u32 capacity, u32 *num_insts)
{
	u32 wait_ms = 0;
	u32 seen;
	long left;
	int err;

	lockdep_assert_held(&client->session);
	if (client->started)
		return -EALREADY;
	for (;;) {
		/* Read the counter before the attempt, to notice a release after it. */
		seen = READ_ONCE(qae_registry.freed);
		mutex_lock(&qae_registry.lock);
		err = claim_once(client, name, capacity, num_insts, &wait_ms);
		mutex_unlock(&qae_registry.lock);
		if (err != -EBUSY || !wait_ms)
			break;
		if (!client->waiting)
			client->wait_until = jiffies + msecs_to_jiffies(wait_ms);
		client->waiting = true;
		left = (long)(client->wait_until - jiffies);
		if (left <= 0) {
			err = -ETIMEDOUT;
			break;
		}
		left = wait_event_interruptible_timeout(qae_registry.wait,
							READ_ONCE(qae_registry.freed) != seen,
							left);
		if (left < 0)
			return -ERESTARTSYS;
	}
	client->waiting = false;
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_claim);

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
	list_del(&slice->section_link);
	qae_endpoint_put(slice->endpoint);
	kfree(slice->spare);
	kfree(slice);
}

static void free_ring_pairs(struct qae_slice *slice)
{
	struct qae_instance_obj *inst;

	list_for_each_entry(inst, &slice->insts, link)
		__clear_bit(inst->ordinal, inst->endpoint->used[inst->service]);
}

/**
 * qae_section_release() - release the section and all dynamic instances
 * @client: client; may hold nothing
 *
 * Context: registry lock; never fails.
 */
void qae_section_release(struct qae_client *client)
{
	struct qae_section *section = client->section;
	struct qae_slice *slice, *next;

	qae_registry_assert();
	qae_dyn_free_all(client);
	client->started = false;
	client->section = NULL;
	client->watch.count = 0;
	if (section) {
		trace_qae_section_release(section->name, client->id);
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
	}
	/* Also wake pollers of this descriptor: its watch ended. */
	qae_registry_freed();
}
EXPORT_SYMBOL_IF_KUNIT(qae_section_release);
