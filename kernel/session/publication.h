/* SPDX-License-Identifier: GPL-2.0-only */
/* Publications: a configuration with the objects that its publishing needs. */
#ifndef QAE_SESSION_PUBLICATION_H
#define QAE_SESSION_PUBLICATION_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/types.h>

#include <linux/qae.h>

#include "model/layout.h"
#include "session/config.h"
#include "session/instance.h"

#define QAE_MAX_POOL	(__QAE_SERVICE_COUNT * QAE_MAX_INSTANCES)

/**
 * struct qae_publication - a configuration that is about to be published
 * @config: the configuration
 * @err: why there are no objects: 0, -ENOMEM, or -ENOSPC if no endpoint is large enough
 * @slices: a slice with its own section and its instances for each process of each user
 *	section, in the order of the configuration
 * @dyn: an instance for each entry of [DYN], in that order
 * @kernel: likewise for [KERNEL]
 * @surplus_slices: slices that are not needed, because a client keeps the same one
 * @surplus_insts: instances of pools that are not needed
 * @layout: division of the ring pairs under @config
 * @used: ordinals taken under @config, by service
 * @keeps: a holder keeps something of the present configuration
 * @kept: processes whose slice a client holds and keeps, counted over the user sections
 * @taken: entries of [DYN] that match a held instance
 *
 * qae_publication_prepare() makes everything that the configuration could need,
 * without the registry lock. Under the lock, where no memory may be allocated,
 * qae_publish() finds out how much of it is needed.
 */
struct qae_publication {
	const struct qae_config *config;
	int err;
	struct list_head slices;
	struct list_head dyn;
	struct list_head kernel;
	struct list_head surplus_slices;
	struct list_head surplus_insts;
	struct qae_layout layout;
	DECLARE_BITMAP(used[__QAE_SERVICE_COUNT], QAE_MAX_ORDINALS);
	bool keeps;
	DECLARE_BITMAP(kept, QAE_MAX_PROCESSES);
	DECLARE_BITMAP(taken, QAE_MAX_POOL);
};

struct qae_publication *qae_publication_prepare(struct qae_config *config);
void qae_publication_free(struct qae_publication *pub);

#endif /* QAE_SESSION_PUBLICATION_H */
