// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that refuses to be suspended. Devices are suspended in the reverse order of
 * their registration, so those that were registered after this one are suspended and,
 * because the whole suspend fails here, resumed again. Those before it, for example the
 * disks of a guest that could not be resumed, do not notice.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm.h>

static int refuse_suspend(struct device *dev)
{
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
}

module_init(stop_init);
module_exit(stop_exit);
MODULE_DESCRIPTION("A device that refuses to be suspended, for tests");
MODULE_LICENSE("GPL");
