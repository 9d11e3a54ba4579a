// SPDX-License-Identifier: BSD-3-Clause
// What the reservations of the library cost a process in plain mode: core files, debuggers, memory locks,
// limits on address space.
#include "support/cmocka_cpp.h"
#include "support/reservation.h"

namespace {

const qae::test::Environment kEnvironment = {{"QAT_USER_MODE", "plain"}};

void every_mapping_is_kept_out_of_core_files(void **) {
    qae::test::every_mapping_is_kept_out_of_core_files(kEnvironment);
}
void a_core_file_of_a_small_process_is_small(void **) {
    qae::test::a_core_file_of_a_small_process_is_small(kEnvironment);
}
void a_debugger_writes_a_small_core_file(void **) {
    qae::test::a_debugger_writes_a_small_core_file(kEnvironment);
}
void locking_all_memory_is_bounded(void **) { qae::test::locking_all_memory_is_bounded(kEnvironment); }
void a_limited_lock_leaves_a_smaller_window(void **) {
    qae::test::a_limited_lock_leaves_a_smaller_window(kEnvironment);
}
void a_limited_address_space_is_enough(void **) {
    qae::test::a_limited_address_space_is_enough(kEnvironment);
}

} // namespace

int main(int argc, char **argv) {
    qae::test::play_scene(argc, argv, qae::test::reservation_scenes());
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_mapping_is_kept_out_of_core_files),
        cmocka_unit_test(a_core_file_of_a_small_process_is_small),
        cmocka_unit_test(a_debugger_writes_a_small_core_file),
        cmocka_unit_test(locking_all_memory_is_bounded),
        cmocka_unit_test(a_limited_lock_leaves_a_smaller_window),
        cmocka_unit_test(a_limited_address_space_is_enough),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
