// SPDX-License-Identifier: GPL-2.0-only
/* The holder: see holder.h. */
#include <linux/cred.h>
#include <linux/pid.h>

#include "compat.h"
#include "holder.h"

/**
 * qae_holder_init() - record the process that current belongs to
 * @holder: not initialised
 *
 * Context: process context.
 */
void qae_holder_init(struct qae_holder *holder)
{
	holder->pid = get_pid(task_tgid(current));
	holder->uid = current_uid();
	get_task_comm(holder->comm, current->group_leader);
}
EXPORT_SYMBOL_IF_KUNIT(qae_holder_init);

/**
 * qae_holder_destroy() - end what qae_holder_init() did
 * @holder: nobody reads it any more; zeroed ones may be destroyed too
 *
 * Context: any.
 */
void qae_holder_destroy(struct qae_holder *holder)
{
	put_pid(holder->pid);
}
EXPORT_SYMBOL_IF_KUNIT(qae_holder_destroy);

/**
 * qae_holder_is_in() - whether the process is, or was, in a pid namespace
 * @holder: the holder
 * @ns: pid namespace, or one above it
 *
 * Context: any.
 * Return: true if it has, or had, a number there.
 */
bool qae_holder_is_in(const struct qae_holder *holder, struct pid_namespace *ns)
{
	return pid_nr_ns(holder->pid, ns);
}

/**
 * qae_holder_pid() - process id of a holder
 * @holder: the holder
 * @ns: pid namespace of the reader
 *
 * Context: any.
 * Return: process id, or 0 if the process is not in @ns or has exited.
 */
u32 qae_holder_pid(const struct qae_holder *holder, struct pid_namespace *ns)
{
	/* The pid of an exited process may have been reused. */
	return pid_has_task(holder->pid, PIDTYPE_TGID) ? pid_nr_ns(holder->pid, ns) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_holder_pid);
