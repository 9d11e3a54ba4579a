// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects as attributes: replies, listings and events of one kind of object
 * share one function, so that user space needs one parser.
 *
 * Each function returns 0, or -EMSGSIZE if the message has no room; the caller
 * then discards the whole message. No function reports device addresses or
 * region ids: only the owner may know them, through its descriptor.
 */
#include <linux/cred.h>
#include <linux/uidgid.h>

#include "client.h"
#include "holder.h"
#include "mem/charge.h"
#include "mem/reserve.h"
#include "model/model.h"
#include "netlink/netlink.h"
#include "reader.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"

static int put_endpoint_place(struct sk_buff *skb, const struct qae_endpoint *endpoint)
{
	if (nla_put_s32(skb, QAE_A_ENDPOINT_NODE, endpoint->node) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_PCI_DOMAIN, endpoint->pci_domain) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_PCI_BUSDEVFN, endpoint->pci_busdevfn) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_PCI_DEVICE, endpoint->model->device) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_IS_VF, endpoint->model->is_vf))
		return -EMSGSIZE;
	return 0;
}

/* Skip retired slices: their configuration is no longer in force. */
static u32 count_sections(const struct qae_endpoint *endpoint)
{
	const struct qae_slice *slice;
	u32 count = 0;

	list_for_each_entry(slice, &endpoint->slices, endpoint_link)
		count += !slice->retired;
	return count;
}

static int put_endpoint_use(struct sk_buff *skb, const struct qae_endpoint *endpoint)
{
	u32 services = endpoint->config ? endpoint->layout.services : 0;
	u32 addresses = endpoint->config ? endpoint->ops->addresses(endpoint) :
					   QAE_ADDRESSES_NONE;

	if (nla_put_u32(skb, QAE_A_ENDPOINT_RING_PAIRS, qae_model_ring_pairs(endpoint->model)) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_RING_PAIRS_USED,
			qae_endpoint_ring_pairs_used(endpoint)) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_SERVICES, services) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_SECTIONS, count_sections(endpoint)) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_HELD, endpoint->held) ||
	    nla_put_u32(skb, QAE_A_GENERATION, endpoint->generation) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_ADDRESSES, addresses))
		return -EMSGSIZE;
	return 0;
}

/**
 * qae_fill_endpoint() - put the attributes of an endpoint
 * @skb: message
 * @endpoint: endpoint to describe
 *
 * Context: registry lock.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_endpoint(struct sk_buff *skb, const struct qae_endpoint *endpoint)
{
	qae_registry_assert();
	if (nla_put_u32(skb, QAE_A_ENDPOINT_ID, endpoint->id) ||
	    nla_put_string(skb, QAE_A_ENDPOINT_TYPE, endpoint->model->type) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_INDEX, endpoint->index) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_STATE, endpoint->state))
		return -EMSGSIZE;
	return put_endpoint_place(skb, endpoint) ?: put_endpoint_use(skb, endpoint);
}

/*
 * The uid is that of the opener, translated into the receiver's user namespace.
 * Of a holder that the receiver may not see only the pid 0 is put: there is one.
 * A pid 0 together with a uid says that the opener has exited.
 */
static int put_holder(struct sk_buff *skb, const struct qae_holder *holder,
		      const struct qae_reader *reader)
{
	bool seen = qae_reader_sees(reader, holder);
	u32 pid = seen ? qae_holder_pid(holder, reader->pid_ns) : 0;

	if (nla_put_u32(skb, QAE_A_HOLDER_PID, pid))
		return -EMSGSIZE;
	if (!seen)
		return 0;
	if (nla_put_u32(skb, QAE_A_HOLDER_UID,
			from_kuid_munged(reader->user_ns, holder->uid)) ||
	    nla_put_string(skb, QAE_A_HOLDER_COMM, holder->comm))
		return -EMSGSIZE;
	return 0;
}

static enum qae_section_state section_state(const struct qae_section *section)
{
	if (section->retired)
		return QAE_SECTION_RETIRED;
	return section->holder ? QAE_SECTION_HELD : QAE_SECTION_FREE;
}

