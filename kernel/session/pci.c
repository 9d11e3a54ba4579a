// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI driver. It binds to a function only if the administrator selected it
 * by driver_override: an in-tree driver claims every supported id too, and
 * neither driver may decide which of them serves a card.
 *
 * So the driver has no table of ids, and the module has no alias. An alias of
 * any kind would make this module the driver that udev loads for a card, or
 * that a hypervisor's manager prefers to vfio-pci when it assigns a card to a
 * guest. The model table says which functions probe accepts.
 *
 * This module operates neither rings nor firmware: it resets and enables a bound
 * function, and writes nothing to its registers. Bus mastering stays off.
 *
 * A reset, an error and a suspend reach the endpoint as states. The core calls the
 * handlers with the device locked, so the endpoint that they find stays.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/iommu.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/pci.h>
#include <linux/pm.h>

#include "model/model.h"
#include "session/endpoint.h"
#include "session/pci.h"

/* Whether an IOMMU translates DMA of the function. */
static bool is_translated(struct pci_dev *pdev)
{
	struct iommu_domain *domain;

	if (!device_iommu_mapped(&pdev->dev))
		return false;
	domain = iommu_get_domain_for_dev(&pdev->dev);
	return domain && domain->type != IOMMU_DOMAIN_IDENTITY;
}

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

/* The first and the last page stand for those between: a region is contiguous. */
static bool pci_check_range(const struct qae_endpoint *endpoint, struct page *pages, size_t size)
{
	struct pci_dev *pdev = endpoint->bus;
	struct page *last = pfn_to_page(page_to_pfn(pages) + (size >> PAGE_SHIFT) - 1);

	return is_below_limit(&pdev->dev, page_to_phys(pages) + size) &&
	       is_at_physical_address(&pdev->dev, pages) &&
	       (last == pages || is_at_physical_address(&pdev->dev, last));
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
 * Clients get physical addresses as device addresses, so the function must reach
 * all memory at these. Ask the IOMMU first: it has a sentence of its own.
 */
static int pci_check_reach(const struct qae_endpoint *endpoint, const char **reason)
{
	struct pci_dev *pdev = endpoint->bus;
	unsigned long end = 0;
	int node;

	for_each_node_state(node, N_MEMORY)
		end = max(end, node_end_pfn(node));
	if (is_translated(pdev))
		*reason = "behind a translating IOMMU; boot with iommu=pt or intel_iommu=off";
	else if (!is_below_limit(&pdev->dev, (u64)end << PAGE_SHIFT))
		*reason = "the function does not reach all memory of this machine";
	else if (!nodes_are_at_physical_addresses(&pdev->dev))
		*reason = "device addresses differ from physical ones (swiotlb=force, Xen?)";
	else
		return 0;
	return -EOPNOTSUPP;
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
 * No ring runs, so an instance has nothing of its own that could be stopped: it is
 * quiet as long as the function is no bus master. Look instead of trusting: root
 * may have changed the register, and the memory goes to somebody else next. A
 * function that is gone reads as all ones and accesses nothing.
 */
static void pci_quiesce(struct qae_instance_obj *inst)
{
	struct pci_dev *pdev = inst->endpoint->bus;
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	if (PCI_POSSIBLE_ERROR(command) || !(command & PCI_COMMAND_MASTER))
		return;
	pci_warn(pdev, "bus mastering was on, which this driver keeps off; turned it off before memory is released\n");
	pci_clear_master(pdev);
	if (!transactions_end(pdev))
		pci_err(pdev, "transactions are still pending; reset the function\n");
}

static const struct qae_endpoint_ops pci_ops = {
	.check_reach = pci_check_reach,
	.check_range = pci_check_range,
	.quiesce = pci_quiesce,
};

/*
 * Whoever had the function before, another driver or another kernel, may have left
 * it running. It must not access memory that this driver hands out.
 */
static int take_over(struct pci_dev *pdev)
{
	int err;

	pci_clear_master(pdev);
	pci_save_state(pdev);
	err = pcie_reset_flr(pdev, PCI_RESET_DO_RESET);
	if (err == -ENOTTY) {
		pci_notice(pdev, "no function level reset; the function stays as its last driver left it, with bus mastering off\n");
		return 0;
	}
	pci_restore_state(pdev);
	if (err)
		pci_err(pdev, "the function does not come back from its reset (%d)\n", err);
	return err;
}

static int set_up(struct pci_dev *pdev)
{
	int err;

	err = pci_enable_device_mem(pdev);
	if (err) {
		pci_err(pdev, "cannot enable the function (%d)\n", err);
		return err;
	}
	err = pci_request_mem_regions(pdev, "qae");
	if (err) {
		pci_err(pdev, "the registers belong to somebody else, see /proc/iomem (%d)\n", err);
		goto err_disable;
	}
	err = take_over(pdev);
	if (err)
		goto err_release;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(48));
	if (err) {
		pci_err(pdev, "the platform does not support 48-bit device addresses (%d)\n", err);
		goto err_release;
	}
	return 0;

err_release:
	pci_release_mem_regions(pdev);
err_disable:
	pci_disable_device(pdev);
	return err;
}

static void tear_down(struct pci_dev *pdev)
{
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
}

static int qae_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	const struct qae_endpoint_place place = {
		.pci_domain = pci_domain_nr(pdev->bus),
		.pci_busdevfn = PCI_DEVID(pdev->bus->number, pdev->devfn),
		.node = dev_to_node(&pdev->dev),
	};
	const struct qae_model *model = qae_model_by_device(pdev->device);
	struct qae_endpoint *endpoint;
	int err;

	/* The core offers functions of any id: those that driver_override or new_id selects. */
	if (pdev->vendor != QAE_VENDOR_ID || !model) {
		pci_err(pdev, "device %04x:%04x is not supported by this driver\n", pdev->vendor,
			pdev->device);
		return -ENODEV;
	}
	/* Resetting it would take them away from whoever has them, for example a guest. */
	if (pci_num_vf(pdev)) {
		pci_err(pdev, "its former driver left virtual functions; write 0 to sriov_numvfs first\n");
		return -EBUSY;
	}
	err = set_up(pdev);
	if (err)
		return err;
	endpoint = qae_endpoint_add(model, &pci_ops, pdev, &place);
	if (!endpoint) {
		tear_down(pdev);
		return -ENOMEM;
	}
	pci_set_drvdata(pdev, endpoint);
	/* For qae_pci_slot_reset(): a reset of the link leaves no register as it was. */
	pci_save_state(pdev);
	return 0;
}

