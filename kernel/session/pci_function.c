// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an endpoint asks of its PCI function: whether it reaches memory, and to stop.
 *
 * A function joins the address space (dma/space.h) when it is bound, and leaves it when
 * it is unbound. If an IOMMU translates for it, it reaches the regions and nothing else
 * from then on, and the DMA API must not be used for it.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "compat.h"
#include "session/endpoint.h"
#include "session/pci_function.h"
#include "session/registry.h"

/* How long a function that did not answer is not asked again. */
#define SILENCE		HZ

/*
 * Whether the function can put addresses below @end on its bus. To be asked before a
 * page is mapped: the DMA API treats one beyond as a bug, with a warning that names
 * the address.
 */
static bool is_below_limit(struct device *dev, u64 end)
{
	return end - 1 <= min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);
}

/*
 * Whether the DMA API gives a page its physical address. It does not if an IOMMU
 * translates, if the page goes through a bounce buffer, if the host bridge adds an
 * offset, or if a hypervisor's physical addresses are not the machine's.
 */
static bool is_at_physical_address(struct device *dev, struct page *page)
{
	dma_addr_t address = dma_map_page_attrs(dev, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL,
						DMA_ATTR_SKIP_CPU_SYNC);
	bool same;

	if (dma_mapping_error(dev, address))
		return false;
	same = address == page_to_phys(page);
	dma_unmap_page_attrs(dev, address, PAGE_SIZE, DMA_BIDIRECTIONAL, DMA_ATTR_SKIP_CPU_SYNC);
	return same;
}

/*
 * A function behind an IOMMU has the region mapped, or gets it mapped when it joins. For
 * others the first and the last page stand for those between: a region is contiguous.
 */
static bool pci_check_range(const struct qae_endpoint *endpoint, struct page *pages, size_t size)
{
	const struct qae_function *function = endpoint->bus;
	struct device *dev = &function->pdev->dev;
	struct page *last = pfn_to_page(page_to_pfn(pages) + (size >> PAGE_SHIFT) - 1);

	if (device_iommu_mapped(dev))
		return true;
	return is_below_limit(dev, page_to_phys(pages) + size) &&
	       is_at_physical_address(dev, pages) &&
	       (last == pages || is_at_physical_address(dev, last));
}

/* Maps a page of each node. A node without a free page is judged by its regions only. */
static bool nodes_are_at_physical_addresses(struct device *dev)
{
	struct page *page;
	bool same = true;
	int node;

	for_each_node_state(node, N_MEMORY) {
		page = alloc_pages_node(node, GFP_KERNEL | __GFP_THISNODE | __GFP_ZERO |
					__GFP_NOWARN | __GFP_NORETRY, 0);
		if (!page)
			continue;
		same &= is_at_physical_address(dev, page);
		__free_page(page);
	}
	return same;
}

/*
 * Without an IOMMU clients get physical addresses as device addresses, so the function
 * must reach all memory at these.
 */
static int check_physical(struct device *dev, const char **reason)
{
	if (!is_below_limit(dev, qae_memory_end()))
		*reason = "the function does not reach all memory of this machine";
	else if (!nodes_are_at_physical_addresses(dev))
		*reason = "device addresses differ from physical ones (swiotlb=force, Xen?)";
	else
		return 0;
	return -EOPNOTSUPP;
}

/* What was in the way when the function was bound may be gone, so try again to join. */
static int pci_check_reach(const struct qae_endpoint *endpoint, const char **reason)
{
	struct qae_function *function = endpoint->bus;
	int err = qae_space_join(&qae_space, &function->member, reason);

	if (err || qae_space_is_translated(&function->member))
		return err;
	return check_physical(&function->pdev->dev, reason);
}

static enum qae_addresses pci_addresses(const struct qae_endpoint *endpoint)
{
	const struct qae_function *function = endpoint->bus;

