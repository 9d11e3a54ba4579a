// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of regions into user space.
 *
 * Entries are raw page frame numbers. That is sound for RAM only under one rule,
 * which this file keeps: each VMA holds a reference to its region from mmap or
 * vm_ops->open to vm_ops->close, so the pages outlive every entry. The rule
 * suffices only if nobody can get a page reference through an entry, because that
 * reference could outlive the region: small entries are special, huge ones special
 * or device memory, and get_user_pages(), fast or slow, refuses both.
 *
 * A whole aligned block of 2 MiB gets one huge entry. Where that is impossible
 * (small region, part of a region, unaligned address) the first fault fills the
 * entries of its 2 MiB block: one fault per block instead of 512. Unlike filling
 * in mmap(), this costs nothing for a mapping that is never touched.
 */
#include <linux/fs.h>
#include <linux/mm.h>

#include "compat.h"
#include "mem/pieces.h"
#include "mem/region.h"

/* Each id has its own span of offsets, at least as large as a region, a multiple of 2 MiB. */
#define SPAN_SHIFT	26
#define SPAN_PAGES	(1UL << (SPAN_SHIFT - PAGE_SHIFT))

static_assert(QAE_MAX_REGION_SIZE <= 1ULL << SPAN_SHIFT);

/**
 * qae_region_mmap_offset() - offset at which mmap() finds a region
 * @id: id of the region in the client
 *
 * Context: any.
 * Return: offset in bytes.
 */
u64 qae_region_mmap_offset(u32 id)
{
	return (u64)id << SPAN_SHIFT;
}

static unsigned long fault_pfn(const struct vm_area_struct *vma, unsigned long address)
{
	const struct qae_region *region = vma->vm_private_data;
	unsigned long first = vma->vm_pgoff & (SPAN_PAGES - 1);

	unsigned long page = first + ((address - vma->vm_start) >> PAGE_SHIFT);

	return region->pieces ? qae_pieces_pfn(region->pieces, page) :
				page_to_pfn(region->pages) + page;
}

/*
 * Depends on nothing that can change while faults run: all faults of a block decide
 * alike, so that none finds a page table where it wants a huge entry.
 */
static bool block_is_huge(const struct vm_area_struct *vma, unsigned long address)
{
	const struct qae_region *region = vma->vm_private_data;
	unsigned long block = address & PMD_MASK;

	return QAE_HUGE_PFN_SAFE && IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) &&
	       has_transparent_hugepage() &&
	       (!region->pieces || region->pieces->size >= PMD_SIZE) &&
	       block >= vma->vm_start && block + PMD_SIZE <= vma->vm_end &&
	       IS_ALIGNED(fault_pfn(vma, block), PMD_SIZE >> PAGE_SHIFT);
}

static vm_fault_t insert_huge(struct vm_fault *vmf)
{
	unsigned long pfn = fault_pfn(vmf->vma, vmf->address & PMD_MASK);

	return qae_insert_pfn_pmd(vmf, pfn, vmf->flags & FAULT_FLAG_WRITE);
}

static vm_fault_t insert_block(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long block = vmf->address & PMD_MASK;
	unsigned long address = max(block, vma->vm_start);
	unsigned long end = min(block + PMD_SIZE, vma->vm_end);
	vm_fault_t ret = VM_FAULT_NOPAGE;

	/* An entry that another thread inserted is identical and is left alone. */
	for (; address < end && ret == VM_FAULT_NOPAGE; address += PAGE_SIZE)
		ret = vmf_insert_pfn(vma, address, fault_pfn(vma, address));
	return ret;
}

/*
 * 6.1 never calls huge_fault for a PFN mapping, and 6.12 does not call it if
 * transparent huge pages are disabled system-wide. The memory is contiguous
 * either way, so insert the huge entry from here as well.
 *
 * The entry is read without a lock. If it is none, insert_huge() checks again under
 * the lock. If it is huge, another thread was faster, and insert_block() would
 * mistake the region's memory for a page table. If it is a page table, mremap left
 * it, and it stays while mmap_lock is held.
 */
static vm_fault_t region_fault(struct vm_fault *vmf)
{
	if (block_is_huge(vmf->vma, vmf->address)) {
		pmd_t pmd = READ_ONCE(*vmf->pmd);

		if (pmd_none(pmd))
			return insert_huge(vmf);
		if (pmd_leaf(pmd))
			return VM_FAULT_NOPAGE;
	}
	return insert_block(vmf);
}

static vm_fault_t region_huge_fault(struct vm_fault *vmf, qae_huge_fault_arg arg)
{
	if (!qae_huge_fault_is_pmd(arg) || !block_is_huge(vmf->vma, vmf->address))
		return VM_FAULT_FALLBACK;
	return insert_huge(vmf);
}

/* Each VMA holds a reference: split, mremap and fork (if it ever copied one) call open. */
static void region_open(struct vm_area_struct *vma)
{
	qae_region_get(vma->vm_private_data);
}

static void region_close(struct vm_area_struct *vma)
{
	qae_region_put_deferred(vma->vm_private_data);
}

static const struct vm_operations_struct region_vm_ops = {
	.open = region_open,
	.close = region_close,
	.fault = region_fault,
	.huge_fault = region_huge_fault,
};

/**
 * qae_region_mmap() - map a page-aligned part of one region of the descriptor
 * @file: the descriptor
 * @vma: the VMA that the core has prepared
 *
 * Shared mappings only: a private one would copy on write, and the device would
 * not see the copy. Not executable, now or after a later mprotect().
 *
 * VM_PFNMAP: the entries have neither references nor a page cache. VM_IO and
 * VM_DONTCOPY: a child does not inherit the mapping, and madvise() cannot change
 * that. VM_DONTDUMP: buffers hold keys. VM_DONTEXPAND: mremap must not grow it.
 *
 * Context: mmap_lock held for writing.
 * Return: 0, -EINVAL, -EPERM (executable), or -ENOENT (no region at that offset).
 */
int qae_region_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long id = vma->vm_pgoff >> (SPAN_SHIFT - PAGE_SHIFT);
	unsigned long first = vma->vm_pgoff & (SPAN_PAGES - 1);
	struct qae_region *region;
	unsigned long pages;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	if (id > U32_MAX)
		return -ENOENT;
	region = qae_region_find(file->private_data, id);
	if (!region)
		return -ENOENT;

	pages = region->size >> PAGE_SHIFT;
	if (first >= pages || vma_pages(vma) > pages - first) {
		qae_region_put_deferred(region);
		return -EINVAL;
	}
	vm_flags_set(vma, VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTCOPY | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYEXEC);
	vma->vm_private_data = region;
	vma->vm_ops = &region_vm_ops;
	return 0;
}
