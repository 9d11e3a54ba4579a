// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test module. Loading it runs the suites; their results are in
 * /sys/kernel/debug/kunit. Linux 6.1 runs the suites before a module's init
 * function, so this module has none and no suite may need one.
 */
#include <kunit/test.h>

#include <linux/module.h>

#include "compat.h"
#include "suites.h"

kunit_test_suites(&qae_config_suite, &qae_layout_suite, &qae_section_suite, &qae_group_suite,
		  &qae_claim_suite, &qae_event_suite, &qae_reload_suite, &qae_listing_suite,
		  &qae_endpoint_suite, &qae_function_suite, &qae_region_suite, &qae_contig_suite,
		  &qae_reserve_suite, &qae_spare_suite, &qae_clear_queue_suite, &qae_poison_suite,
		  &qae_shrinker_suite, &qae_iova_suite, &qae_space_suite, &qae_limit_suite,
		  &qae_kapi_suite, &qae_sim_cfgspace_suite);

MODULE_DESCRIPTION("KUnit suites of qae and its simulator");
MODULE_AUTHOR("qae developers");
MODULE_LICENSE("GPL");
QAE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
