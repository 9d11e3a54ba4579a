// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host bridge of one synthetic domain: create it, scan its root bus, and
 * tear it down.
 */
#define pr_fmt(fmt) "qae_sim: " fmt

#include <linux/delay.h>
#include <linux/ioport.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "sim/sim.h"

#define WARN_AFTER	(10 * HZ)
#define POLL_MS		10

/*
 * Domain numbers below 0x10000 belong to firmware. If another module takes the
 * number before the bridge is registered, registration fails with -EEXIST.
 */
static int next_free_domain(void)
{
	int domain = QAE_SIM_FIRST_DOMAIN;
	struct pci_bus *bus = NULL;

	while ((bus = pci_find_next_bus(bus)))
		domain = max(domain, pci_domain_nr(bus) + 1);
	return domain;
}

static int window_request(struct qae_sim_bridge *bridge, int domain)
{
	resource_size_t size = (resource_size_t)bridge->count * QAE_SIM_SLOT_SIZE;
	int ret;

	bridge->busn = (struct resource) {
		.name = "qae_sim bus",
		.flags = IORESOURCE_BUS | IORESOURCE_PCI_FIXED,
	};

	snprintf(bridge->mmio_name, sizeof(bridge->mmio_name), "qae_sim %04x", domain);
	bridge->mmio = (struct resource) {
		.name = bridge->mmio_name,
		.flags = IORESOURCE_MEM,
	};
	/* Try below 4 GiB first: hotplugged memory appears above it. */
	ret = allocate_resource(&iomem_resource, &bridge->mmio, size, SZ_1M, SZ_4G - 1,
				QAE_SIM_SLOT_SIZE, NULL, NULL);
	if (ret)
		ret = allocate_resource(&iomem_resource, &bridge->mmio, size, SZ_4G,
					iomem_resource.end, QAE_SIM_SLOT_SIZE, NULL, NULL);
	if (ret)
		pr_err("no free range of %llu bytes in /proc/iomem; use fewer endpoints\n",
		       (unsigned long long)size);
	return ret;
}

static void endpoints_power_on(struct qae_sim_bridge *bridge)
{
	resource_size_t base = bridge->mmio.start;
	unsigned int devfn;

	for (devfn = 0; devfn < ARRAY_SIZE(bridge->slots); devfn++) {
		struct qae_sim_endpoint *ep = bridge->slots[devfn];

		if (!ep || ep->physfn)
			continue;
		ep->bar_base = base;
		base += QAE_SIM_SLOT_SIZE;
		qae_sim_endpoint_power_on(ep);
	}
}

/* Whether the reference that qae_sim_bridge_start() took is the only one. */
static bool is_last_reference(const struct pci_host_bridge *host)
{
	return kref_read(&host->dev.kobj.kref) == 1;
}

/*
 * The host bridge outlives its root bus while somebody has a reference to one of its
 * functions, and through that can call this module's configuration accessors. The
 * module must stay until then. A release callback cannot say when: it runs in this
 * module itself, and would still have to return. So count: once our own reference
 * is the only one, nobody can find the bridge to take another. Wait without a
 * limit, but log the reason for the user who waits in rmmod.
 */
static void bridge_wait_unused(struct qae_sim_bridge *bridge)
{
	unsigned long warn_at = jiffies + WARN_AFTER;
	bool warned = false;

	while (!is_last_reference(bridge->host)) {
		if (!warned && time_after(jiffies, warn_at)) {
			pr_warn("domain %04x is still in use; waiting for its last user\n",
				qae_sim_sysdata_domain(&bridge->sysdata));
			warned = true;
		}
		msleep(POLL_MS);
	}
}

/* The core's code alone runs from here on: the bridge is freed without a callback. */
static void bridge_free(struct qae_sim_bridge *bridge)
{
	bridge_wait_unused(bridge);
	put_device(&bridge->host->dev);
	bridge->host = NULL;
	release_resource(&bridge->mmio);
}

/* Scan and add in one critical section of the lock that hotplug and sysfs take. */
static int bridge_scan(struct qae_sim_bridge *bridge)
{
	struct pci_host_bridge *host = bridge->host;
	int ret;

	pci_lock_rescan_remove();
	ret = pci_scan_root_bus_bridge(host);
	if (ret)
		goto out;
	bridge->bus = host->bus;
	bridge->started = true;
	pci_bus_claim_resources(bridge->bus);
	pci_assign_unassigned_bus_resources(bridge->bus);
	pci_bus_add_devices(bridge->bus);
out:
	pci_unlock_rescan_remove();
	return ret;
}

/**
 * qae_sim_bridge_start() - create a domain with its endpoints
 * @bridge: bridge whose endpoints, count and node are set
 *
 * If the driver is loaded, the functions are bound before this returns. On
 * failure nothing is left behind.
 *
 * Context: sleeps; takes the rescan lock. The override notifier must be
 * registered.
 * Return: 0 or a negative errno.
 */
int qae_sim_bridge_start(struct qae_sim_bridge *bridge)
{
	int domain = next_free_domain();
	struct pci_host_bridge *host;
	int ret;

	ret = window_request(bridge, domain);
	if (ret)
		return ret;

	host = pci_alloc_host_bridge(0);
	if (!host) {
		release_resource(&bridge->mmio);
		return -ENOMEM;
	}
	qae_sim_sysdata_init(&bridge->sysdata, domain, bridge->node);
	endpoints_power_on(bridge);

	host->dev.parent = &qae_sim.parent->dev;
	host->sysdata = &bridge->sysdata;
	host->ops = &qae_sim_pci_ops;
	bridge->host = host;
	get_device(&host->dev);
	pci_add_resource(&host->windows, &bridge->busn);
	pci_add_resource(&host->windows, &bridge->mmio);

	ret = bridge_scan(bridge);
	if (ret) {
		pr_err("cannot register PCI domain %04x (%d)\n", domain, ret);
		/* Some failures have dropped the initial reference, others have not. */
		if (!is_last_reference(host))
			pci_free_host_bridge(host);
		bridge_free(bridge);
	}
	return ret;
}

/**
 * qae_sim_bridge_stop() - unbind and remove all endpoints, then the domain
 * @bridge: bridge; nothing happens if it was not started
 *
 * Context: sleeps until the last reference to the host bridge is dropped.
 */
void qae_sim_bridge_stop(struct qae_sim_bridge *bridge)
{
	if (!bridge->started)
		return;

	pci_lock_rescan_remove();
	pci_stop_root_bus(bridge->bus);
	pci_remove_root_bus(bridge->bus);
	pci_unlock_rescan_remove();
	bridge->started = false;
	bridge->bus = NULL;
	pci_free_host_bridge(bridge->host);
	bridge_free(bridge);
}
