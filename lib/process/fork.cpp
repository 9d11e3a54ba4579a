// SPDX-License-Identifier: BSD-3-Clause
#include "process/fork.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "process/cancel.h"
#include "process/unload.h"

namespace qae {

constinit std::atomic<std::atomic<std::uint32_t> *> detail::g_process_word{nullptr};

namespace {

constexpr std::uint32_t kProcessNew = 0; // the content of a wiped page
constexpr std::uint32_t kProcessAdopting = 2;

constinit std::atomic<const ForkHooks *> g_hooks[kForkStages]{};
constinit std::atomic<std::uint32_t> g_fallback_word{kProcessNew};
pthread_once_t g_install_once = PTHREAD_ONCE_INIT;

// The hooks whose prepare() ran for the current fork of this thread: parent() must not unlock a component
// that registered after prepare(). The depth makes it harmless that the handlers may be registered twice,
// which happens with glibc if a fork interrupts pthread_once().
constinit thread_local const ForkHooks *t_prepared[kForkStages]{};
constinit thread_local unsigned t_depth = 0;
constinit thread_local bool t_forked = false;

void adopt(std::atomic<std::uint32_t> &word) noexcept;

// Far longer than any mutex is held, unless this thread itself holds one below the signal handler that forks.
timespec prepare_deadline() noexcept {
    constexpr long kPatience = 300'000'000; // ns
    constexpr long kSecond = 1'000'000'000;
    timespec deadline{};
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_nsec += kPatience;
    if (deadline.tv_nsec >= kSecond) {
        ++deadline.tv_sec;
        deadline.tv_nsec -= kSecond;
    }
    return deadline;
}

void before_fork() noexcept {
    if (t_depth++ != 0) {
        return;
    }
    // This may be the child of a raw clone whose first act is a fork: no thread will ever release the locks
    // that it inherited, so adopt it before taking them.
    auto *word = detail::g_process_word.load(std::memory_order_acquire);
    if (word != nullptr && word->load(std::memory_order_acquire) != detail::kProcessReady) {
        adopt(*word);
    }
    const timespec deadline = prepare_deadline();
    bool in_time = true;
    for (unsigned stage = 0; stage < kForkStages; ++stage) {
        const ForkHooks *hooks = g_hooks[stage].load(std::memory_order_acquire);
        in_time = in_time && (hooks == nullptr || hooks->prepare(deadline));
        t_prepared[stage] = in_time ? hooks : nullptr;
    }
}

void after_fork_in_parent() noexcept {
    if (--t_depth != 0) {
        return;
    }
    for (unsigned stage = kForkStages; stage-- > 0;) {
        if (t_prepared[stage] != nullptr) {
            t_prepared[stage]->parent();
        }
    }
}

// Runs the child hooks once per new process. Other threads of the process wait until they have run.
void adopt(std::atomic<std::uint32_t> &word) noexcept {
    CancelHold hold; // the hooks close descriptors, inside the application's fork()
    std::uint32_t expected = kProcessNew;
    if (!word.compare_exchange_strong(expected, kProcessAdopting, std::memory_order_acq_rel)) {
        while (word.load(std::memory_order_acquire) != detail::kProcessReady) {
            sched_yield();
        }
        return;
    }
    for (const auto &slot : g_hooks) {
        const ForkHooks *hooks = slot.load(std::memory_order_acquire);
        if (hooks != nullptr) {
            hooks->child();
        }
    }
    word.store(detail::kProcessReady, std::memory_order_release);
}

void after_fork_in_child() noexcept {
    if (--t_depth != 0) {
        return;
    }
    auto *word = detail::g_process_word.load(std::memory_order_acquire);
    if (word != nullptr) {
        word->store(kProcessNew, std::memory_order_release); // for kernels without MADV_WIPEONFORK
        t_forked = true;
        adopt(*word);
        t_forked = false;
    }
}

void install() noexcept {
    auto *word = &g_fallback_word;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void *map = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map != MAP_FAILED) {
        if (madvise(map, page, MADV_WIPEONFORK) == 0) {
            madvise(map, page, MADV_DONTDUMP);
            word = new (map) std::atomic<std::uint32_t>(kProcessNew);
        } else {
            munmap(map, page);
        }
    }
    watch_unload();
    word->store(detail::kProcessReady, std::memory_order_release);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    detail::g_process_word.store(word, std::memory_order_release);
}

} // namespace

void register_fork_hooks(ForkStage stage, const ForkHooks &hooks) noexcept {
    enter_process();
    auto &slot = g_hooks[static_cast<unsigned>(stage)];
    if (slot.load(std::memory_order_relaxed) != &hooks) {
        slot.store(&hooks, std::memory_order_release);
    }
}

bool is_forking_thread() noexcept { return t_forked; }

void detail::enter_process_slow() noexcept {
    pthread_once(&g_install_once, install);
    auto *word = g_process_word.load(std::memory_order_acquire);
    if (word->load(std::memory_order_acquire) != kProcessReady) {
        adopt(*word);
    }
}

} // namespace qae
