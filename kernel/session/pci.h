/* SPDX-License-Identifier: GPL-2.0-only */
/* The PCI driver. */
#ifndef QAE_SESSION_PCI_H
#define QAE_SESSION_PCI_H

#include <linux/types.h>

struct pci_dev;

int qae_pci_init(void);
void qae_pci_exit(void);
bool qae_pci_translated(struct pci_dev *pdev);

#endif /* QAE_SESSION_PCI_H */