/* Virtual functions are functions of their own, and go before the one that carries them. */
static void qae_pci_remove(struct pci_dev *pdev)
{
	pci_disable_sriov(pdev);
	qae_endpoint_remove(pci_get_drvdata(pdev));
	tear_down(pdev);
}

/* At reboot and kexec. Nobody gets anything of the function any more, and it stops. */
static void qae_pci_shutdown(struct pci_dev *pdev)
{
	qae_endpoint_suspend(pci_get_drvdata(pdev));
	pci_disable_device(pdev);
}

static struct pci_driver qae_pci_driver;

/*
 * Call @act for a function's endpoint, and for those of its virtual functions that
 * this driver has: what happens to a physical function happens to them. The caller
 * has locked the function's device, so that none of its virtual functions comes or
 * goes.
 *
 * A virtual function whose device is locked is left out. If a whole bus is reset, the
 * core has locked all devices on it and calls the handlers of each, and waiting here
 * would be a deadlock. Otherwise it is being bound or unbound, and is not up.
 */
static void for_endpoints_of(struct pci_dev *pdev, void (*act)(struct qae_endpoint *endpoint))
{
	struct pci_dev *vf = NULL;

	act(pci_get_drvdata(pdev));
	while (pci_num_vf(pdev) && (vf = pci_get_device(QAE_VENDOR_ID, PCI_ANY_ID, vf))) {
		if (!vf->is_virtfn || pci_physfn(vf) != pdev)
			continue;
		if (!device_trylock(&vf->dev))
			continue;
		if (vf->dev.driver == &qae_pci_driver.driver)
			act(pci_get_drvdata(vf));
		device_unlock(&vf->dev);
	}
}

/*
 * The function is back, or it is not and stays in error. The core has restored its
 * registers, which used up the saved ones: save them for the next reset of the link.
 */
