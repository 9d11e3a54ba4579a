/* SPDX-License-Identifier: GPL-2.0-only */
/* Dispatch of ioctls: chardev.c copies the structures, a handler per ioctl does the work. */
#ifndef QAE_IOCTL_H
#define QAE_IOCTL_H

#include <linux/poll.h>
#include <linux/types.h>

#include <linux/qae.h>

struct qae_client;

/* Room for any ioctl structure. */
union qae_ucmd_buffer {
	struct qae_info info;
	struct qae_mem_alloc mem_alloc;
	struct qae_mem_free mem_free;
	struct qae_mem_query mem_query;
	struct qae_section_claim section_claim;
	struct qae_section_release section_release;
	struct qae_instance_alloc instance_alloc;
	struct qae_instance_free instance_free;
	struct qae_instance_query instance_query;
	struct qae_pool_query pool_query;
	struct qae_pool_watch pool_watch;
	struct qae_endpoint_query endpoint_query;
	struct qae_section_query section_query;
};

/**
 * struct qae_ucmd - one ioctl in progress
 * @client: client of the descriptor
 * @ubuffer: structure of the caller
 * @user_size: its size as the caller knows it
 * @cmd: kernel copy of the structure, padded with zeroes
 */
struct qae_ucmd {
	struct qae_client *client;
	void __user *ubuffer;
	u32 user_size;
	union qae_ucmd_buffer *cmd;
};

/* chardev.c */
int qae_ucmd_respond(struct qae_ucmd *ucmd, size_t size);
int qae_chardev_init(void);
void qae_chardev_exit(void);

/* mem/ioctl.c, session/ioctl.c, session/query_ioctl.c: one handler per ioctl */
int qae_ioctl_mem_alloc(struct qae_ucmd *ucmd);
int qae_ioctl_mem_free(struct qae_ucmd *ucmd);
int qae_ioctl_mem_query(struct qae_ucmd *ucmd);
int qae_ioctl_section_claim(struct qae_ucmd *ucmd);
int qae_ioctl_section_release(struct qae_ucmd *ucmd);
int qae_ioctl_instance_alloc(struct qae_ucmd *ucmd);
int qae_ioctl_instance_free(struct qae_ucmd *ucmd);
int qae_ioctl_instance_query(struct qae_ucmd *ucmd);
int qae_ioctl_info(struct qae_ucmd *ucmd);
int qae_ioctl_pool_query(struct qae_ucmd *ucmd);
int qae_ioctl_pool_watch(struct qae_ucmd *ucmd);
int qae_ioctl_endpoint_query(struct qae_ucmd *ucmd);
int qae_ioctl_section_query(struct qae_ucmd *ucmd);
__poll_t qae_poll(struct file *file, struct poll_table_struct *wait);

#endif /* QAE_IOCTL_H */