	return qae_space_is_translated(&function->member) ? QAE_ADDRESSES_IOVA :
							    QAE_ADDRESSES_PHYSICAL;
}

/* Waits for at most 10 ms, awake: the caller holds a spinlock. */
static bool transactions_end(struct pci_dev *pdev)
{
	unsigned int i;
	u16 status;

	for (i = 0; i < 2000; i++) {
		pcie_capability_read_word(pdev, PCI_EXP_DEVSTA, &status);
		if (PCI_POSSIBLE_ERROR(status) || !(status & PCI_EXP_DEVSTA_TRPND))
			return true;
		udelay(5);
	}
	return false;
}

/*
 * Whether the function may access memory. One that is gone reads as all ones and
 * accesses nothing. Such a read lasts until the bus gives up, up to tens of
 * milliseconds, with the registry lock held and once for each instance. So its silence
 * is remembered for a while. That is safe: a function that loses the bus comes back
 * from a reset, which turns bus mastering off. If the kernel restores its registers,
 * pci_came_back() forgets the silence before the endpoint serves again.
 */
static bool is_bus_master(struct qae_function *function)
{
	u16 command;

	qae_registry_assert();
	if (function->silent && time_before(jiffies, function->silent_until))
		return false;
	pci_read_config_word(function->pdev, PCI_COMMAND, &command);
	function->silent = PCI_POSSIBLE_ERROR(command);
	function->silent_until = jiffies + SILENCE;
	return !function->silent && command & PCI_COMMAND_MASTER;
}

/*
 * No ring runs, so an instance has nothing of its own that could be stopped: it is
 * quiet as long as the function is no bus master. Look instead of trusting: root
 * may have changed the register, and the memory goes to somebody else next.
 */
static void pci_quiesce(struct qae_instance_obj *inst)
{
	struct qae_function *function = inst->endpoint->bus;
	struct pci_dev *pdev = function->pdev;

	if (!is_bus_master(function))
		return;
	pci_warn(pdev, "bus mastering was on, which this driver keeps off; turned it off before memory is released\n");
	pci_clear_master(pdev);
	if (!transactions_end(pdev))
		pci_err(pdev, "transactions are still pending; reset the function\n");
}

static void pci_came_back(const struct qae_endpoint *endpoint)
{
	struct qae_function *function = endpoint->bus;

	qae_registry_assert();
	function->silent = false;
}

const struct qae_endpoint_ops qae_function_ops = {
	.addresses = pci_addresses,
	.check_reach = pci_check_reach,
	.check_range = pci_check_range,
	.quiesce = pci_quiesce,
	.came_back = pci_came_back,
};
EXPORT_SYMBOL_IF_KUNIT(qae_function_ops);

/**
 * qae_function_create() - let a PCI function reach the regions
 * @pdev: the function, enabled, no bus master, with its DMA mask set
 *
 * If it cannot, the kernel log says why; its endpoint does not come up, but tries again.
 *
 * Context: may sleep.
 * Return: for the operations: endpoint->bus; or NULL if out of memory.
 */
struct qae_function *qae_function_create(struct pci_dev *pdev)
{
	struct qae_function *function = kzalloc(sizeof(*function), GFP_KERNEL);
	const char *reason;

	if (!function)
		return NULL;
	function->pdev = pdev;
	function->member.dev = &pdev->dev;
	function->member.mask = dma_get_mask(&pdev->dev);
	if (qae_space_join(&qae_space, &function->member, &reason))
		pci_warn(pdev, "%s\n", reason);
	return function;
}

/**
 * qae_function_destroy() - let a PCI function reach nothing any more
 * @function: from qae_function_create(); no endpoint uses it
 *
 * When it returns, the function belongs to the default domain of its group again, so it is
 * kept from the bus first.
 *
 * Context: may sleep; never fails.
 */
void qae_function_destroy(struct qae_function *function)
{
	pci_clear_master(function->pdev);
	qae_space_leave(&qae_space, &function->member);
	kfree(function);
}