static void come_back(struct pci_dev *pdev)
{
	if (pci_device_is_present(pdev))
		pci_save_state(pdev);
	for_endpoints_of(pdev, pci_device_is_present(pdev) ? qae_endpoint_reset_end :
							     qae_endpoint_fail);
}

/*
 * Recovery from an error that the hardware reported. The function is reset whatever
 * the error was: this driver cannot know what it left behind.
 */
static pci_ers_result_t qae_pci_error_detected(struct pci_dev *pdev, pci_channel_state_t channel)
{
	pci_err(pdev, "the function reported an error (channel %s)\n",
		channel == pci_channel_io_normal ? "usable" :
		channel == pci_channel_io_frozen ? "frozen" : "lost");
	for_endpoints_of(pdev, qae_endpoint_fail);
	return channel == pci_channel_io_perm_failure ? PCI_ERS_RESULT_DISCONNECT :
							PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t qae_pci_slot_reset(struct pci_dev *pdev)
{
	for_endpoints_of(pdev, qae_endpoint_reset_begin);
	pci_restore_state(pdev);
	if (pci_device_is_present(pdev))
		return PCI_ERS_RESULT_RECOVERED;
	for_endpoints_of(pdev, qae_endpoint_fail);
	return PCI_ERS_RESULT_DISCONNECT;
}

static void qae_pci_reset_prepare(struct pci_dev *pdev)
{
	for_endpoints_of(pdev, qae_endpoint_reset_begin);
}

static const struct pci_error_handlers qae_pci_error_handlers = {
	.error_detected = qae_pci_error_detected,
	.slot_reset = qae_pci_slot_reset,
	.resume = come_back,
	.reset_prepare = qae_pci_reset_prepare,
	.reset_done = come_back,
};

/* The core saves and restores the function, and turns it off and on. */
static int qae_pci_suspend(struct device *dev)
{
	qae_endpoint_suspend(dev_get_drvdata(dev));
	return 0;
}

/* Only its own endpoint: virtual functions are resumed as devices of their own. */
static int qae_pci_resume(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	if (pci_device_is_present(pdev)) {
		pci_save_state(pdev);
		qae_endpoint_reset_end(pci_get_drvdata(pdev));
	} else {
		qae_endpoint_fail(pci_get_drvdata(pdev));
	}
	return 0;
}

/*
 * Make virtual functions, or remove them all: a write to sriov_numvfs. They get the
 * ring pairs, so the physical function must be down, and stays so meanwhile.
 */
static int qae_pci_sriov_configure(struct pci_dev *pdev, int count)
{
	struct qae_endpoint *endpoint = pci_get_drvdata(pdev);
	int err;

	if (count) {
		err = qae_endpoint_lend(endpoint);
		if (err) {
			pci_err(pdev, "its endpoint is configured; take it down before making virtual functions\n");
			return err;
		}
		err = pci_enable_sriov(pdev, count);
		if (!err)
			return count;
	} else {
		pci_disable_sriov(pdev);
		err = 0;
	}
	qae_endpoint_take_back(endpoint);
	return err;
}

static DEFINE_SIMPLE_DEV_PM_OPS(qae_pci_pm, qae_pci_suspend, qae_pci_resume);

static struct pci_driver qae_pci_driver = {
	.name = "qae",
	.id_table = NULL,	/* bind by driver_override only */
	.probe = qae_pci_probe,
	.remove = qae_pci_remove,
	.shutdown = qae_pci_shutdown,
	.err_handler = &qae_pci_error_handlers,
	.sriov_configure = qae_pci_sriov_configure,
	.driver.pm = pm_sleep_ptr(&qae_pci_pm),
};

/**
 * qae_pci_init() - register the PCI driver
 *
 * Functions that are ready to bind are probed before this returns.
 *
 * Return: 0 or a negative errno.
 */
int qae_pci_init(void)
{
	return pci_register_driver(&qae_pci_driver);
}

/**
 * qae_pci_exit() - unbind all functions and unregister the PCI driver
 */
void qae_pci_exit(void)
{
	pci_unregister_driver(&qae_pci_driver);
}
