/* SPDX-License-Identifier: GPL-2.0-only */
/* Instances: the right to ring pairs of an endpoint, in a section or in a pool. */
#ifndef QAE_SESSION_INSTANCE_H
#define QAE_SESSION_INSTANCE_H

#include <linux/list.h>
#include <linux/types.h>

#include <linux/qae.h>

#include "model/layout.h"

struct qae_client;
struct qae_config_instance;
struct qae_endpoint;
struct qae_slice;

#define QAE_MAX_ORDINALS	256	/* instances of one service on one endpoint */

/**
 * struct qae_instance_obj - an instance: the right to use ring pairs of an endpoint
 * @link: in its slice (static) or its endpoint's pool (DYN, KERNEL)
 * @endpoint: counted reference; a tombstone if the function was removed
 * @slice: slice of a static instance, else NULL
 * @holder: client that holds it, or NULL
 * @id: its id in the holder's table; 0 without one: free, or handed to a claim that has yet to
 *	wake
 * @listing_id: its id in qae_registry.instance_ids
 * @kind: static, DYN or KERNEL
 * @service: QAE_SERVICE_CY or QAE_SERVICE_DC
 * @services: QAE_SVC_* it can serve
 * @poll_mode: enum qae_poll_mode
 * @core: CPU from the core list for this process, or QAE_CORE_NONE
 * @ordinal: number among the instances of its service on the endpoint
 * @pairs: ring pairs
 * @retired: its configuration is gone; the instance is destroyed when its holder releases it
 * @kept: a DYN instance during publication: the new configuration has an entry for it
 * @name: instance name
 *
 * Guarded by qae_registry.lock. User space gets a description of it, struct
 * qae_instance.
 */
struct qae_instance_obj {
	struct list_head link;
	struct qae_endpoint *endpoint;
	struct qae_slice *slice;
	struct qae_client *holder;
	u32 id;
	u32 listing_id;
	enum qae_instance_kind kind;
	enum qae_service service;
	u32 services;
	u32 poll_mode;
	s32 core;
	u32 ordinal;
	struct qae_ring_pairs pairs;
	bool retired;
	bool kept;
	char name[QAE_NAME_SIZE];
};

struct qae_instance_obj *qae_instance_create(const struct qae_config_instance *config, u32 process);
void qae_instance_free(struct qae_instance_obj *inst);
void qae_instance_list(struct qae_instance_obj *inst);
void qae_instance_destroy(struct qae_instance_obj *inst);
void qae_instance_hold(struct qae_instance_obj *inst, struct qae_client *client);
u32 *qae_ids_reserve(struct qae_client *client, u32 count);
void qae_ids_release(struct qae_client *client, const u32 *ids, u32 count);
void qae_instance_number(struct qae_instance_obj *inst, u32 id);
void qae_instance_revoke(struct qae_instance_obj *inst);
void qae_instance_describe(const struct qae_instance_obj *inst, struct qae_instance *info);
int qae_dyn_alloc(struct qae_client *client, enum qae_service service, u32 endpoint, u32 count,
		  struct qae_instance **infos);
u32 qae_dyn_free(struct qae_client *client, const u32 *ids, u32 count);
bool qae_dyn_free_some(struct qae_client *client, unsigned long *first);
void qae_dyn_count(enum qae_service service, u32 endpoint, u32 *available, u32 *total);
void qae_pools_report_changed(void);

#endif /* QAE_SESSION_INSTANCE_H */
