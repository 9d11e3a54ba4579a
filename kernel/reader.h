/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reader: the receiver of an answer about holders, and what it may contain.
 *
 * Listings, events and ioctls all decide here. Everyone may see that something is
 * held. Only a reader with the user id of the holder, or with CAP_SYS_ADMIN, may
 * see by which process and user, and how much memory they have pinned; and only
 * if the process has a number in the reader's pid namespace.
 */
#ifndef QAE_READER_H
#define QAE_READER_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct file;
struct pid_namespace;
struct qae_holder;
struct user_namespace;

/**
 * struct qae_reader - who receives an answer
 * @pid_ns: process ids are translated into it
 * @user_ns: user ids are translated into it
 * @uid: user of the receiving task
 * @admin: the receiving task has CAP_SYS_ADMIN
 * @opener: user of the task that opened the file through which the answer goes
 * @opener_admin: that task had CAP_SYS_ADMIN
 */
struct qae_reader {
	struct pid_namespace *pid_ns;
	struct user_namespace *user_ns;
	kuid_t uid;
	bool admin;
	kuid_t opener;
	bool opener_admin;
};

struct qae_reader qae_reader_current(const struct file *file);
bool qae_reader_sees_user(const struct qae_reader *reader, kuid_t uid);
bool qae_reader_sees(const struct qae_reader *reader, const struct qae_holder *holder);

#endif /* QAE_READER_H */
