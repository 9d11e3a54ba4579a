// SPDX-License-Identifier: GPL-2.0-only
/*
 * The read-only ioctls, and poll(). Every process that can open the device may
 * use them: a process that may claim a section may also see whether one is held,
 * and by which process if reader.h lets it. They report no memory address.
 */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/string.h>

#include "client.h"
#include "ioctl.h"
#include "mem/region.h"
#include "model/model.h"
#include "reader.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "session/watch.h"

/**
 * qae_ioctl_info() - handle QAE_IOC_INFO
 * @ucmd: ioctl being handled
 *
 * Works with no endpoint up, and without a claimed section. Takes no lock.
 *
 * Context: process context.
 * Return: 0 or -EFAULT.
 */
int qae_ioctl_info(struct qae_ucmd *ucmd)
{
	struct qae_info *cmd = &ucmd->cmd->info;

	cmd->endpoints_up = qae_endpoints_up();
	cmd->abi_version = QAE_ABI_VERSION;
	cmd->max_region_size = qae_region_max();
	cmd->max_alignment = QAE_MAX_ALIGNMENT;
	return qae_ucmd_respond(ucmd, sizeof(*cmd));
}

/**
 * qae_ioctl_pool_query() - handle QAE_IOC_POOL_QUERY
 * @ucmd: ioctl being handled
 *
 * Reports a consistent pair of counts; both are 0 for an unknown endpoint.
 *
 * Context: process context.
 * Return: 0, -EINVAL or -EFAULT.
 */
int qae_ioctl_pool_query(struct qae_ucmd *ucmd)
{
	struct qae_pool_query *cmd = &ucmd->cmd->pool_query;

	if (cmd->service >= __QAE_SERVICE_COUNT)
		return -EINVAL;
	spin_lock(&qae_registry.lock);
	qae_dyn_count(cmd->service, cmd->endpoint, &cmd->available, &cmd->total);
	spin_unlock(&qae_registry.lock);
	return qae_ucmd_respond(ucmd, sizeof(*cmd));
}

/**
 * qae_ioctl_pool_watch() - handle QAE_IOC_POOL_WATCH
 * @ucmd: ioctl being handled
 *
 * Replaces the watch of the descriptor, and wakes its pollers.
 *
 * Context: process context.
 * Return: 0, -EINVAL or -EOPNOTSUPP.
 */
int qae_ioctl_pool_watch(struct qae_ucmd *ucmd)
{
	const struct qae_pool_watch *cmd = &ucmd->cmd->pool_watch;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	if (cmd->service >= __QAE_SERVICE_COUNT)
		return -EINVAL;
	qae_watch_set(&ucmd->client->watch, cmd->service, cmd->endpoint, cmd->count);
	return 0;
}

/**
 * qae_poll() - poll() on /dev/qae_mem
 * @file: the descriptor
 * @wait: poll table
 *
 * POLLIN while at least the watched number of dynamic instances is free. POLLERR
 * if waiting cannot succeed: fewer instances are configured, for example because the
 * pool shrank or the endpoint was removed. Nothing if nothing is watched: POLLERR
 * cannot be masked, so an event loop that has the descriptor for another reason would
 * never sleep.
 *
 * Return: the poll mask.
 */
__poll_t qae_poll(struct file *file, struct poll_table_struct *wait)
{
	struct qae_client *client = file->private_data;
	u32 available = 0, total = 0;
	u32 wanted;

	poll_wait(file, &client->watch.wait, wait);
	spin_lock(&qae_registry.lock);
	wanted = client->watch.count;
	if (wanted)
		qae_dyn_count(client->watch.service, client->watch.endpoint, &available, &total);
	spin_unlock(&qae_registry.lock);
	if (!wanted)
		return 0;
	if (total < wanted)
		return EPOLLERR;
	return available >= wanted ? EPOLLIN | EPOLLRDNORM : 0;
}

/* The endpoint with the lowest id that is at least @id. */
static struct qae_endpoint *endpoint_from(u32 id)
{
	unsigned long index = id;

	return xa_find(&qae_registry.endpoint_ids, &index, U32_MAX, XA_PRESENT);
}

