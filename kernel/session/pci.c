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

/**
 * qae_pci_translated() - whether an IOMMU translates DMA of the function
 * @pdev: bound function
 *
 * Return: true if device addresses differ from physical ones.
 */
bool qae_pci_translated(struct pci_dev *pdev)
{
	struct iommu_domain *domain;

	if (!device_iommu_mapped(&pdev->dev))
		return false;
	domain = iommu_get_domain_for_dev(&pdev->dev);
	return domain && domain->type != IOMMU_DOMAIN_IDENTITY;
}

static int qae_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
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
	endpoint = qae_endpoint_add(pdev, model);
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
