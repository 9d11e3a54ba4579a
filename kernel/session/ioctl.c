// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls that claim a section and allocate instances.
 *
 * If a result cannot be copied to the caller, the section or instances are
 * released before another thread can use them through the same descriptor. A
 * claim becomes visible to the other ioctls only when it is committed (claim.c);
 * all others run under the descriptor's session mutex, including the copies of
 * their results.
 */
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "client.h"
#include "ioctl.h"
#include "session/claim.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"

/* Size of struct qae_instance in ABI version 1. */
#define INSTANCE_MIN_SIZE	offsetofend(struct qae_instance, name)

#define FREE_CHUNK		64

static int check_instance_size(u32 size)
{
	if (size < INSTANCE_MIN_SIZE)
		return -EINVAL;
	return size > PAGE_SIZE ? -E2BIG : 0;
}

/* Copy one element into an array whose element size is the caller's @size. */
static int copy_instance(void __user *array, u32 index, u32 size, const struct qae_instance *info)
{
	void __user *to = array + (size_t)index * size;
	size_t known = min_t(size_t, size, sizeof(*info));

	if (copy_to_user(to, info, known) || clear_user(to + known, size - known))
		return -EFAULT;
	return 0;
}

static int copy_instances(u64 array, u32 size, const struct qae_instance *infos, u32 count)
{
	u32 i;
	int err;

	for (i = 0; i < count; i++) {
		err = copy_instance(u64_to_user_ptr(array), i, size, &infos[i]);
		if (err)
			return err;
	}
	return 0;
}

static void describe_section(const struct qae_section *section, struct qae_section_claim *cmd,
			     struct qae_instance *infos)
{
	struct qae_slice *slice;
	struct qae_instance_obj *inst;

	spin_lock(&qae_registry.lock);
	strscpy(cmd->section, section->name, sizeof(cmd->section));
	list_for_each_entry(slice, &section->slices, section_link)
		if (slice->granted)
			list_for_each_entry(inst, &slice->insts, link)
				qae_instance_describe(inst, infos++);
	spin_unlock(&qae_registry.lock);
}

/* Copy a section to the caller. A claim of "DYN" alone has no section. */
static int deliver_section(struct qae_ucmd *ucmd, const struct qae_claim *claim)
{
	struct qae_section_claim *cmd = &ucmd->cmd->section_claim;
	struct qae_instance *infos = NULL;
	int err = 0;

	memset(cmd->section, 0, sizeof(cmd->section));
	cmd->num_instances = claim->num_insts;
	if (claim->section) {
		infos = kvcalloc(max(claim->num_insts, 1U), sizeof(*infos), GFP_KERNEL);
		if (!infos)
			return -ENOMEM;
		describe_section(claim->section, cmd, infos);
		err = copy_instances(cmd->instances, cmd->instance_size, infos, claim->num_insts);
	}
	kvfree(infos);
	return err ?: qae_ucmd_respond(ucmd, sizeof(*cmd));
}

/**
 * qae_ioctl_section_claim() - handle QAE_IOC_SECTION_CLAIM
 * @ucmd: ioctl being handled
 *
 * If the results cannot be copied to the caller, the section is released.
 *
 * Context: process context; may wait for a free section.
 * Return: 0, -EINVAL, -E2BIG, -EFAULT, -ENOMEM, or an error of
 * qae_claim_begin().
 */
int qae_ioctl_section_claim(struct qae_ucmd *ucmd)
{
	struct qae_section_claim *cmd = &ucmd->cmd->section_claim;
	struct qae_claim claim;
	u64 deadline = cmd->deadline;
	int err;

	err = check_instance_size(cmd->instance_size);
	if (err)
		return err;
	if (!cmd->name[0] || !memchr(cmd->name, 0, sizeof(cmd->name)))
		return -EINVAL;

	err = qae_claim_begin(&claim, ucmd->client, cmd->name, cmd->num_instances, &deadline);
	if (!err) {
		err = deliver_section(ucmd, &claim);
		if (err)
			qae_claim_abort(&claim);
		else
			qae_claim_commit(&claim);
		return err;
	}
	if (err == -EMSGSIZE)
		cmd->num_instances = claim.num_insts;
	else if (err == -ERESTARTSYS)
		cmd->deadline = deadline;
	else
		return err;
	return qae_ucmd_respond(ucmd, sizeof(*cmd)) ?: err;
}

/**
 * qae_ioctl_section_release() - handle QAE_IOC_SECTION_RELEASE
 * @ucmd: ioctl being handled
 *
 * Releases the section and every dynamic instance of the descriptor.
 *
 * Context: process context.
 * Return: 0, -ENOTCONN if nothing is claimed, or -ERESTARTSYS.
 */
int qae_ioctl_section_release(struct qae_ucmd *ucmd)
{
	struct qae_client *client = ucmd->client;
	int err;

	if (mutex_lock_interruptible(&client->session))
		return -ERESTARTSYS;
	err = qae_section_release(client);
	mutex_unlock(&client->session);
	return err;
}

