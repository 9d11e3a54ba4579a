/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qae_sim - synthetic QAT endpoints: overview of this folder.
 *
 * The module creates PCI domains of its own, one for each requested NUMA node,
 * because the node of a function is a property of its root bus. On bus 0 of each
 * domain are Root-Complex Integrated Endpoints with the ids of real QAT
 * functions. This module implements their configuration space; their BARs are
 * in a hole of the physical address space, and nothing answers there. The
 * driver override "qae" is set before any driver can match, so that an in-tree
 * driver for the same ids never sees a function without registers.
 *
 *   sim_main.c      parameters, module init and exit
 *   sim_bridge.c    host bridge of one domain: create, scan, tear down
 *   sim_endpoint.c  one function: config accessors, override, remove and add
 *   sim_error.c     errors that a function reports, and recovery from them
 *   sim_cfgspace.c  configuration space as a pure model
 *   sim_ids.c       types and their ids
 *   sim_sysfs.c     run-time control, below /sys/devices/platform/qae_sim:
 *                     endpoints  (read)  index, address, type, node, state
 *                     remove     (write) surprise removal of one endpoint
 *                     unplug     (write) orderly removal of one endpoint
 *                     add        (write) bring one back
 *                     rescan     (write 1) bring all back
 *                     error      (write) an error of one endpoint is reported to its driver
 *                     recover    (write) its link is reset, and the driver takes it back
 *                     dma_limit  (write) an endpoint and a number: it reaches memory below only
 *                     resets     (read)  index, function level resets since it was added
 *                   An endpoint is named by its index or its PCI address.
 *
 * Locks, outer first:
 *   kernfs active reference of a control file
 *     pci_lock_rescan_remove()    every change of which functions exist
 *       device_lock of a function   calls of its driver's error handlers
 *       qae_sim_bridge::lock      raw: configuration space, presence
 *
 * The control files are removed before anything else, with no lock held: that
 * waits for writers, and a writer may wait for the rescan lock.
 */
#ifndef QAE_SIM_H
#define QAE_SIM_H

#include <linux/ioport.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "sim/sim_cfgspace.h"
#include "sim/sim_compat.h"

#define QAE_SIM_DRIVER		"qae"		/* the only driver that may bind */
#define QAE_SIM_MAX_ENDPOINTS	64
#define QAE_SIM_SLOT_SIZE	0x10000U	/* window space of one endpoint */
#define QAE_SIM_VF_BARS_AT	0x8000U		/* in a slot: BARs of its virtual functions */
#define QAE_SIM_FIRST_DOMAIN	0x10000		/* firmware uses 16-bit numbers */

/**
 * struct qae_sim_endpoint - one function
 * @physfn: NULL, or the endpoint whose virtual function it is; such a function is present as
 *	    long as @physfn is and enables it
 * @index: its number in the control files; of a virtual function: among those of @physfn
 * @node: NUMA node
 * @devfn: device and function on bus 0 of its domain
 * @multifunction: the device has more functions
 * @present: configuration accesses are answered; qae_sim_bridge::lock
 * @bar_base: its slot in the window of the bridge
 * @id: type
 * @bridge: its domain
 * @cfg: configuration space; qae_sim_bridge::lock
 */
struct qae_sim_endpoint {
	struct qae_sim_endpoint *physfn;
	unsigned int index;
	int node;
	u8 devfn;
	bool multifunction;
	bool present;
	u64 bar_base;
	const struct qae_sim_id *id;
	struct qae_sim_bridge *bridge;
	struct qae_sim_cfg cfg;
};

/**
 * struct qae_sim_bridge - one domain: a host bridge and its only bus
 * @sysdata: what the architecture reads through bus->sysdata
 * @node: NUMA node of all its functions
 * @count: number of endpoints in @slots
 * @started: the root bus exists; only module init and exit change it
 * @mmio_name: name of @mmio in /proc/iomem
 * @busn: bus range, 0 to 0
 * @mmio: BAR window, a hole of the physical address space
 * @host: the host bridge; a reference of its own besides the initial one
 * @bus: root bus, valid while @started
 * @lock: guards configuration space and presence; raw, because configuration accesses may
 *	  come from atomic context, and the core does not serialise them
 * @slots: endpoints by devfn
 */
struct qae_sim_bridge {
	struct qae_sim_sysdata sysdata;
	int node;
	unsigned int count;
	bool started;
	char mmio_name[24];
	struct resource busn;
	struct resource mmio;
	struct pci_host_bridge *host;
	struct pci_bus *bus;
	raw_spinlock_t lock;
	struct qae_sim_endpoint *slots[256];
};

/**
 * struct qae_sim - global state of the module
 * @parent: platform device; parent of all bridges, has the control files
 * @endpoint_count: number of @endpoints
 * @bridge_count: number of @bridges
 * @endpoints: by index
 * @vfs: virtual functions, %QAE_SIM_VFS for each endpoint, whether it has any or not
 * @bridges: one for each NUMA node in use
 */
struct qae_sim {
	struct platform_device *parent;
	unsigned int endpoint_count;
	unsigned int bridge_count;
	struct qae_sim_endpoint *endpoints;
	struct qae_sim_endpoint *vfs;
	struct qae_sim_bridge *bridges;
};

extern struct qae_sim qae_sim;

/* sim_endpoint.c */
extern struct pci_ops qae_sim_pci_ops;
void qae_sim_endpoint_power_on(struct qae_sim_endpoint *ep);
bool qae_sim_endpoint_present(struct qae_sim_endpoint *ep);
int qae_sim_endpoint_remove(struct qae_sim_endpoint *ep, bool surprise);
int qae_sim_endpoint_add(struct qae_sim_endpoint *ep);
int qae_sim_endpoint_limit_dma(struct qae_sim_endpoint *ep, u64 bytes);
unsigned int qae_sim_endpoint_resets(struct qae_sim_endpoint *ep);
int qae_sim_override_start(void);
void qae_sim_override_stop(void);

/* sim_error.c */
int qae_sim_endpoint_error(struct qae_sim_endpoint *ep);
int qae_sim_endpoint_recover(struct qae_sim_endpoint *ep);

/* sim_bridge.c */
int qae_sim_bridge_start(struct qae_sim_bridge *bridge);
void qae_sim_bridge_stop(struct qae_sim_bridge *bridge);

/* sim_sysfs.c */
int qae_sim_sysfs_start(void);
void qae_sim_sysfs_stop(void);

#endif /* QAE_SIM_H */
