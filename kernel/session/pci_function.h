/* SPDX-License-Identifier: GPL-2.0-only */
/* A bound PCI function, as the bus of its endpoint. */
#ifndef QAE_SESSION_PCI_FUNCTION_H
#define QAE_SESSION_PCI_FUNCTION_H

#include <linux/types.h>

#include "dma/space.h"

struct pci_dev;
struct qae_endpoint_ops;

/**
 * struct qae_function - a bound PCI function
 * @pdev: the function
 * @member: its place in the address space
 * @silent: it did not answer when it was asked last; registry lock
 * @silent_until: in jiffies: when it may be asked again; valid if @silent
 */
struct qae_function {
	struct pci_dev *pdev;
	struct qae_space_member member;
	bool silent;
	unsigned long silent_until;
};

extern const struct qae_endpoint_ops qae_function_ops;

struct qae_function *qae_function_create(struct pci_dev *pdev);
void qae_function_destroy(struct qae_function *function);

#endif /* QAE_SESSION_PCI_FUNCTION_H */
