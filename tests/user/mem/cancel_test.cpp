// SPDX-License-Identifier: BSD-3-Clause
// Threads that are cancelled while they allocate.
#include <pthread.h>

#include <atomic>

#include "support/cmocka_cpp.h"
#include "support/fake_heap.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

constexpr int kThreads = 100;

std::atomic<bool> g_running;

void allocate_and_free(std::size_t size) {
    void *block = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64);
    qaeMemFreeNUMA(&block);
    g_running = true;
}

void cancel_threads(void *(*body)(void *)) {
    for (int i = 0; i < kThreads; ++i) {
        g_running = false;
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, nullptr, body, nullptr), 0);
        while (!g_running) {
            sched_yield();
        }
        assert_int_equal(pthread_cancel(thread), 0);
        void *result = nullptr;
        assert_int_equal(pthread_join(thread, &result), 0);
        assert_true(result == PTHREAD_CANCELED);
    }
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    assert_int_equal(qaeMemStats(&stats), 0);
    assert_int_equal(stats.live_blocks, 0);
}

void a_request_to_cancel_waits_until_a_call_is_over(void **) {
    cancel_threads([](void *) -> void * {
        for (std::size_t size = 64;; size = size * 3 % (4 << 20) + 1) {
            allocate_and_free(size);
            pthread_testcancel();
        }
    });
}

// What qae_mem.h asks of such a thread.
void asynchronous_cancellation_is_disabled_around_calls(void **) {
    cancel_threads([](void *) -> void * {
        int state = 0;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);
        for (std::size_t size = 64;; size = size * 3 % (4 << 20) + 1) {
            allocate_and_free(size);
            pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
            pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
        }
    });
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        FAKE_SOURCE_TEST(a_request_to_cancel_waits_until_a_call_is_over),
        FAKE_SOURCE_TEST(asynchronous_cancellation_is_disabled_around_calls),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
