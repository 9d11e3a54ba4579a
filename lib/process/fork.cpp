// SPDX-License-Identifier: BSD-3-Clause
#include "process/fork.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "process/cancel.h"

namespace qae {

constinit std::atomic<std::atomic<std::uint32_t> *> detail::g_process_word{nullptr};

namespace {

constexpr std::uint32_t kProcessNew = 0; // what a wiped page reads as
constexpr std::uint32_t kProcessAdopting = 2;

constinit std::atomic<const ForkHooks *> g_hooks[kForkStages]{};
constinit std::atomic<std::uint32_t> g_fallback_word{kProcessNew};
pthread_once_t g_install_once = PTHREAD_ONCE_INIT;

// Which hooks prepare() ran for the fork that this thread is in: a component that registers between prepare()
// and parent() must not be unlocked. The depth makes a second registration of the handlers harmless, which
// glibc allows to happen when a fork interrupts pthread_once().
constinit thread_local const ForkHooks *t_prepared[kForkStages]{};
constinit thread_local unsigned t_depth = 0;
constinit thread_local bool t_forked = false;

void adopt(std::atomic<std::uint32_t> &word) noexcept;

void before_fork() noexcept {
    if (t_depth++ != 0) {
        return;
    }
    // The child of a raw clone that forks first of all: nobody will ever let go of its parent's locks.
    auto *word = detail::g_process_word.load(std::memory_order_acquire);
    if (word != nullptr && word->load(std::memory_order_acquire) != detail::kProcessReady) {
        adopt(*word);
    }
    for (unsigned stage = 0; stage < kForkStages; ++stage) {
        t_prepared[stage] = g_hooks[stage].load(std::memory_order_acquire);
        if (t_prepared[stage] != nullptr) {
            t_prepared[stage]->prepare();
        }
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

// Runs the children's hooks once per new process; a second thread of it waits until that is done.
void adopt(std::atomic<std::uint32_t> &word) noexcept {
    CancelHold hold; // the hooks close descriptors, in fork() of the application
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
        word->store(kProcessNew, std::memory_order_release); // where the kernel does not know MADV_WIPEONFORK
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
            word = new (map) std::atomic<std::uint32_t>(kProcessNew);
        } else {
            munmap(map, page);
        }
    }
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
