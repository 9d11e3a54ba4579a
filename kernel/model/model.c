// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The model table. A bank of a second-generation function has 16 rings; eight of
 * them transmit, so it has eight ring pairs (four columns of two) and is a group
 * by itself. A bank of a fourth-generation function has one ring pair, and four
 * banks are a group.
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

static const struct qae_model models[] = {
	{ "dh895xcc",	0x0435, false, 32, 2 },
	{ "dh895xccvf",	0x0443, true,   1, 2 },
	{ "c6xx",	0x37c8, false, 16, 2 },
	{ "c6xxvf",	0x37c9, true,   1, 2 },
	{ "c3xxx",	0x19e2, false, 16, 2 },
	{ "c3xxxvf",	0x19e3, true,   1, 2 },
	{ "200xx",	0x18ee, false, 16, 2 },
	{ "200xxvf",	0x18ef, true,   1, 2 },
	{ "d15xx",	0x6f54, false, 16, 2 },
	{ "d15xxvf",	0x6f55, true,   1, 2 },
	{ "4xxx",	0x4940, false, 16, 1 },
	{ "4xxxvf",	0x4941, true,   1, 1 },
	{ "401xx",	0x4942, false, 16, 1 },
	{ "401xxvf",	0x4943, true,   1, 1 },
	{ "402xx",	0x4944, false, 16, 1 },
	{ "402xxvf",	0x4945, true,   1, 1 },
	{ "420xx",	0x4946, false, 16, 1 },
	{ "420xxvf",	0x4947, true,   1, 1 },
};

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
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_model_by_type);
