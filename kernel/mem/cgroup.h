/* SPDX-License-Identifier: GPL-2.0-only */
/* How much the memory cgroup of the caller can still be charged. */
#ifndef QAE_MEM_CGROUP_H
#define QAE_MEM_CGROUP_H

unsigned long qae_cgroup_room(void);

#endif /* QAE_MEM_CGROUP_H */
