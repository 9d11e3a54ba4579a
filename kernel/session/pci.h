/* SPDX-License-Identifier: GPL-2.0-only */
/* The PCI driver. */
#ifndef QAE_SESSION_PCI_H
#define QAE_SESSION_PCI_H

int qae_pci_init(void);
void qae_pci_exit(void);

#endif /* QAE_SESSION_PCI_H */