/**
 * qae_fill_section() - put the attributes of an internal section
 * @skb: message
 * @section: section to describe
 * @reader: receiver
 *
 * Context: registry lock.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_section(struct sk_buff *skb, const struct qae_section *section,
		     const struct qae_reader *reader)
{
	u32 count[__QAE_SERVICE_COUNT];
	const struct qae_slice *slice;

	qae_registry_assert();
	qae_section_counts(section, count);
	if (nla_put_string(skb, QAE_A_SECTION_NAME, section->name) ||
	    nla_put_string(skb, QAE_A_SECTION_USER_NAME, section->user_name) ||
	    nla_put_u32(skb, QAE_A_SECTION_STATE, section_state(section)) ||
	    nla_put_u32(skb, QAE_A_SECTION_CY, count[QAE_SERVICE_CY]) ||
	    nla_put_u32(skb, QAE_A_SECTION_DC, count[QAE_SERVICE_DC]))
		return -EMSGSIZE;
	list_for_each_entry(slice, &section->slices, section_link)
		if (qae_section_has(section, slice) &&
		    nla_put_u32(skb, QAE_A_SECTION_ENDPOINT, slice->endpoint->id))
			return -EMSGSIZE;
	return section->holder ? put_holder(skb, &section->holder->holder, reader) : 0;
}

static int put_instance_use(struct sk_buff *skb, const struct qae_instance_obj *inst,
			    const struct qae_reader *reader)
{
	if (inst->slice &&
	    nla_put_string(skb, QAE_A_SECTION_NAME, inst->slice->section->name))
		return -EMSGSIZE;
	if ((inst->retired || (inst->slice && inst->slice->retired)) &&
	    nla_put_flag(skb, QAE_A_INSTANCE_RETIRED))
		return -EMSGSIZE;
	return inst->holder ? put_holder(skb, &inst->holder->holder, reader) : 0;
}

/**
 * qae_fill_instance() - put the attributes of an instance
 * @skb: message
 * @inst: instance to describe
 * @reader: receiver
 *
 * The message contains the state of the endpoint, because an endpoint that is
 * gone is in no listing, and another one may have its id by now.
 *
 * Context: registry lock.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_instance(struct sk_buff *skb, const struct qae_instance_obj *inst,
		      const struct qae_reader *reader)
{
	qae_registry_assert();
	if (nla_put_u32(skb, QAE_A_ENDPOINT_ID, inst->endpoint->id) ||
	    nla_put_u32(skb, QAE_A_ENDPOINT_STATE, inst->endpoint->state) ||
	    nla_put_string(skb, QAE_A_INSTANCE_NAME, inst->name) ||
	    nla_put_u32(skb, QAE_A_INSTANCE_SERVICE, inst->service) ||
	    nla_put_u32(skb, QAE_A_INSTANCE_SERVICES, inst->services) ||
	    nla_put_u32(skb, QAE_A_INSTANCE_KIND, inst->kind) ||
	    nla_put_u32(skb, QAE_A_INSTANCE_POLL, inst->poll_mode) ||
	    nla_put_s32(skb, QAE_A_INSTANCE_CORE, inst->core) ||
	    nla_put_u32(skb, QAE_A_INSTANCE_RING_PAIR, inst->pairs.first) ||
	    nla_put_u32(skb, QAE_A_INSTANCE_RING_PAIRS, inst->pairs.count))
		return -EMSGSIZE;
	if (inst->pairs.count > 1 &&
	    nla_put_u32(skb, QAE_A_INSTANCE_RING_PAIR2, inst->pairs.second))
		return -EMSGSIZE;
	return put_instance_use(skb, inst, reader);
}

static int put_counter(struct sk_buff *skb, int attr, const atomic64_t *counter)
{
	return nla_put_u64_64bit(skb, attr, atomic64_read(counter), QAE_A_PAD);
}

/*
 * Bytes that are charged for a search that is still under way are not pinned, and it
 * raises the peak only if it finds them. So what exceeds the peak, read afterwards, is
 * not pinned either: nobody sees more pinned than the highest ever.
 */
