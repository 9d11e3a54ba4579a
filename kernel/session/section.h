/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal sections, which one process can claim, and the endpoints' parts of them. */
#ifndef QAE_SESSION_SECTION_H
#define QAE_SESSION_SECTION_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include <linux/qae.h>

struct qae_client;
struct qae_section_position;
struct qae_endpoint;
struct qae_group;

/**
 * struct qae_slice - the part of an internal section that lies on one endpoint
 * @endpoint_link: in endpoint->slices
 * @section_link: in section->slices, ordered by accelerator id
 * @endpoint: counted reference
 * @section: owner
 * @spare: preallocated section to move to if the joined one ends with its holder, where
 *	nothing may fail; NULL once granted
 * @insts: its instances, Cy before Dc, in file order
 * @granted: the section's holder has these instances; a slice that joined a held section
 *	waits for the next holder
 * @retired: its configuration is gone; the slice is destroyed when the holder releases it
 * @kept: during publication: the new configuration has the same slice, and a client holds it
 */
struct qae_slice {
	struct list_head endpoint_link;
	struct list_head section_link;
	struct qae_endpoint *endpoint;
	struct qae_section *section;
	struct qae_section *spare;
	struct list_head insts;
	bool granted;
	bool retired;
	bool kept;
};

/**
 * struct qae_section - internal section, the unit that one process can claim
 * @link: in qae_registry.sections, ordered by user name, device and index
 * @node: in qae_registry.section_tree, in the same order
 * @rcu: frees it after the last reader of a holder's section name
 * @id: id in listings; reserved in qae_registry.section_ids, and stored there once listed
 * @name: for example "SSL_DEV0_INT_2" or "IPsec_INT_0"
 * @user_name: name in the configuration, for example "SSL" or "IPsec"
 * @group: all sections with that name; counted reference
 * @device: accelerator id with LimitDevAccess, else QAE_ENDPOINT_ANY
 * @index: process index
 * @slices: its parts, one for each endpoint
 * @num_slices: elements of @slices
 * @span: in group->free if it is the first free one on its endpoints, else empty
 * @peers: the other free ones on these endpoints, by index, while @span is in a list
 * @peer: in @peers of the first one
 * @free_slices: @num_slices when it was added to the free ones; 0: it is not among them
 * @holder: client that holds it, or NULL
 * @retired: all granted slices are retired; claims and new configurations ignore it
 *
 * A section exists as long as it has a slice.
 */
struct qae_section {
	struct list_head link;
	struct rb_node node;
	struct rcu_head rcu;
	u32 id;
	char name[QAE_SECTION_SIZE];
	char user_name[QAE_NAME_SIZE];
	struct qae_group *group;
	u32 device;
	u32 index;
	struct list_head slices;
	u32 num_slices;
	struct list_head span;
	struct rb_root_cached peers;
	struct rb_node peer;
	u32 free_slices;
	struct qae_client *holder;
	bool retired;
};

void qae_slice_destroy(struct qae_slice *slice);
void qae_section_name(char name[QAE_SECTION_SIZE], const char *user_name, u32 device, u32 index);
struct qae_section *qae_section_create(const char *user_name, u32 device, u32 index);
void qae_section_free(struct qae_section *section);
struct qae_section *qae_section_at(struct qae_section_position *last, u32 index, u32 *beyond);
struct qae_section *qae_section_find(const char *user_name, u32 device, u32 index);
void qae_section_insert(struct qae_section *section, struct qae_group *group);
void qae_section_add_slice(struct qae_section *section, struct qae_slice *slice);
void qae_section_update(struct qae_section *section);
void qae_section_hold(struct qae_section *section, struct qae_client *client);
void qae_section_number(struct qae_section *section, const u32 *ids);
void qae_section_give_back(struct qae_section *section);
int qae_section_release(struct qae_client *client);
bool qae_section_has(const struct qae_section *section, const struct qae_slice *slice);
void qae_section_counts(const struct qae_section *section, u32 count[__QAE_SERVICE_COUNT]);

#endif /* QAE_SESSION_SECTION_H */