/* An instance whose description the caller did not get. */
static void free_dynamic(struct qae_client *client, const struct qae_instance *infos, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		spin_lock(&qae_registry.lock);
		qae_dyn_free(client, &infos[i].id, 1);
		spin_unlock(&qae_registry.lock);
	}
}

/**
 * qae_ioctl_instance_alloc() - handle QAE_IOC_INSTANCE_ALLOC
 * @ucmd: ioctl being handled
 *
 * Allocates all requested instances or none. If the results cannot be copied to
 * the caller, the instances are freed.
 *
 * Context: process context.
 * Return: 0, -EINVAL, -E2BIG, -EFAULT, -ERESTARTSYS, or an error of
 * qae_dyn_alloc().
 */
int qae_ioctl_instance_alloc(struct qae_ucmd *ucmd)
{
	const struct qae_instance_alloc *cmd = &ucmd->cmd->instance_alloc;
	struct qae_client *client = ucmd->client;
	struct qae_instance *infos;
	int err;

	err = check_instance_size(cmd->instance_size);
	if (err)
		return err;
	if (cmd->service >= __QAE_SERVICE_COUNT || !cmd->count)
		return -EINVAL;

	if (mutex_lock_interruptible(&client->session))
		return -ERESTARTSYS;
	err = qae_dyn_alloc(client, cmd->service, cmd->endpoint, cmd->count, &infos);
	if (!err) {
		err = copy_instances(cmd->instances, cmd->instance_size, infos, cmd->count);
		if (err)
			free_dynamic(client, infos, cmd->count);
		kvfree(infos);
	}
	mutex_unlock(&client->session);
	return err;
}

static int free_chunk(struct qae_client *client, const u32 *ids, u32 count, u32 *freed)
{
	u32 n;

	spin_lock(&qae_registry.lock);
	n = qae_dyn_free(client, ids, count);
	spin_unlock(&qae_registry.lock);
	*freed += n;
	return n < count ? -ENOENT : 0;
}

/*
 * Free every valid id, even if others in the array are not. An invalid id takes
 * precedence over -EFAULT and -EINTR of a later chunk.
 */
static int free_ids(struct qae_client *client, struct qae_instance_free *cmd)
{
	const u32 __user *ids = u64_to_user_ptr(cmd->ids);
	u32 chunk[FREE_CHUNK];
	u32 done = 0, n;
	int err = 0;

	while (done < cmd->count) {
		n = min_t(u32, cmd->count - done, FREE_CHUNK);
		if (copy_from_user(chunk, ids + done, n * sizeof(*chunk)))
			return err ?: -EFAULT;
		err = free_chunk(client, chunk, n, &cmd->freed) ?: err;
		done += n;
		if (fatal_signal_pending(current))
			return err ?: -EINTR;
		cond_resched();
	}
	return err;
}

/**
 * qae_ioctl_instance_free() - handle QAE_IOC_INSTANCE_FREE
 * @ucmd: ioctl being handled
 *
 * Frees every valid id of the array and reports how many, also on error.
 *
 * Context: process context.
 * Return: 0, -EINVAL, -ENOENT if an id is invalid, -EFAULT, -EINTR if the task
 * was killed, or -ERESTARTSYS.
 */
int qae_ioctl_instance_free(struct qae_ucmd *ucmd)
{
	struct qae_instance_free *cmd = &ucmd->cmd->instance_free;
	int err;

	if (!cmd->count)
		return -EINVAL;
	cmd->freed = 0;
	if (mutex_lock_interruptible(&ucmd->client->session))
		return -ERESTARTSYS;
	err = free_ids(ucmd->client, cmd);
	mutex_unlock(&ucmd->client->session);
	return qae_ucmd_respond(ucmd, sizeof(*cmd)) ?: err;
}

/**
 * qae_ioctl_instance_query() - handle QAE_IOC_INSTANCE_QUERY
 * @ucmd: ioctl being handled
 *
 * Describes an instance that the descriptor holds, including the present state
 * of its endpoint.
 *
 * Context: process context.
 * Return: 0, -EINVAL, -E2BIG, -EFAULT, or -ENOENT if the descriptor does not
 * hold the instance.
 */
int qae_ioctl_instance_query(struct qae_ucmd *ucmd)
{
	const struct qae_instance_query *cmd = &ucmd->cmd->instance_query;
	struct qae_instance info;
	struct qae_instance_obj *inst;
	int err;

	err = check_instance_size(cmd->instance_size);
	if (err)
		return err;
	spin_lock(&qae_registry.lock);
	inst = xa_load(&ucmd->client->insts, cmd->id);
	if (inst)
		qae_instance_describe(inst, &info);
	spin_unlock(&qae_registry.lock);
	if (!inst)
		return -ENOENT;
	return copy_instance(u64_to_user_ptr(cmd->instance), 0, cmd->instance_size, &info);
}
