// SPDX-License-Identifier: GPL-2.0-only
/* Ioctls of pinned memory. */
#include <linux/err.h>

#include "client.h"
#include "ioctl.h"
#include "mem/charge.h"
#include "mem/region.h"

/* Keeps mmap() offsets, id << 26, within the range of its argument. */
#define MAX_REGIONS	(1024 * 1024)

/* Reserves an id that no lookup finds: the slot holds a zero entry until the region is stored. */
static int reserve_id(struct qae_client *client, u32 *id)
{
	int err = xa_alloc(&client->regions, id, NULL, XA_LIMIT(1, MAX_REGIONS),
			   GFP_KERNEL_ACCOUNT);

	return err == -EBUSY ? -ENOMEM : err;
}

/* Reports the limit that refused and its numbers; other fields are returned unchanged. */
static int respond_refused(struct qae_ucmd *ucmd, const struct qae_refusal *refusal)
{
	struct qae_mem_alloc *cmd = &ucmd->cmd->mem_alloc;

	cmd->limit = refusal->limit;
	cmd->limit_most = refusal->most;
	cmd->limit_bytes = refusal->bytes;
	return qae_ucmd_respond(ucmd, sizeof(*cmd)) ?: -EDQUOT;
}

/**
 * qae_ioctl_mem_alloc() - QAE_IOC_MEM_ALLOC: allocate a region
 * @ucmd: the ioctl
 *
 * Copies the result to user space before it publishes the region: a caller that
 * did not receive the id must not own the region, and once it is published another
 * thread may free it at any time, so it could not be taken back.
 *
 * Context: process context, may sleep for long.
 *
 * Return: 0 or a negative errno.
 */
int qae_ioctl_mem_alloc(struct qae_ucmd *ucmd)
{
	struct qae_mem_alloc *cmd = &ucmd->cmd->mem_alloc;
	struct qae_client *client = ucmd->client;
	struct qae_region *region;
	struct qae_refusal refusal = {
		.uncounted = cmd->flags & QAE_MEM_ALLOC_OPTIONAL,
	};
	u32 id;
	int err;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	err = reserve_id(client, &id);
	if (err)
		return err;

	region = qae_region_alloc_within(client, cmd->length, cmd->alignment, cmd->node, &refusal);
	if (IS_ERR(region)) {
		err = PTR_ERR(region);
		if (err == -EDQUOT)
			err = respond_refused(ucmd, &refusal);
		goto err_id;
	}
	cmd->limit = QAE_LIMIT_NONE;
	cmd->limit_most = 0;
	cmd->limit_bytes = 0;
	cmd->length = qae_region_size(region);
	cmd->node = region->node;
	cmd->id = id;
	cmd->device_address = qae_region_address(region);
	cmd->mmap_offset = qae_region_mmap_offset(id);
	err = qae_ucmd_respond(ucmd, sizeof(*cmd));
	if (err)
		goto err_region;

	/* The slot is reserved: the store allocates nothing and cannot fail. */
	WARN_ON(xa_err(xa_store(&client->regions, id, region, GFP_KERNEL_ACCOUNT)));
	return 0;

err_region:
	qae_region_put(region);
err_id:
	xa_erase(&client->regions, id);
	return err;
}

/**
 * qae_ioctl_mem_free() - QAE_IOC_MEM_FREE: free a region
 * @ucmd: the ioctl
 *
 * Loads before it erases: an id that another thread has reserved but not yet
 * published cannot be freed and must stay reserved.
 *
 * Context: process context, may sleep.
 *
 * Return: 0 or a negative errno.
 */
int qae_ioctl_mem_free(struct qae_ucmd *ucmd)
{
	const struct qae_mem_free *cmd = &ucmd->cmd->mem_free;
	struct xarray *regions = &ucmd->client->regions;
	struct qae_region *region;

	if (cmd->__reserved)
		return -EOPNOTSUPP;

	xa_lock(regions);
	region = xa_load(regions, cmd->id);
	if (region)
		__xa_erase(regions, cmd->id);
	xa_unlock(regions);
	if (!region)
		return -ENOENT;

	qae_region_put(region);
	return 0;
}

/**
 * qae_ioctl_mem_query() - QAE_IOC_MEM_QUERY: report size, node and address of a region
 * @ucmd: the ioctl
 *
 * Context: process context, may sleep.
 * Return: 0 or a negative errno.
 */
int qae_ioctl_mem_query(struct qae_ucmd *ucmd)
{
	struct qae_mem_query *cmd = &ucmd->cmd->mem_query;
	struct qae_region *region = qae_region_find(ucmd->client, cmd->id);

	if (!region)
		return -ENOENT;
	cmd->node = region->node;
	cmd->length = qae_region_size(region);
	cmd->device_address = qae_region_address(region);
	qae_region_put(region);
	return qae_ucmd_respond(ucmd, sizeof(*cmd));
}
