// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The model table, made from functions.h. A bank of a second-generation function
 * has 16 rings; eight of them transmit, so it has eight ring pairs (four columns of
 * two) and is a group by itself. A bank of a fourth-generation function has one
 * ring pair, and four banks are a group.
 */
#include "model.h"

#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#else
#include <string.h>
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

#define QAE_FUNCTION(type, device, is_vf, groups, slots, bars) \
	{ type, device, is_vf, groups, slots },

static const struct qae_model models[] = {
#include "functions.h"
};

const struct qae_model qae_model_generic = { .type = "generic" };

/**
 * qae_model_at() - iterate over the table
 * @index: position, from 0
 *
 * Return: the model, or NULL past the end.
 */
const struct qae_model *qae_model_at(size_t index)
{
	return index < ARRAY_SIZE(models) ? &models[index] : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_model_at);

/**
 * qae_model_by_device() - find a model by PCI device id
 * @device: the id
 *
 * Return: the model, or NULL.
 */
const struct qae_model *qae_model_by_device(__u16 device)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (models[i].device == device)
			return &models[i];
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_model_by_device);

/**
 * qae_model_by_type() - find a model by type name
 * @type: exact name
 *
 * Return: the model, or NULL.
 */
const struct qae_model *qae_model_by_type(const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (!strcmp(models[i].type, type))
			return &models[i];
	return strcmp(type, qae_model_generic.type) ? NULL : &qae_model_generic;
}
EXPORT_SYMBOL_IF_KUNIT(qae_model_by_type);
