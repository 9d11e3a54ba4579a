/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Models: the types of PCI functions that this driver supports.
 *
 * The module and the tool both compile this code, so that a configuration
 * checked without the module is measured with the module's numbers.
 */
#ifndef QAE_MODEL_H
#define QAE_MODEL_H

#include <linux/types.h>

#ifndef __KERNEL__
#include <stdbool.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
#endif

#define QAE_VENDOR_ID		0x8086

/* Ring pairs come in groups of this many columns; a column has one service. */
#define QAE_LAYOUT_COLUMNS	4

/**
 * struct qae_model - one PCI function type
 * @type: name in configuration file names and listings
 * @device: PCI device id
 * @is_vf: whether it is a virtual function
 * @groups: groups of ring pairs: a bank (second generation) or four banks (fourth)
 * @slots: ring pairs of one column of a group
 */
struct qae_model {
	const char *type;
	__u16 device;
	bool is_vf;
	__u16 groups;
	__u16 slots;
};

/* A function that is in no table: no ring pairs, so no instances. qae_model_at() leaves it out. */
extern const struct qae_model qae_model_generic;

const struct qae_model *qae_model_by_device(__u16 device);
const struct qae_model *qae_model_by_type(const char *type);
const struct qae_model *qae_model_at(size_t index);

/**
 * qae_model_ring_pairs() - count the ring pairs of a function
 * @model: the function's model
 *
 * Return: the number of ring pairs.
 */
static inline __u32 qae_model_ring_pairs(const struct qae_model *model)
{
	return (__u32)model->groups * QAE_LAYOUT_COLUMNS * model->slots;
}

#if !defined(__KERNEL__) && defined(__cplusplus)
}
#endif
#endif /* QAE_MODEL_H */
