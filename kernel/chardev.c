// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/qae_mem, the interface to everything that a descriptor owns. This file
 * handles files and user pointers and has no policy; each ioctl is an entry of a
 * table and a handler elsewhere that sees kernel memory only.
 */
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "client.h"
#include "ioctl.h"
#include "mem/region.h"

/**
 * struct ioctl_op - one ioctl
 * @cmd: ioctl number
 * @size: size of its structure as this kernel knows it
 * @min_size: end of the last field of version 1; anything smaller is invalid
 * @flags: flags that it knows
 * @execute: handler; calls qae_ucmd_respond() if it has results
 */
struct ioctl_op {
	unsigned int cmd;
	unsigned int size;
	unsigned int min_size;
	u32 flags;
	int (*execute)(struct qae_ucmd *ucmd);
};

/* All structures begin with size and flags and fit the buffer. */
#define IOCTL_OP(NUMBER, name, last)	IOCTL_OP_FLAGS(NUMBER, name, last, 0)

#define IOCTL_OP_FLAGS(NUMBER, name, last, known)					\
	[_IOC_NR(QAE_IOC_##NUMBER) - QAE_IOC_BASE] = {					\
		.cmd = QAE_IOC_##NUMBER,						\
		.size = sizeof(struct qae_##name) +					\
			BUILD_BUG_ON_ZERO(sizeof(struct qae_##name) >			\
					  sizeof(union qae_ucmd_buffer)) +		\
			BUILD_BUG_ON_ZERO(offsetof(struct qae_##name, size)) +		\
			BUILD_BUG_ON_ZERO(offsetof(struct qae_##name, flags) !=		\
					  sizeof(u32)),					\
		.min_size = offsetofend(struct qae_##name, last),			\
		.flags = known,								\
		.execute = qae_ioctl_##name,						\
	}

static const struct ioctl_op ioctl_ops[] = {
	IOCTL_OP(INFO, info, max_alignment),
	IOCTL_OP_FLAGS(MEM_ALLOC, mem_alloc, mmap_offset, QAE_MEM_ALLOC_OPTIONAL),
	IOCTL_OP(MEM_FREE, mem_free, __reserved),
	IOCTL_OP(MEM_QUERY, mem_query, device_address),
	IOCTL_OP(SECTION_CLAIM, section_claim, instance_size),
	IOCTL_OP(SECTION_RELEASE, section_release, flags),
	IOCTL_OP(INSTANCE_ALLOC, instance_alloc, instances),
	IOCTL_OP(INSTANCE_FREE, instance_free, freed),
	IOCTL_OP(INSTANCE_QUERY, instance_query, instance),
	IOCTL_OP(POOL_QUERY, pool_query, total),
	IOCTL_OP(POOL_WATCH, pool_watch, __reserved),
	IOCTL_OP(ENDPOINT_QUERY, endpoint_query, type),
	IOCTL_OP(SECTION_QUERY, section_query, section),
};

static const struct ioctl_op *find_op(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd) - QAE_IOC_BASE;
	const struct ioctl_op *op;

	if (nr >= ARRAY_SIZE(ioctl_ops))
		return NULL;
	op = &ioctl_ops[array_index_nospec(nr, ARRAY_SIZE(ioctl_ops))];
	return op->cmd == cmd ? op : NULL;
}

static long qae_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	const struct ioctl_op *op = find_op(number);
	union qae_ucmd_buffer buffer;
	struct qae_ucmd ucmd = {
		.client = file->private_data,
		.ubuffer = (void __user *)arg,
		.cmd = &buffer,
	};
	int err;

	if (!op)
		return -ENOTTY;
	if (get_user(ucmd.user_size, (u32 __user *)ucmd.ubuffer))
		return -EFAULT;
	if (ucmd.user_size < op->min_size)
		return -EINVAL;
	/* Bounds the scan of an unknown tail; no structure will ever be so large. */
	if (ucmd.user_size > PAGE_SIZE)
		return -E2BIG;

	err = copy_struct_from_user(&buffer, op->size, ucmd.ubuffer, ucmd.user_size);
	if (err)
		return err;
	/* The field has the same offset in all structures. */
	if (buffer.info.flags & ~op->flags)
		return -EOPNOTSUPP;
	return op->execute(&ucmd);
}

/**
 * qae_ucmd_respond() - copy the structure to user space
 * @ucmd: the ioctl
 * @size: size of the structure as this kernel knows it
 *
 * Copies no more than the caller's size. A tail that this kernel does not know
 * stays as it is, zero.
 *
 * Context: process context; not under qae_registry.lock, because the copy may fault.
 * Return: 0 or -EFAULT.
 */
int qae_ucmd_respond(struct qae_ucmd *ucmd, size_t size)
{
	if (copy_to_user(ucmd->ubuffer, ucmd->cmd, min_t(size_t, ucmd->user_size, size)))
		return -EFAULT;
	return 0;
}

static int qae_open(struct inode *inode, struct file *file)
{
	struct qae_client *client = qae_client_create();

	if (IS_ERR(client))
		return PTR_ERR(client);
	file->private_data = client;
	return 0;
}

static int qae_release(struct inode *inode, struct file *file)
{
	qae_client_destroy(file->private_data);
	return 0;
}

static void qae_show_fdinfo(struct seq_file *seq, struct file *file)
{
	qae_client_show(file->private_data, seq);
}

/* A mapping holds the file, and the file holds the module through .owner. */
static const struct file_operations qae_fops = {
	.owner = THIS_MODULE,
	.open = qae_open,
	.release = qae_release,
	.unlocked_ioctl = qae_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = qae_region_mmap,
	.get_unmapped_area = thp_get_unmapped_area,
	.poll = qae_poll,
	.show_fdinfo = qae_show_fdinfo,
};

static struct miscdevice qae_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "qae_mem",
	.fops = &qae_fops,
	.mode = 0660,
};

/**
 * qae_chardev_init() - create /dev/qae_mem
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int qae_chardev_init(void)
{
	return misc_register(&qae_device);
}

/* Removes /dev/qae_mem. No file of it is open, because each would hold the module. */
void qae_chardev_exit(void)
{
	misc_deregister(&qae_device);
}
