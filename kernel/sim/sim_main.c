// SPDX-License-Identifier: GPL-2.0-only
/*
 * qae_sim.ko: module parameters, and the order of setup and teardown.
 */
#define pr_fmt(fmt) "qae_sim: " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/nodemask.h>
#include <linux/platform_device.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <xen/xen.h>

#include "sim/sim.h"

#define DEVICES_PER_BUS		32

static unsigned int endpoints = 2;
module_param(endpoints, uint, 0444);
MODULE_PARM_DESC(endpoints, "number of endpoints, 1 to 64 (default 2)");

static char *type[QAE_SIM_MAX_ENDPOINTS] = { "c6xx" };
static unsigned int type_count;
module_param_array(type, charp, &type_count, 0444);
MODULE_PARM_DESC(type, "type of each endpoint, the last one repeats (default c6xx)");

static int node[QAE_SIM_MAX_ENDPOINTS] = { NUMA_NO_NODE };
static unsigned int node_count;
module_param_array(node, int, &node_count, 0444);
MODULE_PARM_DESC(node, "NUMA node of each endpoint, the last one repeats (default -1: first online)");

struct qae_sim qae_sim;

static unsigned int last_repeats(unsigned int i, unsigned int count)
{
	return min(i, max(count, 1U) - 1);
}

