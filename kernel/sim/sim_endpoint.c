// SPDX-License-Identifier: GPL-2.0-only
/*
 * One synthetic function: its configuration accesses, its driver override, and
 * its removal and return at run time.
 */
#define pr_fmt(fmt) "qae_sim: " fmt

#include <linux/notifier.h>
#include <linux/pci.h>

#include "sim/sim.h"

static struct qae_sim_endpoint *endpoint_at(struct pci_bus *bus, unsigned int devfn)
{
	struct qae_sim_bridge *bridge =
		container_of(bus->sysdata, struct qae_sim_bridge, sysdata);

	return bus->number ? NULL : bridge->slots[devfn];
}

/* Caller holds the lock of the bridge. */
static bool is_answering(const struct qae_sim_endpoint *ep)
{
	if (!ep->physfn)
		return ep->present;
	return ep->physfn->present && ep->index < qae_sim_cfg_vfs(&ep->physfn->cfg);
}

/* Caller holds the lock of the bridge. Virtual functions appear in their power-on state. */
static void vfs_power_on(struct qae_sim_endpoint *ep)
{
	unsigned int i;

	for (i = 0; i < QAE_SIM_VFS; i++) {
		struct qae_sim_endpoint *vf = &qae_sim.vfs[ep->index * QAE_SIM_VFS + i];

		qae_sim_cfg_init(&vf->cfg, vf->id, false);
		qae_sim_cfg_init_vf(&vf->cfg);
	}
}

static int endpoint_write(struct qae_sim_endpoint *ep, int where, int size, u32 val)
{
	unsigned int vfs = qae_sim_cfg_vfs(&ep->cfg);
	int ret = qae_sim_cfg_write(&ep->cfg, where, size, val);

	if (!vfs && qae_sim_cfg_vfs(&ep->cfg))
		vfs_power_on(ep);
	return ret;
}

/* May run in atomic context: Debian enables lockless configuration access. */
static int endpoint_cfg_access(struct qae_sim_endpoint *ep, int where, int size, u32 *val,
			       bool write)
{
	int ret = PCIBIOS_DEVICE_NOT_FOUND;
	unsigned long flags;

	if (!ep)
		return ret;

	raw_spin_lock_irqsave(&ep->bridge->lock, flags);
	if (is_answering(ep))
		ret = write ? endpoint_write(ep, where, size, *val) :
			      qae_sim_cfg_read(&ep->cfg, where, size, val);
	raw_spin_unlock_irqrestore(&ep->bridge->lock, flags);
	return ret;
}

static int endpoint_cfg_read(struct pci_bus *bus, unsigned int devfn, int where, int size,
			     u32 *val)
{
	*val = ~0U;
	return endpoint_cfg_access(endpoint_at(bus, devfn), where, size, val, false);
}

static int endpoint_cfg_write(struct pci_bus *bus, unsigned int devfn, int where, int size,
			      u32 val)
{
	return endpoint_cfg_access(endpoint_at(bus, devfn), where, size, &val, true);
}

struct pci_ops qae_sim_pci_ops = {
	.read = endpoint_cfg_read,
	.write = endpoint_cfg_write,
};

/**
 * qae_sim_endpoint_power_on() - make an endpoint present, with assigned BARs
 * @ep: endpoint
 *
 * The BARs are assigned as firmware would do it: the kernel then claims them and
 * never moves them, not even when an endpoint returns.
 */
void qae_sim_endpoint_power_on(struct qae_sim_endpoint *ep)
{
	const struct qae_sim_id *vf = qae_sim_id_of_vf(ep->id);
	u64 vf_bars[QAE_SIM_VF_BARS];
	unsigned long flags;
	unsigned int bar;

	for (bar = 0; bar < QAE_SIM_VF_BARS; bar++)
		vf_bars[bar] = ep->bar_base + QAE_SIM_VF_BARS_AT +
			       bar * QAE_SIM_VFS * QAE_SIM_BAR_SIZE;

	raw_spin_lock_irqsave(&ep->bridge->lock, flags);
	qae_sim_cfg_init(&ep->cfg, ep->id, ep->multifunction);
	for (bar = 0; bar < ep->id->bars; bar++)
		qae_sim_cfg_assign_bar(&ep->cfg, bar, ep->bar_base + bar * QAE_SIM_BAR_SIZE);
	if (vf)
		qae_sim_cfg_init_sriov(&ep->cfg, vf, PCI_FUNC(ep->devfn), vf_bars);
	ep->present = true;
	raw_spin_unlock_irqrestore(&ep->bridge->lock, flags);
}

static void endpoint_power_off(struct qae_sim_endpoint *ep)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ep->bridge->lock, flags);
	ep->present = false;
	raw_spin_unlock_irqrestore(&ep->bridge->lock, flags);
}

/**
 * qae_sim_endpoint_present() - whether an endpoint is present
 * @ep: endpoint
 *
 * Return: true if configuration accesses are answered.
 */
bool qae_sim_endpoint_present(struct qae_sim_endpoint *ep)
{
	unsigned long flags;
	bool present;

	raw_spin_lock_irqsave(&ep->bridge->lock, flags);
	present = ep->present;
	raw_spin_unlock_irqrestore(&ep->bridge->lock, flags);
	return present;
}

