// SPDX-License-Identifier: GPL-2.0-only
/*
 * Claims. A claim picks a free section of a name. If all are held and the
 * configuration says so, it waits in a queue, and the release of a section hands
 * it to the first claim in the queue that waits for the name.
 *
 * Invariant, under qae_registry.lock: while a claim waits for a name, no section
 * of that name is free on a function that serves, unless a round is under way.
 * Whatever frees or creates a section, or lets a function serve again, serves the
 * queue before it drops the lock.
 *
 * Any process can put claims into the queue, so their number is limited by that of
 * descriptors only, and one change can answer all of them. So only a batch is served in
 * one hold of the lock. If there are more, the round goes on from a worker. A claim
 * that arrives meanwhile joins the queue behind those that wait for the same name,
 * although a section may be free. So it cannot overtake. One that does not wait gets
 * EBUSY, as if those in front of it had been served already.
 *
 * A claim sleeps without any lock. client->claiming keeps a second claim from the
 * same descriptor; and as client->started stays false until the results have
 * been copied, the other ioctls see a descriptor that holds no section.
 */
#include <linux/ktime.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "client.h"
#include "compat.h"
#include "session/claim.h"
#include "session/endpoint.h"
#include "session/group.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"

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

/*
 * A claim gets nothing from functions that are all being reset or in error. The
 * sections of a span lie on the same endpoints, so one answer counts for all.
 */
static bool section_serves(const struct qae_section *section)
{
	const struct qae_slice *slice;

	list_for_each_entry(slice, &section->slices, section_link)
		if (slice->endpoint->state == QAE_ENDPOINT_UP)
			return true;
	return false;
}

/* Prefer the caller's node, then the lowest load, then the order of the list. */
static struct qae_section *pick_section(const struct qae_group *group, int node)
{
	bool some_near = qae_registry.on_node[node];
	struct qae_section *section, *best = NULL;
	u32 load, best_load = 0;
	bool near, best_near = false;

	list_for_each_entry(section, &group->free, span) {
		if (!section_serves(section))
			continue;
		section_rank(section, node, &near, &load);
		if (!best || near > best_near || (near == best_near && load < best_load)) {
			best = section;
			best_near = near;
			best_load = load;
		}
		/* No later one is nearer or has less load. */
		if (!best_load && (best_near || !some_near))
			break;
	}
	return best;
}

/*
 * One attempt, with the group that the name stands for now. On success the client
 * holds claim->section, if there is one.
 */
static int attempt(struct qae_claim *claim, struct qae_group **group)
{
	struct qae_section *section = NULL;
	u32 count[__QAE_SERVICE_COUNT];

	qae_registry_assert();
	claim->num_insts = 0;
	if (!qae_endpoints_expected())
		return -ENODEV;
	*group = qae_group_find(claim->name);
	if (!*group)
		return -ENOENT;
	if ((*group)->kind == QAE_INSTANCE_DYN)
		return 0;
	/* A claim that is not in the queue yet does not overtake those that are. */
	if (!list_empty(&claim->link) || list_empty(&(*group)->claims))
		section = pick_section(*group, claim->node);
	if (!section)
		return (*group)->sections ? -EBUSY : -ENOSPC;
	qae_section_counts(section, count);
	claim->num_insts = count[QAE_SERVICE_CY] + count[QAE_SERVICE_DC];
	if (claim->num_insts > claim->capacity)
		return -EMSGSIZE;
	qae_section_hold(section, claim->client);
	claim->section = section;
	return 0;
}

/* Enter the queue of a group, in the order of the tickets. */
static void join_group(struct qae_claim *claim, struct qae_group *group)
{
	struct qae_claim *other;

	qae_group_get(group);
	claim->group = group;
	list_for_each_entry_reverse(other, &group->claims, group_link)
		if (other->ticket < claim->ticket)
			break;
	list_add(&claim->group_link, &other->group_link);
}

static void leave_group(struct qae_claim *claim)
{
	list_del_init(&claim->group_link);
	qae_group_put(claim->group);
	claim->group = NULL;
}

/* The next claim in the queue, or NULL. */
static struct qae_claim *claim_after(struct qae_claim *claim)
{
	return list_is_last(&claim->link, &qae_registry.claims) ? NULL :
								  list_next_entry(claim, link);
}

