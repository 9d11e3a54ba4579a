// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types that the simulator can imitate. The driver has a model table of its own,
 * because two modules cannot share an object; a KUnit case compares both.
 *
 * The BARs are SRAM, PMISC and ETR if the type has SRAM, else PMISC and ETR.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#include "sim/sim_cfgspace.h"

static const struct qae_sim_id ids[] = {
	{ "c6xx",	0x37c8, 3 },
	{ "c6xxvf",	0x37c9, 2 },
	{ "4xxx",	0x4940, 3 },
	{ "4xxxvf",	0x4941, 2 },
	{ "401xx",	0x4942, 3 },
	{ "401xxvf",	0x4943, 2 },
	{ "402xx",	0x4944, 3 },
	{ "402xxvf",	0x4945, 2 },
	{ "420xx",	0x4946, 3 },
	{ "420xxvf",	0x4947, 2 },
	{ "dh895xcc",	0x0435, 3 },
	{ "dh895xccvf",	0x0443, 2 },
	{ "c3xxx",	0x19e2, 2 },
	{ "c3xxxvf",	0x19e3, 2 },
	{ "200xx",	0x18ee, 2 },
	{ "200xxvf",	0x18ef, 2 },
	{ "d15xx",	0x6f54, 3 },
	{ "d15xxvf",	0x6f55, 2 },
};

/**
 * qae_sim_id_at() - iterate over the table
 * @i: position, from 0
 *
 * Return: the type at @i, or NULL past the end.
 */
const struct qae_sim_id *qae_sim_id_at(unsigned int i)
{
	return i < ARRAY_SIZE(ids) ? &ids[i] : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_id_at);

/**
 * qae_sim_id_by_type() - find a type by its name
 * @type: name, e.g. "c6xx" or "4xxxvf"
 *
 * Return: the type, or NULL if there is none with that name.
 */
const struct qae_sim_id *qae_sim_id_by_type(const char *type)
{
	const struct qae_sim_id *id;
	unsigned int i;

	for (i = 0; (id = qae_sim_id_at(i)); i++)
		if (!strcmp(id->type, type))
			return id;
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_id_by_type);