/**
 * qae_sim_endpoint_limit_dma() - limit the memory that a function reaches
 * @ep: endpoint
 * @bytes: it reaches memory below this address; 0: all memory
 *
 * As a host bridge with too few address lines does. The limit lasts until the
 * endpoint is removed. Firmware sets it before a driver is bound; here it can also
 * change beneath a driver.
 *
 * Context: sleeps; takes the rescan lock.
 * Return: 0, or -ENODEV if it is not there.
 */
int qae_sim_endpoint_limit_dma(struct qae_sim_endpoint *ep, u64 bytes)
{
	struct pci_dev *pdev;

	pci_lock_rescan_remove();
	pdev = pci_get_slot(ep->bridge->bus, ep->devfn);
	if (pdev)
		WRITE_ONCE(pdev->dev.bus_dma_limit, bytes ? bytes - 1 : 0);
	pci_dev_put(pdev);
	pci_unlock_rescan_remove();
	return pdev ? 0 : -ENODEV;
}

/**
 * qae_sim_endpoint_resets() - count function level resets
 * @ep: endpoint
 *
 * Return: the number of resets since it was added.
 */
unsigned int qae_sim_endpoint_resets(struct qae_sim_endpoint *ep)
{
	unsigned long flags;
	unsigned int resets;

	raw_spin_lock_irqsave(&ep->bridge->lock, flags);
	resets = ep->cfg.flr_count;
	raw_spin_unlock_irqrestore(&ep->bridge->lock, flags);
	return resets;
}

/**
 * qae_sim_endpoint_remove() - take an endpoint away from the running system
 * @ep: endpoint
 * @surprise: as if it were pulled while the driver uses it: registers read as all ones and
 *	      the channel is marked as failed before the driver is unbound. Otherwise the
 *	      driver is unbound first.
 *
 * Context: sleeps; takes the rescan lock.
 * Return: 0, or -ENODEV if it is not present.
 */
int qae_sim_endpoint_remove(struct qae_sim_endpoint *ep, bool surprise)
{
	struct pci_dev *pdev;
	int ret = -ENODEV;

	pci_lock_rescan_remove();
	if (!qae_sim_endpoint_present(ep))
		goto out;

	/* NULL if it was removed through its own sysfs file before. */
	pdev = pci_get_slot(ep->bridge->bus, ep->devfn);
	if (surprise) {
		endpoint_power_off(ep);
		if (pdev)
			pdev->error_state = pci_channel_io_perm_failure;
	}
	if (pdev)
		pci_stop_and_remove_bus_device(pdev);
	endpoint_power_off(ep);
	pci_dev_put(pdev);
	ret = 0;
out:
	pci_unlock_rescan_remove();
	return ret;
}

/**
 * qae_sim_endpoint_add() - power an endpoint on again, and probe it
 * @ep: endpoint
 *
 * Context: sleeps; takes the rescan lock.
 * Return: 0, -EEXIST if it is present, -ENOMEM if the core could not create the
 * device.
 */
int qae_sim_endpoint_add(struct qae_sim_endpoint *ep)
{
	struct pci_bus *bus = ep->bridge->bus;
	struct pci_dev *pdev;
	int ret = 0;

	pci_lock_rescan_remove();
	pdev = pci_get_slot(bus, ep->devfn);
	if (pdev) {
		pci_dev_put(pdev);
		ret = -EEXIST;
		goto out;
	}

	qae_sim_endpoint_power_on(ep);
	pdev = pci_scan_single_device(bus, ep->devfn);
	if (!pdev) {
		endpoint_power_off(ep);
		ret = -ENOMEM;
		goto out;
	}
	pci_bus_claim_resources(bus);
	pci_bus_add_device(pdev);
out:
	pci_unlock_rescan_remove();
	return ret;
}

static bool is_ours(const struct pci_dev *pdev)
{
	unsigned int i;

	for (i = 0; i < qae_sim.bridge_count; i++)
		if (pdev->sysdata == &qae_sim.bridges[i].sysdata)
			return true;
	return false;
}

/*
 * Runs after a function was added to the bus and before any driver is matched.
 * An in-tree driver for the same id would access the BARs and oops with the
 * rescan lock held, so a function that cannot get the override loses its ids
 * instead.
 */
static int override_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	int ret;

	if (action != BUS_NOTIFY_ADD_DEVICE || !is_ours(pdev))
		return NOTIFY_DONE;

	ret = qae_sim_set_driver_override(pdev, QAE_SIM_DRIVER);
	if (ret) {
		pci_err(pdev, "cannot set the driver override (%d); no driver will bind\n", ret);
		pdev->vendor = PCI_ANY_ID & 0xffff;
		pdev->device = PCI_ANY_ID & 0xffff;
	}
	return NOTIFY_OK;
}

static struct notifier_block override_nb = { .notifier_call = override_notify };

/**
 * qae_sim_override_start() - set the driver override of every new function to "qae"
 *
 * Return: 0 or a negative errno.
 */
int qae_sim_override_start(void)
{
	return bus_register_notifier(&pci_bus_type, &override_nb);
}

/**
 * qae_sim_override_stop() - stop setting driver overrides
 *
 * Call it after the last function is gone.
 */
void qae_sim_override_stop(void)
{
	bus_unregister_notifier(&pci_bus_type, &override_nb);
}
