// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users: one record for all clients of a user, looked up when a client is created
 * and held by it. The user is that of the process that opened the descriptor: a
 * process that receives the descriptor is charged to the opener.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "compat.h"
#include "mem/charge.h"
#include "trace.h"

struct qae_users qae_users = {
	.lock = __SPIN_LOCK_UNLOCKED(qae_users.lock),
	.by_uid = RB_ROOT,
};
EXPORT_SYMBOL_IF_KUNIT(qae_users);

static int compare(struct rb_node *node, const struct rb_node *other)
{
	uid_t a = __kuid_val(rb_entry(node, struct qae_user, node)->uid);
	uid_t b = __kuid_val(rb_entry(other, struct qae_user, node)->uid);

	return a < b ? -1 : a > b;
}

/* Takes a reference, unless the user has as many as allowed. Under qae_users.lock. */
static bool try_get(struct qae_user *user)
{
	struct qae_limit_state *limit = &qae_limits[QAE_LIMIT_DESCRIPTORS];

	if (user->clients >= (u64)atomic64_read(&limit->most)) {
		atomic64_inc(&limit->refused);
		trace_qae_limit_refused(0, 0, QAE_LIMIT_DESCRIPTORS);
		return false;
	}
	user->clients++;
	return true;
}

/**
 * qae_user_get() - get the record of a user, creating it if necessary
 * @uid: the user
 *
 * Each client has one reference, so that the limit on descriptors is held here.
 *
 * Allocates a record before taking the lock, even if it turns out not to be
 * needed: other opens and exits must not wait for memory.
 *
 * Context: process context.
 * Return: the record with a reference for the caller, ERR_PTR(-ENOMEM), or ERR_PTR(-EDQUOT) if
 * the user has as many descriptors open as allowed.
 */
struct qae_user *qae_user_get(kuid_t uid)
{
	struct qae_user *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
	struct qae_user *user = fresh;
	struct rb_node *found;
	bool allowed;

	if (!fresh)
		return ERR_PTR(-ENOMEM);
	fresh->uid = uid;

	spin_lock(&qae_users.lock);
	found = rb_find_add(&fresh->node, &qae_users.by_uid, compare);
	if (found)
		user = rb_entry(found, struct qae_user, node);
	allowed = try_get(user);
	if (!allowed && !found)
		rb_erase(&fresh->node, &qae_users.by_uid);
	spin_unlock(&qae_users.lock);

	if (found || !allowed)
		kfree(fresh);
	return allowed ? user : ERR_PTR(-EDQUOT);
}
EXPORT_SYMBOL_IF_KUNIT(qae_user_get);

/**
 * qae_user_put() - drop a reference
 * @user: from qae_user_get()
 *
 * The last reference frees the record and its counts.
 *
 * Context: process context.
 */
void qae_user_put(struct qae_user *user)
{
	bool last;

	spin_lock(&qae_users.lock);
	last = !--user->clients;
	if (last)
		rb_erase(&user->node, &qae_users.by_uid);
	spin_unlock(&qae_users.lock);
	if (!last)
		return;
	WARN_ON(atomic64_read(&user->bytes) || atomic64_read(&user->regions));
	kfree(user);
}
EXPORT_SYMBOL_IF_KUNIT(qae_user_put);

/**
 * qae_user_from() - find the user with the lowest uid that is not below a given one
 * @uid: that one
 *
 * Context: qae_users.lock.
 * Return: the record, or NULL.
 */
struct qae_user *qae_user_from(kuid_t uid)
{
	struct rb_node *node = qae_users.by_uid.rb_node;
	struct qae_user *found = NULL;

	lockdep_assert_held(&qae_users.lock);
	while (node) {
		struct qae_user *user = rb_entry(node, struct qae_user, node);

		if (__kuid_val(user->uid) < __kuid_val(uid)) {
			node = node->rb_right;
		} else {
			found = user;
			node = node->rb_left;
		}
	}
	return found;
}
EXPORT_SYMBOL_IF_KUNIT(qae_user_from);
