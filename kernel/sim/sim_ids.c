// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types that the simulator can imitate: those that the driver supports.
 *
 * The BARs are SRAM, PMISC and ETR if the type has SRAM, else PMISC and ETR.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#include "sim/sim_cfgspace.h"

#define QAE_FUNCTION(type, device, is_vf, groups, slots, bars) \
	{ type, device, bars, is_vf },

static const struct qae_sim_id ids[] = {
#include "model/functions.h"
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
 * qae_sim_id_of_vf() - the virtual functions of a physical function
 * @id: type of the physical function
 *
 * Return: their type, or NULL if @id is a virtual function itself.
 */
const struct qae_sim_id *qae_sim_id_of_vf(const struct qae_sim_id *id)
{
	char type[16];

	if (id->is_vf)
		return NULL;
	snprintf(type, sizeof(type), "%svf", id->type);
	return qae_sim_id_by_type(type);
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_id_of_vf);

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
