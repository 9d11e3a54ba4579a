// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that refuses to be suspended. Devices are suspended in the reverse order of
 * their registration, so those that were registered after this one are suspended and,
 * because the whole suspend fails here, resumed again. Those before it, for example the
 * disks of a guest that could not be resumed, do not notice.
 *
 * Before it refuses, it can make a PCI function vanish: one whose address was written to
 * the parameter "victim". The function answers again when nothing is written there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/pm.h>

static struct pci_dev *victim;		/* counted reference, or NULL; the lock of parameters */
static struct pci_ops *ops_of_bus;	/* NULL while the victim answers */

static int read_others(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	if (devfn != victim->devfn)
		return ops_of_bus->read(bus, devfn, where, size, val);
	*val = ~0U;
	return PCIBIOS_DEVICE_NOT_FOUND;
}

static int write_others(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	if (devfn != victim->devfn)
		return ops_of_bus->write(bus, devfn, where, size, val);
	return PCIBIOS_DEVICE_NOT_FOUND;
}

static struct pci_ops without_victim = {
	.read = read_others,
	.write = write_others,
};

static void hide_victim(void)
{
	if (!victim || ops_of_bus)
		return;
	ops_of_bus = victim->bus->ops;
	pci_bus_set_ops(victim->bus, &without_victim);
}

static void forget_victim(void)
{
	if (ops_of_bus)
		pci_bus_set_ops(victim->bus, ops_of_bus);
	ops_of_bus = NULL;
	pci_dev_put(victim);
	victim = NULL;
}

static int set_victim(const char *value, const struct kernel_param *param)
{
	unsigned int domain, bus, device, function;

	forget_victim();
	if (sscanf(value, "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4)
		return 0;
	victim = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(device, function));
	return victim ? 0 : -ENODEV;
}

static const struct kernel_param_ops victim_ops = { .set = set_victim };
module_param_cb(victim, &victim_ops, NULL, 0200);
MODULE_PARM_DESC(victim, "PCI address of a function that vanishes at the next suspend");

static int refuse_suspend(struct device *dev)
{
	hide_victim();
	dev_info(dev, "the suspend ends here\n");
	return -EBUSY;
}

static DEFINE_SIMPLE_DEV_PM_OPS(stop_pm, refuse_suspend, NULL);

static struct platform_driver stop_driver = {
	.driver.name = KBUILD_MODNAME,
	.driver.pm = pm_sleep_ptr(&stop_pm),
};

static struct platform_device *stop_device;

static int __init stop_init(void)
{
	int err = platform_driver_register(&stop_driver);

	if (err)
		return err;
	stop_device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(stop_device)) {
		platform_driver_unregister(&stop_driver);
		return PTR_ERR(stop_device);
	}
	return 0;
}

static void __exit stop_exit(void)
{
	platform_device_unregister(stop_device);
	platform_driver_unregister(&stop_driver);
	forget_victim();
}

module_init(stop_init);
module_exit(stop_exit);
MODULE_DESCRIPTION("A device that refuses to be suspended, for tests");
MODULE_LICENSE("GPL");
