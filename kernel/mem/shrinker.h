/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that nobody uses, given back when the kernel is short of memory. */
#ifndef QAE_MEM_SHRINKER_H
#define QAE_MEM_SHRINKER_H

#include <linux/types.h>

struct shrink_control;
struct shrinker;

int qae_shrinker_init(void);
void qae_shrinker_exit(void);

/* The callbacks, for tests. */
unsigned long qae_shrink_idle_count(struct shrinker *shrinker, struct shrink_control *sc);
unsigned long qae_shrink_idle_scan(struct shrinker *shrinker, struct shrink_control *sc);
unsigned long qae_shrink_reserve_count(struct shrinker *shrinker, struct shrink_control *sc);
unsigned long qae_shrink_reserve_scan(struct shrinker *shrinker, struct shrink_control *sc);
size_t qae_shrink_before_oom(void);

#endif /* QAE_MEM_SHRINKER_H */
