/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients include this header by its bare name or as "dc/cpa_dc.h"; it is the same one. */
#include "dc/cpa_dc.h"
