// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and unload. The tables are static and need no initialisation. Register the
 * device node last: once it exists user space can open it and pin the module, and
 * a failing init does not check for that. Endpoints may probe before netlink is
 * registered, because it has no listener yet. On unload endpoints are removed
 * before netlink, which reports each removal.
 */
#include <linux/module.h>

#include "client.h"
#include "dma/iommu.h"
#include "dma/space.h"
#include "ioctl.h"
#include "mem/charge.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "netlink/netlink.h"
#include "session/claim.h"
#include "session/endpoint.h"
#include "session/pci.h"
#include "session/registry.h"
#include "session/watch.h"

/* Anything left now has no owner: a bug in this module. */
static void check_empty(void)
{
	WARN_ON(!xa_empty(&qae_clients.by_id));
	WARN_ON(!list_empty(&qae_registry.sections));
	WARN_ON(!list_empty(&qae_registry.endpoints));
	WARN_ON(!xa_empty(&qae_registry.endpoint_ids));
	WARN_ON(!xa_empty(&qae_registry.section_ids));
	WARN_ON(!xa_empty(&qae_registry.instance_ids));
	WARN_ON(atomic64_read(&qae_account.regions));
	WARN_ON(atomic64_read(&qae_account.bytes));
	WARN_ON(!RB_EMPTY_ROOT(&qae_users.by_uid));
}

static int __init qae_init(void)
{
	int err;

	qae_space_init(&qae_space, &qae_iommu, qae_memory_end);
	qae_limits_init();
	qae_reach_init();
	err = qae_pages_init();
	if (err)
		return err;
	err = qae_watches_init();
	if (err)
		goto err_pages;
	err = qae_pci_init();
	if (err)
		goto err_watches;
	err = qae_netlink_init();
	if (err)
		goto err_pci;
	err = qae_chardev_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	/* Not in reverse order: netlink reports the removal of endpoints. */
	qae_pci_exit();
	qae_netlink_exit();
	goto err_watches;
err_pci:
	qae_pci_exit();
err_watches:
	qae_watches_exit();
err_pages:
	qae_pages_exit();
	return err;
}
module_init(qae_init);

static void __exit qae_exit(void)
{
	qae_chardev_exit();
	qae_pci_exit();
	qae_netlink_exit();
	qae_watches_exit();
	qae_claims_exit();
	qae_kapi_exit();
	check_empty();
	qae_space_exit(&qae_space);
	qae_pages_exit();
	/* Clients and sections are freed by callbacks, which run code of this module. */
	rcu_barrier();
}
module_exit(qae_exit);

MODULE_DESCRIPTION("Pinned memory and shared sections of QAT accelerator endpoints");
MODULE_AUTHOR("qae developers");
MODULE_VERSION(QAE_VERSION);
MODULE_LICENSE("GPL");
