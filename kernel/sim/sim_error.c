// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors that a function reports, and recovery from them. The functions are
 * integrated into the root complex and have no root port, so the kernel's own
 * error recovery has nothing to listen to. This file calls the driver's handlers
 * as that code does: with the device locked, and in its order.
 */
#include <linux/device.h>
#include <linux/pci.h>

#include "sim/sim.h"

static const struct pci_error_handlers *handlers_of(const struct pci_dev *pdev)
{
	const struct pci_driver *driver = to_pci_driver(pdev->dev.driver);

	return driver ? driver->err_handler : NULL;
}

static int report_error(struct pci_dev *pdev)
{
	const struct pci_error_handlers *handlers = handlers_of(pdev);

	if (!handlers || !handlers->error_detected)
		return -EOPNOTSUPP;
	pdev->error_state = pci_channel_io_frozen;
	if (handlers->error_detected(pdev, pci_channel_io_frozen) != PCI_ERS_RESULT_NEED_RESET)
		return -EIO;
	return 0;
}

static int recover(struct qae_sim_endpoint *ep, struct pci_dev *pdev)
{
	const struct pci_error_handlers *handlers = handlers_of(pdev);
	unsigned long flags;

	if (!handlers || !handlers->slot_reset || !handlers->resume)
		return -EOPNOTSUPP;
	raw_spin_lock_irqsave(&ep->bridge->lock, flags);
	qae_sim_cfg_link_reset(&ep->cfg);
	raw_spin_unlock_irqrestore(&ep->bridge->lock, flags);
	pdev->error_state = pci_channel_io_normal;
	if (handlers->slot_reset(pdev) != PCI_ERS_RESULT_RECOVERED)
		return -EIO;
	handlers->resume(pdev);
	return 0;
}

/* Call with the device in place and locked. */
static int with_device(struct qae_sim_endpoint *ep, bool error)
{
	struct pci_dev *pdev;
	int ret = -ENODEV;

	pci_lock_rescan_remove();
	pdev = pci_get_slot(ep->bridge->bus, ep->devfn);
	if (pdev) {
		device_lock(&pdev->dev);
		ret = error ? report_error(pdev) : recover(ep, pdev);
		device_unlock(&pdev->dev);
		pci_dev_put(pdev);
	}
	pci_unlock_rescan_remove();
	return ret;
}

/**
 * qae_sim_endpoint_error() - report an error of a function to its driver
 * @ep: endpoint
 *
 * The channel counts as frozen until it recovers.
 *
 * Context: sleeps; takes the rescan lock and the device lock.
 * Return: 0; -ENODEV if it is not there; -EOPNOTSUPP if no driver handles errors; -EIO if the
 * driver does not ask for a reset.
 */
int qae_sim_endpoint_error(struct qae_sim_endpoint *ep)
{
	return with_device(ep, true);
}

/**
 * qae_sim_endpoint_recover() - reset the link of a function and let its driver go on
 * @ep: endpoint, in error or not
 *
 * Context: sleeps; takes the rescan lock and the device lock.
 * Return: 0; -ENODEV if it is not there; -EOPNOTSUPP if no driver handles errors; -EIO if the
 * driver gives the function up.
 */
int qae_sim_endpoint_recover(struct qae_sim_endpoint *ep)
{
	return with_device(ep, false);
}