static void dequeue(struct qae_claim *claim)
{
	if (qae_registry.unserved == claim)
		qae_registry.unserved = claim_after(claim);
	list_del_init(&claim->link);
	leave_group(claim);
}

/* Returns false if the claim has to wait on. */
static bool serve(struct qae_claim *claim)
{
	struct qae_group *group;
	int err = attempt(claim, &group);

	if (err == -EBUSY) {
		/* After a reload the name can stand for one with other letter case. */
		if (group != claim->group) {
			leave_group(claim);
			join_group(claim, group);
		}
		return false;
	}
	dequeue(claim);
	claim->result = err;
	complete(&claim->done);
	return true;
}

static void continue_round(struct work_struct *work);
static DECLARE_WORK(round_work, continue_round);

static void serve_batch(void)
{
	struct qae_claim *claim;
	unsigned int n;

	for (n = 0; n < QAE_SERVE_BATCH && qae_registry.unserved; n++) {
		claim = qae_registry.unserved;
		qae_registry.unserved = claim_after(claim);
		serve(claim);
	}
	if (qae_registry.unserved)
		schedule_work(&round_work);
}

static void continue_round(struct work_struct *work)
{
	spin_lock(&qae_registry.lock);
	serve_batch();
	spin_unlock(&qae_registry.lock);
}

/* Let the round that is under way, or a new one, come to a claim. */
static void include_in_round(struct qae_claim *claim)
{
	if (!qae_registry.unserved || claim->ticket < qae_registry.unserved->ticket)
		qae_registry.unserved = claim;
}

static void serve_group(struct qae_group *group)
{
	struct qae_claim *claim, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(claim, next, &group->claims, group_link) {
		if (n++ == QAE_SERVE_BATCH) {
			include_in_round(claim);
			schedule_work(&round_work);
			return;
		}
		/* Those behind one that has to wait would find the same. */
		if (!serve(claim))
			return;
	}
}

/**
 * qae_claims_serve() - let waiting claims try again, first come first served
 * @group: group of which a section became free, or NULL if configurations changed; referenced
 *	by the caller
 *
 * A claim that got a section, or that cannot get one any more, leaves the queue
 * and is woken. It holds its section before it is woken. If there are more claims than
 * QAE_SERVE_BATCH, a worker serves the others.
 *
 * Context: registry lock; never fails.
 */
void qae_claims_serve(struct qae_group *group)
{
	qae_registry_assert();
	if (group) {
		serve_group(group);
		return;
	}
	qae_registry.unserved = list_first_entry_or_null(&qae_registry.claims, struct qae_claim,
							 link);
	serve_batch();
}
EXPORT_SYMBOL_IF_KUNIT(qae_claims_serve);

/**
 * qae_claims_exit() - stop the worker
 *
 * Context: no claim waits, and none begins; may sleep.
 */
void qae_claims_exit(void)
{
	cancel_work_sync(&round_work);
}

/*
 * Enter the queue. A wait that a signal interrupted continues with its deadline
 * and in its old place if the caller shows that deadline. A deadline that this
 * client did not get can only shorten the wait.
 */
static void enqueue(struct qae_claim *claim, struct qae_group *group, u64 *deadline)
{
	struct qae_client *client = claim->client;
	u64 latest = ktime_get_ns() + (u64)group->wait_ms * NSEC_PER_MSEC;
	struct qae_claim *other;

	if (*deadline && *deadline == client->paused.deadline)
		claim->ticket = client->paused.ticket;
	else
		claim->ticket = ++qae_registry.tickets;
	client->paused.deadline = 0;
	*deadline = *deadline ? min(*deadline, latest) : latest;

	list_for_each_entry_reverse(other, &qae_registry.claims, link)
		if (other->ticket < claim->ticket)
			break;
	list_add(&claim->link, &other->link);
	join_group(claim, group);
	/* In its old place it may be in front of where the round is. */
	if (qae_registry.unserved)
		include_in_round(claim);
}

/*
 * Sleep until the claim is served, its deadline passes or a signal arrives. An
 * outcome takes precedence over the other two: a section that was handed over is
 * never lost.
 */
