/* SPDX-License-Identifier: GPL-2.0-only */
/* The holder: the process that opened a descriptor, to be shown and never to be trusted. */
#ifndef QAE_HOLDER_H
#define QAE_HOLDER_H

#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct pid;
struct pid_namespace;

/**
 * struct qae_holder - the identity of a process that may hold something
 * @pid: the process, not the thread, which may exit long before the descriptor is closed; it has
 *	a number in each pid namespace that the process is in, also when the process has exited
 * @uid: its real user when it opened the descriptor
 * @comm: its name at that moment
 *
 * Part of a client and never copied. It does not change, and lives as long as the
 * client's memory: an RCU grace period longer than the client is in listings. So it is
 * read without a lock. It decides no access; reader.h decides who may see it.
 */
struct qae_holder {
	struct pid *pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
};

void qae_holder_init(struct qae_holder *holder);
void qae_holder_destroy(struct qae_holder *holder);
bool qae_holder_is_in(const struct qae_holder *holder, struct pid_namespace *ns);
u32 qae_holder_pid(const struct qae_holder *holder, struct pid_namespace *ns);

#endif /* QAE_HOLDER_H */