/**
 * qae_ioctl_endpoint_query() - handle QAE_IOC_ENDPOINT_QUERY
 * @ucmd: ioctl being handled
 *
 * Describes the endpoint with the lowest id from the given one on, so that a
 * caller can iterate although endpoints come and go.
 *
 * Context: process context.
 * Return: 0, -ENODEV past the last endpoint, or -EFAULT.
 */
int qae_ioctl_endpoint_query(struct qae_ucmd *ucmd)
{
	struct qae_endpoint_query *cmd = &ucmd->cmd->endpoint_query;
	struct qae_endpoint *endpoint;

	spin_lock(&qae_registry.lock);
	endpoint = endpoint_from(cmd->endpoint);
	if (endpoint) {
		cmd->endpoint = endpoint->id;
		cmd->state = endpoint->state;
		cmd->services = endpoint->config && endpoint->config->services ?
					endpoint->config->services : QAE_SVC_ALL;
		cmd->node = endpoint->node;
		cmd->pci_device = endpoint->model->device;
		cmd->pci_domain = endpoint->pci_domain;
		cmd->pci_busdevfn = endpoint->pci_busdevfn;
		cmd->is_vf = endpoint->model->is_vf;
		cmd->ring_pairs = qae_model_ring_pairs(endpoint->model);
		cmd->index = endpoint->index;
		memset(cmd->type, 0, sizeof(cmd->type));
		strscpy(cmd->type, endpoint->model->type, sizeof(cmd->type));
	}
	spin_unlock(&qae_registry.lock);
	return endpoint ? qae_ucmd_respond(ucmd, sizeof(*cmd)) : -ENODEV;
}

static void describe_section(const struct qae_section *section, const struct qae_reader *reader,
			     struct qae_section_query *cmd)
{
	u32 count[__QAE_SERVICE_COUNT];

	qae_section_counts(section, count);
	cmd->num_instances = count[QAE_SERVICE_CY] + count[QAE_SERVICE_DC];
	cmd->held = !!section->holder;
	if (section->holder && qae_reader_sees(reader, &section->holder->holder))
		cmd->holder_pid = qae_holder_pid(&section->holder->holder, reader->pid_ns);
	strscpy(cmd->user_name, section->user_name, sizeof(cmd->user_name));
	strscpy(cmd->section, section->name, sizeof(cmd->section));
}

/* The indexes after the last section stand for names with NumProcesses 0. */
static const struct qae_config_section *unused_name(u32 index)
{
	struct qae_endpoint *endpoint;
	u32 i;

	if (index >= qae_registry.num_unused)
		return NULL;
	list_for_each_entry(endpoint, &qae_registry.endpoints, link) {
		for (i = 0; endpoint->config && i < endpoint->config->num_sections; i++) {
			const struct qae_config_section *cs = &endpoint->config->sections[i];

			if (qae_config_is_unused(cs) && !index--)
				return cs;
		}
	}
	return NULL;
}

/**
 * qae_ioctl_section_query() - handle QAE_IOC_SECTION_QUERY
 * @ucmd: ioctl being handled
 *
 * Describes the section at an index; after the last one come the user names that
 * have no section because NumProcesses is 0. The holder's process id is that of
 * the caller's pid namespace, 0 if the caller may not see the holder.
 *
 * Context: process context.
 * Return: 0, -ENOENT past the end, or -EFAULT.
 */
int qae_ioctl_section_query(struct qae_ucmd *ucmd)
{
	const struct qae_reader reader = qae_reader_current(NULL);
	struct qae_section_query *cmd = &ucmd->cmd->section_query;
	const struct qae_config_section *unused = NULL;
	struct qae_section *found;
	u32 beyond = 0;

	memset(cmd->user_name, 0, sizeof(cmd->user_name));
	memset(cmd->section, 0, sizeof(cmd->section));
	cmd->held = 0;
	cmd->holder_pid = 0;
	cmd->num_instances = 0;

	spin_lock(&qae_registry.lock);
	found = qae_section_at(&ucmd->client->queried, cmd->index, &beyond);
	if (found) {
		describe_section(found, &reader, cmd);
	} else {
		unused = unused_name(beyond);
		if (unused)
			strscpy(cmd->user_name, unused->name, sizeof(cmd->user_name));
	}
	spin_unlock(&qae_registry.lock);
	return found || unused ? qae_ucmd_respond(ucmd, sizeof(*cmd)) : -ENOENT;
}