static int wait_until_served(struct qae_claim *claim, u64 deadline)
{
	struct qae_client *client = claim->client;
	u64 now = ktime_get_ns();
	unsigned long timeout;
	long left = 0;
	int err;

	if (deadline > now) {
		timeout = nsecs_to_jiffies(deadline - now) + 1;
		left = wait_for_completion_interruptible_timeout(&claim->done, timeout);
	}
	spin_lock(&qae_registry.lock);
	if (list_empty(&claim->link)) {
		err = claim->result;
	} else {
		dequeue(claim);
		err = left < 0 ? -ERESTARTSYS : -ETIMEDOUT;
	}
	if (err == -ERESTARTSYS) {
		client->paused.deadline = deadline;
		client->paused.ticket = claim->ticket;
	}
	if (err)
		client->claiming = false;
	spin_unlock(&qae_registry.lock);
	return err;
}

/*
 * Give the instances their ids. The claim keeps its instances, so their number is
 * that of the attempt, even if a reload has retired them.
 */
static int number(struct qae_claim *claim)
{
	u32 *ids = qae_ids_reserve(claim->client, claim->num_insts);

	if (!ids) {
		qae_claim_abort(claim);
		return -ENOMEM;
	}
	spin_lock(&qae_registry.lock);
	qae_section_number(claim->section, ids);
	spin_unlock(&qae_registry.lock);
	kvfree(ids);
	return 0;
}

/**
 * qae_claim_begin() - get a section by name
 * @claim: the claim, not initialised
 * @client: the client
 * @name: section name in the configuration
 * @capacity: number of instances the caller has room for
 * @deadline: in: 0, or what an interrupted call returned; out: end of the wait on
 *	CLOCK_MONOTONIC in ns, changed only if the call waited
 *
 * If all sections are held, waits for as long as the configuration allowed at
 * the first attempt.
 *
 * On success the client holds claim->section, but started is not set yet: call
 * qae_claim_commit() or qae_claim_abort(). On failure nothing is held.
 *
 * Context: no lock held; may sleep.
 * Return: 0, -ERESTARTSYS, or an error that the uapi header lists for
 * QAE_IOC_SECTION_CLAIM.
 */
int qae_claim_begin(struct qae_claim *claim, struct qae_client *client, const char *name,
		    u32 capacity, u64 *deadline)
{
	struct qae_group *group = NULL;
	bool waits = false;
	int err;

	memset(claim, 0, sizeof(*claim));
	INIT_LIST_HEAD(&claim->link);
	INIT_LIST_HEAD(&claim->group_link);
	init_completion(&claim->done);
	claim->client = client;
	claim->name = name;
	claim->capacity = capacity;
	claim->node = numa_node_id();

	spin_lock(&qae_registry.lock);
	err = client->started || client->claiming ? -EALREADY : attempt(claim, &group);
	if (err == -EBUSY && group->wait_ms) {
		enqueue(claim, group, deadline);
		waits = true;
	}
	if (!err || waits)
		client->claiming = true;
	spin_unlock(&qae_registry.lock);

	if (waits)
		err = wait_until_served(claim, *deadline);
	return err || !claim->section ? err : number(claim);
}
EXPORT_SYMBOL_IF_KUNIT(qae_claim_begin);

/**
 * qae_claim_commit() - finish a claim: the descriptor's other ioctls may use the section
 * @claim: claim that began successfully
 *
 * Context: registry lock not held; never fails.
 */
void qae_claim_commit(struct qae_claim *claim)
{
	struct qae_client *client = claim->client;

	spin_lock(&qae_registry.lock);
	/* Listings and fdinfo read its name under RCU alone. */
	smp_store_release(&client->section, claim->section);
	client->started = true;
	client->claiming = false;
	spin_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_claim_commit);

/**
 * qae_claim_abort() - undo a claim: the section goes to the next claim that waits
 * @claim: claim that began successfully
 *
 * Context: registry lock not held; never fails.
 */
void qae_claim_abort(struct qae_claim *claim)
{
	spin_lock(&qae_registry.lock);
	if (claim->section)
		qae_section_give_back(claim->section);
	claim->client->claiming = false;
	spin_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_claim_abort);
