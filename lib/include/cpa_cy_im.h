/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients include this header by its bare name or as "lac/cpa_cy_im.h"; it is the same one. */
#include "lac/cpa_cy_im.h"
