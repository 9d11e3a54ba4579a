// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI driver. It binds to a function only if the administrator selected it
 * by driver_override: an in-tree driver claims every id below too, and neither
 * driver may decide which of them serves a card.
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

/* Matches with driver_override only; the flag also prevents loading by modalias. */
#define QAE_PCI_ID(device) \
	{ PCI_DEVICE_DRIVER_OVERRIDE(PCI_VENDOR_ID_INTEL, device, PCI_ID_F_VFIO_DRIVER_OVERRIDE) }

static const struct pci_device_id qae_pci_ids[] = {
	QAE_PCI_ID(0x0435), QAE_PCI_ID(0x0443),		/* dh895xcc */
	QAE_PCI_ID(0x37c8), QAE_PCI_ID(0x37c9),		/* c6xx */
	QAE_PCI_ID(0x19e2), QAE_PCI_ID(0x19e3),		/* c3xxx */
	QAE_PCI_ID(0x6f54), QAE_PCI_ID(0x6f55),		/* d15xx */
	QAE_PCI_ID(0x4940), QAE_PCI_ID(0x4941),		/* 4xxx */
	QAE_PCI_ID(0x4942), QAE_PCI_ID(0x4943),		/* 401xx */
	QAE_PCI_ID(0x4944), QAE_PCI_ID(0x4945),		/* 402xx */
	QAE_PCI_ID(0x4946), QAE_PCI_ID(0x4947),		/* 420xx */
	{ }
};
MODULE_DEVICE_TABLE(pci, qae_pci_ids);

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

	/* With driver_override the core matches functions of any id. */
	if (pdev->vendor != PCI_VENDOR_ID_INTEL || !model) {
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
	.id_table = qae_pci_ids,
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
