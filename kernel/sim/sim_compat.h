/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the kernels and architectures that the simulator supports.
 * Everything else in this folder is written for the newest kernel.
 */
#ifndef QAE_SIM_COMPAT_H
#define QAE_SIM_COMPAT_H

#include <linux/pci.h>
#include <linux/string.h>

#ifdef CONFIG_X86
/*
 * The x86 PCI code treats bus->sysdata of every bus as a struct pci_sysdata, and
 * reads the domain, node, ACPI companion and MSI parent from it. So it must be
 * a real one, and zeroed.
 */
struct qae_sim_sysdata {
	struct pci_sysdata arch;
};

static inline void qae_sim_sysdata_init(struct qae_sim_sysdata *sd, int domain, int node)
{
	sd->arch.domain = domain;
	sd->arch.node = node;
}

static inline int qae_sim_sysdata_domain(const struct qae_sim_sysdata *sd)
{
	return sd->arch.domain;
}
#else
/* On other architectures only this module uses sysdata; the core numbers the domain. */
struct qae_sim_sysdata {
	int domain;
	int node;
};

static inline void qae_sim_sysdata_init(struct qae_sim_sysdata *sd, int domain, int node)
{
	sd->domain = domain;
	sd->node = node;
}

static inline int qae_sim_sysdata_domain(const struct qae_sim_sysdata *sd)
{
	return sd->domain;
}
#endif /* CONFIG_X86 */

static inline int qae_sim_set_driver_override(struct pci_dev *pdev, const char *name)
{
#ifdef QAE_SIM_OVERRIDE_IN_DEVICE
	return device_set_driver_override(&pdev->dev, name);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override, name, strlen(name));
#endif
}

#endif /* QAE_SIM_COMPAT_H */
