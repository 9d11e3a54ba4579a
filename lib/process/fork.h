// SPDX-License-Identifier: BSD-3-Clause
// Everything that must happen around fork().
//
// Rules for components (session, memory, device, waits, compression):
//  - every exported function calls enter_process() before it touches library state;
//  - a component guards its state with a qae::Mutex, and registers ForkHooks before it first locks it;
//  - prepare() locks that mutex, and parent() unlocks it. prepare() gives up at the deadline and then holds
//    nothing. child() forgets everything that the parent held of the driver, without system calls on the
//    parent's objects, and calls Mutex::reset_in_child(). It must not call enter_process(), not even
//    indirectly: the process is not ready before the last hook has returned.
//
// Hooks run in the order of ForkStage, which is the lock order, outermost first: a function that holds the
// memory lock may call the device, never the session. Afterwards the child is a process that has not used the
// library yet, at every level of forking.
//
// After a fork without handlers (raw clone system call) the child is recognised by the next enter_process():
// a page with MADV_WIPEONFORK reads as zero there. In such a child only child() runs, and the mutexes may be
// in any state. The same holds if a mutex cannot be locked before the deadline: a signal handler that forks
// may have interrupted the very thread that holds it, and would wait for ever.
//
// vfork() and clone(CLONE_VM) share the parent's memory, so to the library they are the parent.
#ifndef QAE_LIB_PROCESS_FORK_H
#define QAE_LIB_PROCESS_FORK_H

#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cstdint>

namespace qae {

enum class ForkStage : unsigned { session, plain, vfio, memory, device, wait, compression };
inline constexpr unsigned kForkStages = 7;

struct ForkHooks {
    bool (*prepare)(const timespec &deadline) noexcept; // CLOCK_MONOTONIC
    void (*parent)() noexcept;
    void (*child)() noexcept;
};

// A constant-initialised lock that can be reset in a forked child, where the thread that held it may not
// exist.
class Mutex {
public:
    constexpr Mutex() noexcept = default;
    Mutex(const Mutex &) = delete;
    Mutex &operator=(const Mutex &) = delete;
    void lock() noexcept { pthread_mutex_lock(&mutex_); }
    bool try_lock() noexcept { return pthread_mutex_trylock(&mutex_) == 0; }
    // False if it is still held at @deadline, on CLOCK_MONOTONIC.
    bool lock_until(const timespec &deadline) noexcept {
        return pthread_mutex_clocklock(&mutex_, CLOCK_MONOTONIC, &deadline) == 0;
    }
    void unlock() noexcept { pthread_mutex_unlock(&mutex_); }
    void reset_in_child() noexcept {
#ifdef __SANITIZE_THREAD__
        pthread_mutex_trylock(
            &mutex_); // or else the checker believes that this thread, which forked, holds it
        pthread_mutex_unlock(&mutex_);
#endif
        pthread_mutex_init(&mutex_, nullptr);
    }

private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

// Spins briefly, then sleeps. For sections under a microsecond: sleeping costs several, so spinning is
// cheaper unless the owner was preempted.
class BriefMutex : public Mutex {
public:
    void lock() noexcept {
        for (unsigned pauses = 1; pauses <= kMostPauses; pauses *= 2) {
            if (try_lock()) {
                return;
            }
            for (unsigned i = 0; i < pauses; ++i) {
                pause();
            }
        }
        Mutex::lock();
    }

private:
    static constexpr unsigned kMostPauses = 64;
    static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        asm volatile("isb");
#endif
    }
};

// Idempotent. @hooks must live for ever.
void register_fork_hooks(ForkStage stage, const ForkHooks &hooks) noexcept;

// In a child() hook: whether the calling thread is the one that forked, and therefore the only one. False
// after a raw clone: the child is recognised late, when it may have started threads, and any of them may be
// first.
bool is_forking_thread() noexcept;

namespace detail {
inline constexpr std::uint32_t kProcessReady = 1;
extern std::atomic<std::atomic<std::uint32_t> *> g_process_word;
void enter_process_slow() noexcept;
} // namespace detail

// False in a forked child that has not been adopted yet, and before the first use.
inline bool is_process_entered() noexcept {
    const auto *word = detail::g_process_word.load(std::memory_order_acquire);
    return word != nullptr && word->load(std::memory_order_acquire) == detail::kProcessReady;
}

// Adopts the process if it is a forked child that has not been adopted yet. Otherwise one load and compare.
inline void enter_process() noexcept {
    if (!is_process_entered()) [[unlikely]] {
        detail::enter_process_slow();
    }
}

} // namespace qae

#endif // QAE_LIB_PROCESS_FORK_H
