// SPDX-License-Identifier: BSD-3-Clause
// What the library's reservations cost: scenes for the host, in plain mode, and for a guest with the module.
#ifndef QAE_TESTS_SUPPORT_RESERVATION_H
#define QAE_TESTS_SUPPORT_RESERVATION_H

#include <vector>

#include "support/program.h"

namespace qae::test {

// For play_scene().
std::vector<Scene> reservation_scenes();

void every_mapping_is_kept_out_of_core_files(const Environment &environment);
void a_core_file_of_a_small_process_is_small(const Environment &environment);
void a_debugger_writes_a_small_core_file(const Environment &environment);
void locking_all_memory_is_bounded(const Environment &environment);
void a_limited_lock_leaves_a_smaller_window(const Environment &environment);
void a_limited_address_space_is_enough(const Environment &environment);

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_RESERVATION_H
