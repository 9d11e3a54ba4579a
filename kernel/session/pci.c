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
 * This module operates neither rings nor firmware: it enables a bound function
 * and writes nothing to it. Bus mastering stays off.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>

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
 * This driver hands out physical addresses as device addresses. That is right
 * without a translating IOMMU only; behind one every transfer would fault.
 */
static int pci_check_reach(const struct qae_endpoint *endpoint, const char **reason)
{
	if (!is_translated(endpoint->bus))
		return 0;
	*reason = "behind a translating IOMMU; boot with iommu=pt or intel_iommu=off";
	return -EOPNOTSUPP;
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
	if (!pci_wait_for_pending_transaction(pdev))
		pci_err(pdev, "transactions are still pending; reset the function\n");
}

static const struct qae_endpoint_ops pci_ops = {
	.check_reach = pci_check_reach,
	.quiesce = pci_quiesce,
};

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
	err = pcim_enable_device(pdev);
	if (err) {
		pci_err(pdev, "cannot enable the function (%d)\n", err);
		return err;
	}
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(48));
	if (err) {
		pci_err(pdev, "the platform does not support 48-bit device addresses (%d)\n", err);
		return err;
	}
	endpoint = qae_endpoint_add(model, &pci_ops, pdev, &place);
	if (!endpoint)
		return -ENOMEM;
	pci_set_drvdata(pdev, endpoint);
	return 0;
}

static void qae_pci_remove(struct pci_dev *pdev)
{
	qae_endpoint_remove(pci_get_drvdata(pdev));
}

static struct pci_driver qae_pci_driver = {
	.name = "qae",
	.id_table = NULL,	/* bind by driver_override only */
	.probe = qae_pci_probe,
	.remove = qae_pci_remove,
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
