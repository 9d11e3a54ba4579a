/* SPDX-License-Identifier: GPL-2.0-only */
/* Symbols that the KUnit suites, a module of their own, may call. */
#ifndef QAE_KUNIT_EXPORT_H
#define QAE_KUNIT_EXPORT_H

#include <linux/export.h>
#include <linux/kconfig.h>

#include "compat.h"

#if IS_ENABLED(CONFIG_KUNIT)
#define QAE_EXPORT_FOR_KUNIT(sym) QAE_EXPORT_NS(sym, QAE_KUNIT)
#else
#define QAE_EXPORT_FOR_KUNIT(sym)
#endif

#endif /* QAE_KUNIT_EXPORT_H */
