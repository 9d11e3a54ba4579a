/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that comes and goes while the module is loaded. */
#ifndef QAE_MEM_HOTPLUG_H
#define QAE_MEM_HOTPLUG_H

int qae_hotplug_init(void);
void qae_hotplug_exit(void);

#endif /* QAE_MEM_HOTPLUG_H */
