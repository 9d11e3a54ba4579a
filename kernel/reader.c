// SPDX-License-Identifier: GPL-2.0-only
/* The reader: see reader.h. */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "holder.h"
#include "reader.h"

/**
 * qae_reader_current() - describe current as a reader
 * @file: file through which the answer goes, or NULL if it goes to current itself
 *
 * What goes through a file may end up with whoever opened it, whatever the task
 * that happens to read or write may do. So both must be allowed to see it.
 *
 * Context: process context; @file is open.
 * Return: the reader, valid as long as current has its present namespaces.
 */
struct qae_reader qae_reader_current(const struct file *file)
{
	struct qae_reader reader = {
		.pid_ns = task_active_pid_ns(current),
		.user_ns = current_user_ns(),
		.uid = current_euid(),
		/* Not audited: who may see less is not refused anything. */
		.admin = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN),
	};

	reader.opener = file ? file->f_cred->euid : reader.uid;
	reader.opener_admin = file ? file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN) :
				     reader.admin;
	return reader;
}

/**
 * qae_reader_sees_user() - whether a reader may see what a user has
 * @reader: the reader
 * @uid: the user
 *
 * Context: any.
 * Return: true if it may.
 */
bool qae_reader_sees_user(const struct qae_reader *reader, kuid_t uid)
{
	return (reader->admin || uid_eq(reader->uid, uid)) &&
	       (reader->opener_admin || uid_eq(reader->opener, uid));
}
EXPORT_SYMBOL_IF_KUNIT(qae_reader_sees_user);

/**
 * qae_reader_sees() - whether a reader may see who a holder is and what it has pinned
 * @reader: the reader
 * @holder: the holder
 *
 * Context: any; the caller keeps @holder.
 * Return: true if it may.
 */
bool qae_reader_sees(const struct qae_reader *reader, const struct qae_holder *holder)
{
	return qae_reader_sees_user(reader, holder->uid) &&
	       qae_holder_is_in(holder, reader->pid_ns);
}
EXPORT_SYMBOL_IF_KUNIT(qae_reader_sees);
