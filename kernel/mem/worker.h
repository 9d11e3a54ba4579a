/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread of low priority on each node: see worker.c. */
#ifndef QAE_MEM_WORKER_H
#define QAE_MEM_WORKER_H

struct kthread_worker;

struct kthread_worker *qae_worker_of(int node);
void qae_worker_hurry(int node);
void qae_worker_relax(int node);
int qae_worker_start(int node);
int qae_workers_init(void);
void qae_workers_exit(void);

#endif /* QAE_MEM_WORKER_H */
