// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's IOMMU API.
 *
 * Groups are claimed and attached, not single devices: the functions of a group
 * cannot be told apart by the IOMMU, and 6.1 exports only these calls.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/pci.h>

#include "compat.h"
#include "dma/iommu.h"

#ifdef CONFIG_IOMMU_API

/* Shows who owns a group: the address of something of this module. */
static char owner;

static struct iommu_group *group_get(struct device *dev)
{
	return iommu_group_get(dev);
}

static int group_claim(struct iommu_group *group)
{
	return iommu_group_claim_dma_owner(group, &owner);
}

/*
 * Ports belong to a driver that does no DMA by itself. The lock keeps the name; it is
 * only tried, because the caller has locked another device already.
 */
static int tell_driver(struct device *dev, void *context)
{
	struct device *mine = context;

	if (dev == mine || !device_trylock(dev))
		return 0;
	if (dev->driver && dev->driver != mine->driver &&
	    !(dev_is_pci(dev) && pci_is_bridge(to_pci_dev(dev))))
		dev_err(mine, "its IOMMU group is shared with %s, which the driver %s has\n",
			dev_name(dev), dev->driver->name);
	device_unlock(dev);
	return 0;
}

static void tell_other(struct device *dev, struct iommu_group *group)
{
	iommu_group_for_each_dev(group, dev, tell_driver);
}

static int group_attach(struct iommu_domain *domain, struct iommu_group *group)
{
	return iommu_attach_group(domain, group);
}

static u64 last_address(const struct iommu_domain *domain)
{
	return domain->geometry.aperture_end;
}

/*
 * What the host bridge forwards to devices never gets to the IOMMU if a switch on the
 * way forwards it too. A bridge without a description claims everything from 0 on, and
 * says nothing by that.
 */
static int bridge_windows(struct pci_dev *pdev, qae_reserved_fn tell, void *context)
{
	struct pci_bus *bus = pdev->bus;
	struct resource *window;
	int i, err;

	while (bus->parent)
		bus = bus->parent;
	pci_bus_for_each_resource(bus, window, i) {
		if (!window || !(window->flags & IORESOURCE_MEM) || !window->start)
			continue;
		err = tell(context, window->start, window->end);
		if (err)
			return err;
	}
	return 0;
}

static int group_reserved(struct device *dev, struct iommu_group *group, qae_reserved_fn tell,
			  void *context)
{
	struct iommu_resv_region *region;
	LIST_HEAD(regions);
	int err;

	err = iommu_get_group_resv_regions(group, &regions);
	list_for_each_entry(region, &regions, list) {
		if (err)
			break;
		err = tell(context, region->start, region->start + region->length - 1);
	}
	iommu_put_resv_regions(dev, &regions);
	if (!err && dev_is_pci(dev))
		err = bridge_windows(to_pci_dev(dev), tell, context);
	return err;
}

static int domain_map(struct iommu_domain *domain, u64 address, u64 memory, size_t size)
{
	return qae_iommu_map(domain, address, memory, size,
			     IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE);
}

/* iommu_unmap() flushes before it returns. It stops early only if something was not mapped. */
static void domain_unmap(struct iommu_domain *domain, u64 address, size_t size)
{
	WARN_ON(iommu_unmap(domain, address, size) != size);
}

const struct qae_iommu_ops qae_iommu = {
	.group_get = group_get,
	.group_put = iommu_group_put,
	.claim = group_claim,
	.release = iommu_group_release_dma_owner,
	.tell_other = tell_other,
	.domain_alloc = qae_iommu_domain_alloc,
	.domain_free = iommu_domain_free,
	.attach = group_attach,
	.detach = iommu_detach_group,
	.last_address = last_address,
	.reserved = group_reserved,
	.map = domain_map,
	.unmap = domain_unmap,
};

#else

/* No function has a group, so that nothing else is called. */
static struct iommu_group *group_get(struct device *dev)
{
	return NULL;
}

const struct qae_iommu_ops qae_iommu = {
	.group_get = group_get,
};

#endif /* CONFIG_IOMMU_API */
