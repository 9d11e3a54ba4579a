/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file that depends on kernel versions. Each entry names the change it
 * bridges and can be removed when the older side is no longer supported.
 */
#ifndef QAE_COMPAT_H
#define QAE_COMPAT_H

#include <linux/err.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>
#include <net/genetlink.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#include <linux/pfn_t.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "qae needs Linux 6.1 or newer"
#endif

/* 6.3, bc292ab00f6c "mm: introduce vma->vm_flags wrapper functions" */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/*
 * 6.6, 1d024e7a8dab "mm: remove enum page_entry_size": huge_fault takes an
 * order. It is not called for PFN mappings before 6.12, see region_map.c.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define qae_huge_fault_arg		enum page_entry_size
#define qae_huge_fault_is_pmd(arg)	((arg) == PE_SIZE_PMD)
#else
#define qae_huge_fault_arg		unsigned int
#define qae_huge_fault_is_pmd(arg)	((arg) == PMD_SHIFT - PAGE_SHIFT)
#endif

/*
 * 6.12, 3c8e44c9b369 "mm: mark special bits for huge pfn mappings when inject":
 * before that, fast GUP takes references through a huge PFN entry, as many on one
 * page as it finds pages in the entry, unless the entry is marked as device memory.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define QAE_HUGE_PFN_FLAGS	(PFN_DEV | PFN_MAP)
#define QAE_HUGE_PFN_SAFE	IS_ENABLED(CONFIG_ARCH_HAS_PTE_DEVMAP)
#else
#define QAE_HUGE_PFN_FLAGS	0
#define QAE_HUGE_PFN_SAFE	IS_ENABLED(CONFIG_ARCH_SUPPORTS_PMD_PFNMAP)
#endif

/* 6.17, 21aa65bf82a7 "mm: remove callers of pfn_t functionality": a plain number instead. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define qae_insert_pfn_pmd(vmf, pfn, write) \
	vmf_insert_pfn_pmd(vmf, __pfn_to_pfn_t(pfn, QAE_HUGE_PFN_FLAGS), write)
#else
#define qae_insert_pfn_pmd	vmf_insert_pfn_pmd
#endif

/*
 * 6.7, c42d50aefd17 "mm: shrinker: add infrastructure for dynamically allocating
 * shrinker": a shrinker is allocated by the core and registering it cannot fail.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline struct shrinker *qae_shrinker_register(const struct shrinker *like, const char *name)
{
	struct shrinker *shrinker = kmemdup(like, sizeof(*like), GFP_KERNEL);

	if (shrinker && register_shrinker(shrinker, "%s", name)) {
		kfree(shrinker);
		return NULL;
	}
	return shrinker;
}

static inline void qae_shrinker_free(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#else
static inline struct shrinker *qae_shrinker_register(const struct shrinker *like, const char *name)
{
	struct shrinker *shrinker = shrinker_alloc(like->flags, "%s", name);

	if (!shrinker)
		return NULL;
	shrinker->count_objects = like->count_objects;
	shrinker->scan_objects = like->scan_objects;
	shrinker->batch = like->batch;
	shrinker->seeks = like->seeks;
	shrinker_register(shrinker);
	return shrinker;
}

#define qae_shrinker_free	shrinker_free
#endif

/* 6.14, "kthread: rename create to run": kthread_create_worker() no longer starts it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define qae_kthread_run_worker	kthread_create_worker
#else
#define qae_kthread_run_worker	kthread_run_worker
#endif

/*
 * 6.10, "mm: track mapcount of large folios in single value": before that, the
 * mappings of a large folio are counted in each of its pages. No answer is a large
 * number here, so that the caller finds nothing wrong with the references.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static inline long qae_folio_mapcount(struct folio *folio)
{
	return folio_test_large(folio) ? INT_MAX : atomic_read(&folio->page._mapcount) + 1;
}
#else
static inline long qae_folio_mapcount(struct folio *folio)
{
	return folio_mapcount(folio);
}
#endif

/*
 * 6.17, "mm/page_isolation: make page isolation a standalone bit": before that, an
 * isolated pageblock has a migrate type of its own. @flags begin with the block's.
 */
static inline bool qae_pageblock_flags_isolatable(unsigned long flags)
{
#ifdef PAGEBLOCK_ISO_MASK
	if (flags & PAGEBLOCK_ISO_MASK)
		return false;
#elif defined(CONFIG_MEMORY_ISOLATION)
	if ((flags & 7) == MIGRATE_ISOLATE)
		return false;
#endif
	return !is_migrate_cma(flags & 7);
}

#ifdef CONFIG_IOMMU_API
/* 6.11, "iommu: Add iommu_paging_domain_alloc()": for a device instead of a bus. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static inline struct iommu_domain *qae_iommu_domain_alloc(struct device *dev)
{
	return iommu_domain_alloc(dev->bus) ?: ERR_PTR(-ENODEV);
}
#else
static inline struct iommu_domain *qae_iommu_domain_alloc(struct device *dev)
{
	return iommu_paging_domain_alloc(dev);
}
#endif

/* 6.3, 1369459b2e21 "iommu: Add a gfp parameter to iommu_map()" */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define qae_iommu_map(domain, iova, memory, size, prot) \
	iommu_map(domain, iova, memory, size, prot)
#else
#define qae_iommu_map(domain, iova, memory, size, prot) \
	iommu_map(domain, iova, memory, size, prot, GFP_KERNEL)
#endif
#endif /* CONFIG_IOMMU_API */

/* 6.16 replaced the migrate type of alloc_contig_range() by flags. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define QAE_CONTIG_KIND		MIGRATE_MOVABLE
#else
#define QAE_CONTIG_KIND		ACR_FLAGS_NONE
#endif

/*
 * 6.2, "kunit: add macro to allow conditionally exposing static symbols to
 * tests". Later stable releases of 6.1 have the header, the first ones lack it.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#include <kunit/visibility.h>
#elif IS_ENABLED(CONFIG_KUNIT)
#define EXPORT_SYMBOL_IF_KUNIT(symbol)	EXPORT_SYMBOL_NS(symbol, EXPORTED_FOR_KUNIT_TESTING)
#else
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#endif

/* 6.13, cdd30ebb1b9f: the namespace of MODULE_IMPORT_NS() is a string. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define QAE_IMPORT_NS(ns)	MODULE_IMPORT_NS(ns)
#else
#define QAE_IMPORT_NS(ns)	MODULE_IMPORT_NS(#ns)
#endif

/*
 * 6.7, and later stable releases of 6.1, added permissions to multicast groups.
 * Without them anyone may listen, so that events name no holder.
 */
#ifdef GENL_MCAST_CAP_SYS_ADMIN
#define QAE_MCGRP_NEEDS_ADMIN	.flags = GENL_MCAST_CAP_SYS_ADMIN,
#define QAE_MCGRP_IS_ADMIN	true
#else
#define QAE_MCGRP_NEEDS_ADMIN
#define QAE_MCGRP_IS_ADMIN	false
#endif

#endif /* QAE_COMPAT_H */
