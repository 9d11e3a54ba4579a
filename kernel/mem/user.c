// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users: one record for all clients that a user opened, found when a client is
 * made and kept by it. The user is the one of the process that opened the
 * descriptor: whoever it is handed to spends the opener's share.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "compat.h"
#include "mem/charge.h"

struct qae_users qae_users = {
	.lock = __MUTEX_INITIALIZER(qae_users.lock),
	.by_uid = RB_ROOT,
};
EXPORT_SYMBOL_IF_KUNIT(qae_users);

static int compare(struct rb_node *node, const struct rb_node *other)
{
	uid_t a = __kuid_val(rb_entry(node, struct qae_user, node)->uid);
	uid_t b = __kuid_val(rb_entry(other, struct qae_user, node)->uid);

	return a < b ? -1 : a > b;
}

/**
 * qae_user_get() - the record of a user, made if there is none, with one more reference
 * @uid: the user
 *
 * A new record is made before it is known whether one is needed: memory must
 * not be waited for under a lock that others need to open and to exit.
 *
 * Context: process context.
 * Return: the record or ERR_PTR(-ENOMEM).
 */
struct qae_user *qae_user_get(kuid_t uid)
{
	struct qae_user *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
	struct qae_user *user = fresh;
	struct rb_node *found;

	if (!fresh)
		return ERR_PTR(-ENOMEM);
	fresh->uid = uid;

	mutex_lock(&qae_users.lock);
	found = rb_find_add(&fresh->node, &qae_users.by_uid, compare);
	if (found)
		user = rb_entry(found, struct qae_user, node);
	user->clients++;
	mutex_unlock(&qae_users.lock);

	if (found)
		kfree(fresh);
	return user;
}
EXPORT_SYMBOL_IF_KUNIT(qae_user_get);

/**
 * qae_user_put() - one reference less; with the last one the record and its counts go
 * @user: from qae_user_get()
 *
 * Context: process context.
 */
void qae_user_put(struct qae_user *user)
{
	bool last;

	mutex_lock(&qae_users.lock);
	last = !--user->clients;
	if (last)
		rb_erase(&user->node, &qae_users.by_uid);
	mutex_unlock(&qae_users.lock);
	if (!last)
		return;
	WARN_ON(atomic64_read(&user->bytes) || atomic64_read(&user->regions));
	kfree(user);
}
EXPORT_SYMBOL_IF_KUNIT(qae_user_put);
