// SPDX-License-Identifier: GPL-2.0-only
/*
 * The room in the memory cgroup of the caller. The page allocator returns no page in
 * two cases, and does not tell which of them it was: memory is short, or the cgroup is
 * full. The counters of the cgroup tell.
 */
#include <linux/cgroup.h>
#include <linux/limits.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/page_counter.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "mem/cgroup.h"

#ifdef CONFIG_MEMCG

static unsigned long counter_room(struct page_counter *counter)
{
	unsigned long max = READ_ONCE(counter->max), usage = page_counter_read(counter);

	return max > usage ? max - usage : 0;
}

/* In version 1 a second counter limits memory and swap together. */
static unsigned long group_room(struct mem_cgroup *memcg)
{
	unsigned long room = counter_room(&memcg->memory);

	if (!cgroup_subsys_on_dfl(memory_cgrp_subsys))
		room = min(room, counter_room(&memcg->memsw));
	return room;
}

/**
 * qae_cgroup_room() - pages that the memory cgroup of the caller can still be charged
 *
 * A cgroup whose page cache fills it has no room either: the kernel makes room when a
 * charge needs it. So no room is the cause of a failure only after an attempt to charge.
 * Other tasks of the cgroup charge and uncharge meanwhile.
 *
 * Context: takes the RCU read lock.
 * Return: pages; more than a machine has if no cgroup limits the caller
 */
unsigned long qae_cgroup_room(void)
{
	unsigned long room = ULONG_MAX;
	struct mem_cgroup *memcg;

	if (mem_cgroup_disabled())
		return room;
	rcu_read_lock();
	for (memcg = mem_cgroup_from_task(current); memcg; memcg = parent_mem_cgroup(memcg))
		room = min(room, group_room(memcg));
	rcu_read_unlock();
	return room;
}

#else

unsigned long qae_cgroup_room(void)
{
	return ULONG_MAX;
}

#endif /* CONFIG_MEMCG */