static int check_environment(void)
{
	/* Under Xen PV the hypervisor owns the PCI configuration and the memory map. */
	if (xen_pv_domain()) {
		pr_err("a Xen PV guest is not supported; use HVM, PVH or another hypervisor\n");
		return -EOPNOTSUPP;
	}
	if (!IS_ENABLED(CONFIG_PCI_DOMAINS)) {
		pr_err("this kernel has no PCI domains; use one with CONFIG_PCI_DOMAINS=y\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int check_counts(void)
{
	if (!endpoints || endpoints > QAE_SIM_MAX_ENDPOINTS) {
		pr_err("endpoints=%u is out of range; use 1 to %d\n", endpoints,
		       QAE_SIM_MAX_ENDPOINTS);
		return -EINVAL;
	}
	if (type_count > endpoints || node_count > endpoints) {
		pr_err("%s= lists %u values for endpoints=%u; give at most one for each\n",
		       type_count > endpoints ? "type" : "node",
		       max(type_count, node_count), endpoints);
		return -EINVAL;
	}
	return 0;
}

static void report_unknown_type(const char *name)
{
	const struct qae_sim_id *id;
	char names[160];
	struct seq_buf s;
	unsigned int i;

	seq_buf_init(&s, names, sizeof(names));
	for (i = 0; (id = qae_sim_id_at(i)); i++)
		seq_buf_printf(&s, "%s%s", i ? ", " : "", id->type);
	pr_err("type=%.32s is unknown; use one of %.*s\n", name, (int)seq_buf_used(&s), names);
}

static int resolve_node(int wanted)
{
	if (wanted == NUMA_NO_NODE)
		return first_online_node;
	if (wanted >= 0 && wanted < MAX_NUMNODES && node_online(wanted))
		return wanted;
	pr_err("node=%d is not online; use one of %*pbl, or -1 for the first\n",
	       wanted, nodemask_pr_args(&node_online_map));
	return -EINVAL;
}

/* The bridge of a NUMA node; a new node gets the next bridge of the array. */
static struct qae_sim_bridge *bridge_of_node(int nid)
{
	struct qae_sim_bridge *bridge;
	unsigned int i;

	for (i = 0; i < qae_sim.bridge_count; i++)
		if (qae_sim.bridges[i].node == nid)
			return &qae_sim.bridges[i];

	bridge = &qae_sim.bridges[qae_sim.bridge_count++];
	bridge->node = nid;
	raw_spin_lock_init(&bridge->lock);
	return bridge;
}

/*
 * Each endpoint gets a device number of its own; beyond 32 endpoints on a bus,
 * devices get a second function. The core scans those only if function 0 has the
 * multifunction bit.
 */
static void bridge_attach(struct qae_sim_bridge *bridge, struct qae_sim_endpoint *ep)
{
	unsigned int device = bridge->count % DEVICES_PER_BUS;
	unsigned int function = bridge->count / DEVICES_PER_BUS;

	ep->bridge = bridge;
	ep->devfn = PCI_DEVFN(device, function);
	bridge->slots[ep->devfn] = ep;
	bridge->count++;
	if (function) {
		ep->multifunction = true;
		bridge->slots[PCI_DEVFN(device, 0)]->multifunction = true;
	}
}

/* See QAE_SIM_VFS for their function numbers. */
static void attach_vfs(struct qae_sim_endpoint *ep)
{
	const struct qae_sim_id *id = qae_sim_id_of_vf(ep->id);
	unsigned int first = 2 + PCI_FUNC(ep->devfn) * QAE_SIM_VFS;
	unsigned int i;

	for (i = 0; id && i < QAE_SIM_VFS; i++) {
		struct qae_sim_endpoint *vf = &qae_sim.vfs[ep->index * QAE_SIM_VFS + i];

		vf->physfn = ep;
		vf->index = i;
		vf->node = ep->node;
		vf->id = id;
		vf->bridge = ep->bridge;
		vf->devfn = PCI_DEVFN(PCI_SLOT(ep->devfn), first + i);
		ep->bridge->slots[vf->devfn] = vf;
	}
}

static int plan_endpoints(void)
{
	unsigned int i;

	for (i = 0; i < endpoints; i++) {
		struct qae_sim_endpoint *ep = &qae_sim.endpoints[i];
		const char *name = type[last_repeats(i, type_count)];

		ep->index = i;
		ep->id = qae_sim_id_by_type(name);
		if (!ep->id) {
			report_unknown_type(name);
			return -EINVAL;
		}
		ep->node = resolve_node(node[last_repeats(i, node_count)]);
		if (ep->node < 0)
			return ep->node;
		bridge_attach(bridge_of_node(ep->node), ep);
		attach_vfs(ep);
	}
	qae_sim.endpoint_count = endpoints;
	return 0;
}

static void free_plan(void)
{
	kvfree(qae_sim.bridges);
	kvfree(qae_sim.vfs);
	kvfree(qae_sim.endpoints);
}

static int make_plan(void)
{
	unsigned int bridges = min_t(unsigned int, endpoints, nr_node_ids);
	int ret = -ENOMEM;

	qae_sim.endpoints = kvcalloc(endpoints, sizeof(*qae_sim.endpoints), GFP_KERNEL);
	qae_sim.vfs = kvcalloc(endpoints * QAE_SIM_VFS, sizeof(*qae_sim.vfs), GFP_KERNEL);
	qae_sim.bridges = kvcalloc(bridges, sizeof(*qae_sim.bridges), GFP_KERNEL);
	if (qae_sim.endpoints && qae_sim.vfs && qae_sim.bridges)
		ret = plan_endpoints();
	if (ret)
		free_plan();
	return ret;
}

static void stop_bridges(void)
{
	unsigned int i = qae_sim.bridge_count;

	while (i--)
		qae_sim_bridge_stop(&qae_sim.bridges[i]);
}

static int start_bridges(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < qae_sim.bridge_count; i++) {
		ret = qae_sim_bridge_start(&qae_sim.bridges[i]);
		if (ret) {
			stop_bridges();
			return ret;
		}
	}
	return 0;
}

static int __init qae_sim_init(void)
{
	int ret;

	ret = check_environment();
	if (!ret)
		ret = check_counts();
	if (!ret)
		ret = make_plan();
	if (ret)
		return ret;

	qae_sim.parent = platform_device_register_simple("qae_sim", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(qae_sim.parent)) {
		ret = PTR_ERR(qae_sim.parent);
		goto err_plan;
	}
	ret = qae_sim_override_start();
	if (ret)
		goto err_parent;
	ret = start_bridges();
	if (ret)
		goto err_override;
	ret = qae_sim_sysfs_start();
	if (ret)
		goto err_bridges;
	return 0;

err_bridges:
	stop_bridges();
err_override:
	qae_sim_override_stop();
err_parent:
	platform_device_unregister(qae_sim.parent);
err_plan:
	free_plan();
	return ret;
}

static void __exit qae_sim_exit(void)
{
	/* Must be first, with no lock held: see sim.h. */
	qae_sim_sysfs_stop();
	stop_bridges();
	qae_sim_override_stop();
	platform_device_unregister(qae_sim.parent);
	free_plan();
}

module_init(qae_sim_init);
module_exit(qae_sim_exit);

MODULE_DESCRIPTION("Synthetic QAT endpoints for the qae driver");
MODULE_AUTHOR("qae developers");
MODULE_LICENSE("GPL");
