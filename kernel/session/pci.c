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

#include <linux/bits.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>

#include "model/model.h"
#include "session/endpoint.h"
#include "session/pci.h"
#include "session/pci_function.h"

/* Width of device addresses of the functions in the model table, and the least that is of use. */
#define ADDRESS_BITS		48
#define MIN_ADDRESS_BITS	24

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

static int set_up(struct pci_dev *pdev, unsigned int address_bits)
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
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(address_bits));
	if (err) {
		pci_err(pdev, "the platform does not support %u-bit device addresses (%d)\n",
			address_bits, err);
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

static struct qae_endpoint *add_endpoint(struct pci_dev *pdev, const struct qae_model *model)
{
	const struct qae_endpoint_place place = {
		.pci_domain = pci_domain_nr(pdev->bus),
		.pci_busdevfn = PCI_DEVID(pdev->bus->number, pdev->devfn),
		.node = dev_to_node(&pdev->dev),
	};
	struct qae_function *function = qae_function_create(pdev);
	struct qae_endpoint *endpoint;

	if (!function)
		return NULL;
	endpoint = qae_endpoint_add(model, &qae_function_ops, function, &place);
	if (!endpoint)
		qae_function_destroy(function);
	return endpoint;
}

/*
 * The core offers functions of any id: those that driver_override or new_id selects. One
 * that is in no table can be selected by new_id, with the width of its device addresses as
 * driver data. It has no ring pairs; what it has is a reach.
 */
static const struct qae_model *find_model(const struct pci_dev *pdev,
					  const struct pci_device_id *id, unsigned int *bits)
{
	const struct qae_model *model = NULL;

	*bits = ADDRESS_BITS;
	if (pdev->vendor == QAE_VENDOR_ID)
		model = qae_model_by_device(pdev->device);
	if (model || !id->driver_data)
		return model;
	*bits = id->driver_data;
	return id->driver_data >= MIN_ADDRESS_BITS && id->driver_data <= 64 ?
		       &qae_model_generic : NULL;
}

static int qae_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct qae_endpoint *endpoint;
	const struct qae_model *model;
	unsigned int address_bits;
	int err;

	model = find_model(pdev, id, &address_bits);
	if (!model) {
		pci_err(pdev, "device %04x:%04x is not supported by this driver\n", pdev->vendor,
			pdev->device);
		return -ENODEV;
	}
	/* Resetting it would take them away from whoever has them, for example a guest. */
	if (pci_num_vf(pdev)) {
		pci_err(pdev, "its former driver left virtual functions; write 0 to sriov_numvfs first\n");
		return -EBUSY;
	}
	err = set_up(pdev, address_bits);
	if (err)
		return err;
	endpoint = add_endpoint(pdev, model);
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
	struct qae_endpoint *endpoint = pci_get_drvdata(pdev);
	struct qae_function *function = endpoint->bus;

	pci_disable_sriov(pdev);
	qae_endpoint_remove(endpoint);
	qae_function_destroy(function);
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
	/*
	 * A restore counts as done even if the function did not answer, as at the resume
	 * after which it is in error. The registers that were saved are still there.
	 */
	pdev->state_saved = true;
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
	.id_table = NULL,	/* bind by driver_override or new_id only */
	.probe = qae_pci_probe,
	.remove = qae_pci_remove,
	.shutdown = qae_pci_shutdown,
	.err_handler = &qae_pci_error_handlers,
	.sriov_configure = qae_pci_sriov_configure,
	.driver.pm = pm_sleep_ptr(&qae_pci_pm),
	.driver_managed_dma = true,	/* see pci_function.c */
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
