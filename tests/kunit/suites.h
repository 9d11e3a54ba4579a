/* SPDX-License-Identifier: GPL-2.0-only */
/* The suites of the test module, one for each file. */
#ifndef QAE_KUNIT_SUITES_H
#define QAE_KUNIT_SUITES_H

struct kunit_suite;

extern struct kunit_suite qae_config_suite;
extern struct kunit_suite qae_layout_suite;
extern struct kunit_suite qae_section_suite;
extern struct kunit_suite qae_claim_suite;
extern struct kunit_suite qae_event_suite;
extern struct kunit_suite qae_group_suite;
extern struct kunit_suite qae_reload_suite;
extern struct kunit_suite qae_listing_suite;
extern struct kunit_suite qae_endpoint_suite;
extern struct kunit_suite qae_function_suite;
extern struct kunit_suite qae_iova_suite;
extern struct kunit_suite qae_space_suite;
extern struct kunit_suite qae_region_suite;
extern struct kunit_suite qae_limit_suite;
extern struct kunit_suite qae_contig_suite;
extern struct kunit_suite qae_reserve_suite;
extern struct kunit_suite qae_spare_suite;
extern struct kunit_suite qae_clear_queue_suite;
extern struct kunit_suite qae_poison_suite;
extern struct kunit_suite qae_shrinker_suite;
extern struct kunit_suite qae_kapi_suite;
extern struct kunit_suite qae_sim_cfgspace_suite;

#endif /* QAE_KUNIT_SUITES_H */