static int put_pinned(struct sk_buff *skb, int attr, const atomic64_t *counter, int peak_attr,
		      const atomic64_t *peak_counter)
{
	s64 bytes = atomic64_read(counter);
	s64 peak;

	/* Pairs with the charge, which precedes the peak that it raises. */
	smp_rmb();
	peak = atomic64_read(peak_counter);
	if (nla_put_u64_64bit(skb, attr, min(bytes, peak), QAE_A_PAD) ||
	    nla_put_u64_64bit(skb, peak_attr, peak, QAE_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_client_memory(struct sk_buff *skb, const struct qae_client *client)
{
	if (nla_put_u32(skb, QAE_A_CLIENT_REGIONS, atomic_read(&client->num_regions)) ||
	    put_pinned(skb, QAE_A_CLIENT_BYTES, &client->bytes,
		       QAE_A_CLIENT_BYTES_PEAK, &client->bytes_peak) ||
	    put_counter(skb, QAE_A_CLIENT_REFUSED, &client->refused))
		return -EMSGSIZE;
	return 0;
}

/**
 * qae_fill_client() - put the attributes of an open descriptor
 * @skb: message
 * @client: client to describe
 * @reader: receiver
 *
 * Without the registry lock the counts of instances may be those of a claim that
 * is under way. What the client has pinned is put only if the reader may see it.
 *
 * Context: RCU read side.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_client(struct sk_buff *skb, const struct qae_client *client,
		    const struct qae_reader *reader)
{
	const char *section = qae_client_section_name(client);

	if (nla_put_u32(skb, QAE_A_CLIENT_ID, client->id) ||
	    put_holder(skb, &client->holder, reader) ||
	    nla_put_u32(skb, QAE_A_CLIENT_STATIC, READ_ONCE(client->num_static)) ||
	    nla_put_u32(skb, QAE_A_CLIENT_DYN_CY, READ_ONCE(client->num_dyn[QAE_SERVICE_CY])) ||
	    nla_put_u32(skb, QAE_A_CLIENT_DYN_DC, READ_ONCE(client->num_dyn[QAE_SERVICE_DC])))
		return -EMSGSIZE;
	if (section && nla_put_string(skb, QAE_A_SECTION_NAME, section))
		return -EMSGSIZE;
	return qae_reader_sees(reader, &client->holder) ? put_client_memory(skb, client) : 0;
}

/**
 * qae_fill_user() - put the attributes of a user with open descriptors
 * @skb: message
 * @user: user to describe
 * @reader: receiver; the uid is omitted if it has no mapping in its namespace
 *
 * Context: users lock.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_user(struct sk_buff *skb, const struct qae_user *user,
		  const struct qae_reader *reader)
{
	lockdep_assert_held(&qae_users.lock);
	if (kuid_has_mapping(reader->user_ns, user->uid) &&
	    nla_put_u32(skb, QAE_A_USER_UID, from_kuid(reader->user_ns, user->uid)))
		return -EMSGSIZE;
	if (nla_put_u32(skb, QAE_A_USER_CLIENTS, user->clients) ||
	    put_counter(skb, QAE_A_USER_REGIONS, &user->regions) ||
	    put_pinned(skb, QAE_A_USER_BYTES, &user->bytes,
		       QAE_A_USER_BYTES_PEAK, &user->bytes_peak) ||
	    put_counter(skb, QAE_A_USER_REFUSED, &user->refused))
		return -EMSGSIZE;
	return 0;
}

static int put_limits(struct sk_buff *skb)
{
	const struct qae_limit_state *limits = qae_limits;

	if (put_counter(skb, QAE_A_LIMIT_CLIENT, &limits[QAE_LIMIT_CLIENT].most) ||
	    put_counter(skb, QAE_A_LIMIT_USER, &limits[QAE_LIMIT_USER].most) ||
	    put_counter(skb, QAE_A_LIMIT_CONTIG, &limits[QAE_LIMIT_CONTIG].most) ||
	    put_counter(skb, QAE_A_LIMIT_ALL, &limits[QAE_LIMIT_ALL].most) ||
	    put_counter(skb, QAE_A_LIMIT_CLIENT_REFUSED, &limits[QAE_LIMIT_CLIENT].refused) ||
	    put_counter(skb, QAE_A_LIMIT_USER_REFUSED, &limits[QAE_LIMIT_USER].refused) ||
	    put_counter(skb, QAE_A_LIMIT_CONTIG_REFUSED, &limits[QAE_LIMIT_CONTIG].refused) ||
	    put_counter(skb, QAE_A_LIMIT_ALL_REFUSED, &limits[QAE_LIMIT_ALL].refused) ||
	    put_counter(skb, QAE_A_LIMIT_CGROUP_REFUSED, &limits[QAE_LIMIT_CGROUP].refused) ||
	    put_counter(skb, QAE_A_LIMIT_DESCRIPTORS, &limits[QAE_LIMIT_DESCRIPTORS].most) ||
	    put_counter(skb, QAE_A_LIMIT_DESCRIPTORS_REFUSED,
			&limits[QAE_LIMIT_DESCRIPTORS].refused))
		return -EMSGSIZE;
	return 0;
}

/**
 * qae_fill_memory() - put the totals of pinned memory, and its limits
 * @skb: message
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_memory(struct sk_buff *skb)
{
	if (put_counter(skb, QAE_A_MEMORY_REGIONS, &qae_account.regions) ||
	    put_pinned(skb, QAE_A_MEMORY_BYTES, &qae_account.bytes,
		       QAE_A_MEMORY_BYTES_PEAK, &qae_account.bytes_peak) ||
	    put_counter(skb, QAE_A_MEMORY_FAILURES, &qae_account.failures) ||
	    put_counter(skb, QAE_A_MEMORY_KERNEL_BYTES, &qae_account.kernel_bytes) ||
	    put_counter(skb, QAE_A_MEMORY_CLIENT_PEAK, &qae_account.client_peak) ||
	    put_counter(skb, QAE_A_MEMORY_USER_PEAK, &qae_account.user_peak) ||
	    put_pinned(skb, QAE_A_MEMORY_CONTIG_BYTES, &qae_account.contig_bytes,
		       QAE_A_MEMORY_CONTIG_PEAK, &qae_account.contig_peak))
		return -EMSGSIZE;
	return put_limits(skb);
}

static int put_reserve(struct sk_buff *skb, int node)
{
	struct qae_reserve_stats stats;

	qae_reserve_get(node, &stats);
	if (nla_put_u32(skb, QAE_A_MEMORY_RESERVE_TARGET, stats.target) ||
	    nla_put_u32(skb, QAE_A_MEMORY_RESERVE_FREE, stats.free) ||
	    nla_put_u32(skb, QAE_A_MEMORY_RESERVE_OUT, stats.out) ||
	    nla_put_u64_64bit(skb, QAE_A_MEMORY_RESERVE_HITS, stats.hits, QAE_A_PAD) ||
	    nla_put_u64_64bit(skb, QAE_A_MEMORY_RESERVE_MISSES, stats.misses, QAE_A_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * qae_fill_memory_node() - put the pinned memory of one NUMA node, and its reserve
 * @skb: message
 * @node: node with memory
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_memory_node(struct sk_buff *skb, int node)
{
	if (nla_put_s32(skb, QAE_A_MEMORY_NODE, node) ||
	    nla_put_u64_64bit(skb, QAE_A_MEMORY_REGIONS, qae_account_node_regions(node),
			      QAE_A_PAD) ||
	    nla_put_u64_64bit(skb, QAE_A_MEMORY_BYTES, qae_account_node_bytes(node), QAE_A_PAD))
		return -EMSGSIZE;
	return put_reserve(skb, node);
}

/**
 * qae_fill_pool() - put the number of dynamic instances of a service, on all endpoints
 * @skb: message
 * @service: service of the pool
 *
 * Context: registry lock.
 * Return: 0 or -EMSGSIZE.
 */
int qae_fill_pool(struct sk_buff *skb, enum qae_service service)
{
	u32 available, total;

	qae_dyn_count(service, QAE_ENDPOINT_ANY, &available, &total);
	if (nla_put_u32(skb, QAE_A_POOL_SERVICE, service) ||
	    nla_put_u32(skb, QAE_A_POOL_AVAILABLE, available) ||
	    nla_put_u32(skb, QAE_A_POOL_TOTAL, total))
		return -EMSGSIZE;
	return 0;
}
