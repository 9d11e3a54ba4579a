// SPDX-License-Identifier: BSD-3-Clause
#include "mem/thread_cache.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <mutex>

#include "mem/address/limits.h"
#include "process/abi.h"
#include "process/unload.h"

namespace qae {

thread_local constinit ThreadCache *t_cache = nullptr;

namespace {

// The thread's cache has been returned. Later frees of this thread bypass the caches.
thread_local constinit bool t_ended = false;

constinit std::atomic<ThreadCaches *> g_caches{nullptr};
pthread_key_t g_key;
std::atomic<bool> g_key_made{false};
pthread_once_t g_key_once = PTHREAD_ONCE_INIT;

// Executes a memory barrier in every running thread of the process. False if the kernel cannot; then only its
// owner empties a cache.
bool barrier_everywhere() noexcept {
    return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

// A process has to register first. The first registration takes milliseconds in a process with several
// threads, so it comes before a cache is seized. Later calls do nothing.
void announce_barriers() noexcept {
    static_cast<void>(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
}

std::uint64_t coarse_now() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// Without the key, the end of a thread calls nothing here, where no code may be any more. At exit this runs
// too, and from then on threads get no cache.
[[gnu::destructor(kUnloadPriority)]] void delete_key() noexcept {
    if (g_key_made.exchange(false)) {
        pthread_key_delete(g_key);
    }
}

constexpr std::uint64_t kIdleCheckInterval = 1'000'000'000; // ns

} // namespace

bool ThreadCaches::reserve() noexcept {
    if (caches_.data() != nullptr) {
        return true;
    }
    // Where address space is limited, most of it is left to the application.
    const std::uint64_t most = address_space_limit() / 16;
    for (std::uint32_t room = kMaxCaches; room >= kMinCaches; room /= 4) {
        if (room > kMinCaches && room * (sizeof(ThreadCache) + sizeof(NodeMagazines)) > most) {
            continue;
        }
        if (caches_.reserve(room) && magazines_.reserve(room)) {
            room_ = room;
            return true;
        }
        caches_.release();
        magazines_.release();
    }
    return false;
}

// A new cache, or one that an ended thread left. The caller holds the mutex.
ThreadCache *ThreadCaches::make() noexcept {
    if (!reserve()) {
        return nullptr;
    }
    if (unused_ != 0) {
        ThreadCache &cache = caches_[unused_ - 1];
        unused_ = cache.next_unused_;
        return &cache;
    }
    if (num_caches_ == room_ || !caches_.commit(num_caches_ + 1)) {
        return nullptr;
    }
    ThreadCache &cache = caches_[num_caches_];
    cache.index_ = num_caches_++;
    return &cache;
}

// A pthread key rather than a thread_local object with a destructor: destructors of the application's
// thread_local objects may free blocks, and keys are destroyed after those objects.
bool ThreadCaches::watch_thread_exit() noexcept {
    g_caches.store(this, std::memory_order_relaxed);
    pthread_once(&g_key_once, [] {
        g_key_made = pthread_key_create(&g_key, [](void *) {
                         enter_process(); // a thread of a forked child has no cache of its parent
                         g_caches.load(std::memory_order_relaxed)->detach();
                     }) == 0;
    });
    return g_key_made && !t_ended && pthread_setspecific(g_key, this) == 0;
}

// In the child of a raw clone, another thread may notice the clone first. Then the thread that came through
// the clone still has its cache, which is empty now. No other thread was given it (see
// after_fork_in_child()), so it becomes a cache of the child.
void ThreadCaches::reattach(ThreadCache &cache) noexcept {
    std::lock_guard lock(mutex_);
    cache.index_ = static_cast<std::uint32_t>(&cache - caches_.data());
    cache.attached_ = true;
    num_attached_.fetch_add(1, std::memory_order_relaxed);
}

ThreadCache *ThreadCaches::attach() noexcept {
    ThreadCache *cache = t_cache;
    if (cache != nullptr) {
        if (!cache->attached_) [[unlikely]] {
            reattach(*cache);
        }
        return cache;
    }
    const ApiCall call; // saves errno: not every caller does, and memory may be short
    if (disabled_.load(std::memory_order_relaxed) || !watch_thread_exit()) {
        return nullptr;
    }
    std::lock_guard lock(mutex_);
    cache = make();
    if (cache != nullptr) {
        cache->attached_ = true;
        num_attached_.fetch_add(1, std::memory_order_relaxed);
        t_cache = cache;
    }
    return cache;
}

NodeMagazines *ThreadCaches::make_magazines() noexcept {
    const ApiCall call;
    std::lock_guard lock(mutex_magazines_);
    if (num_magazines_ == room_ || !magazines_.commit(num_magazines_ + 1)) {
        return nullptr;
    }
    NodeMagazines &magazines = magazines_[num_magazines_++];
    for (unsigned kind = 0; kind < std::size(magazines.of); ++kind) {
        // The maps keep their addresses as long as the process lives.
        magazines.of[kind].marks = central_.page_map().object_marks(static_cast<PageKind>(kind));
    }
    return &magazines;
}

// The magazines of the owner for @node, made at the first call. With @any, requests for any node use them
// from now on. nullptr if there is no memory.
NodeMagazines *ThreadCaches::magazines(ThreadCache &cache, unsigned node, bool any) noexcept {
    NodeMagazines *&magazines = cache.magazines_[node + 1];
    NodeMagazines *&of_any = cache.magazines_[0];
    if (magazines != nullptr && (!any || of_any == magazines)) {
        return magazines;
    }
    std::lock_guard lock(cache.mutex_);
    if (magazines == nullptr) {
        magazines = make_magazines();
    }
    if (any) {
        of_any = magazines;
    }
    if (!cache.is_seized()) {
        unseize(cache);
    }
    return magazines;
}

// Both are called with the mutex of the cache held.
void ThreadCaches::seize(ThreadCache &cache) noexcept {
    cache.seized_.store(1, std::memory_order_relaxed);
    for (std::atomic<NodeMagazines *> &open : cache.open_) {
        open.store(nullptr, std::memory_order_relaxed);
    }
}

void ThreadCaches::unseize(ThreadCache &cache) noexcept {
    for (unsigned i = 0; i <= kMaxNodes; ++i) {
        cache.open_[i].store(cache.magazines_[i], std::memory_order_release);
    }
    cache.seized_.store(0, std::memory_order_release);
}

// Runs a change by the owner to more than one entry: as on the fast path, or under the mutex while the cache
// is seized.
template <class F> void ThreadCaches::as_owner(ThreadCache &cache, F &&change) noexcept {
    cache.refills_.store(cache.refills_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    {
        const ThreadCache::Busy busy(cache);
        if (!cache.is_seized()) {
            change();
            return;
        }
    }
    std::lock_guard lock(cache.mutex_);
    change();
}

std::uint32_t ThreadCaches::fill(ThreadCache &cache, unsigned node, bool any, unsigned size_class,
                                 const GranuleIndex *objects, std::uint32_t count) noexcept {
    NodeMagazines *magazines = this->magazines(cache, node, any);
    if (magazines == nullptr) {
        return count;
    }
    as_owner(cache, [&] {
        Magazine &magazine = magazines->of_class(size_class);
        magazine.capacity = static_cast<std::uint16_t>(capacity(size_class));
        const std::uint32_t size = magazine.size();
        const std::uint32_t step =
            std::min(count, magazine.capacity - std::min<std::uint32_t>(size, magazine.capacity));
        count -= step;
        std::copy_n(objects + count, step, magazine.objects + size);
        magazine.resize(size + step);
    });
    return count;
}

// The oldest objects leave, down to half, because their content left the processor's cache first.
std::uint32_t ThreadCaches::put(ThreadCache &cache, unsigned node, unsigned size_class, GranuleIndex object,
                                GranuleIndex *surplus) noexcept {
    std::uint32_t count = 0;
    NodeMagazines *magazines = this->magazines(cache, node, false);
    if (magazines == nullptr) {
        surplus[count++] = object;
        return count;
    }
    as_owner(cache, [&] {
        Magazine &magazine = magazines->of_class(size_class);
        magazine.capacity = static_cast<std::uint16_t>(capacity(size_class));
        const std::uint32_t size = magazine.size();
        if (size >= magazine.capacity) {
            count = size - magazine.capacity / 2U;
            std::copy_n(magazine.objects, count, surplus);
            std::copy(magazine.objects + count, magazine.objects + size, magazine.objects);
            magazine.resize(size - count);
        }
        if (magazine.capacity > 0) {
            magazine.push(object);
        } else {
            surplus[count++] = object;
        }
    });
    return count;
}

// Returns all content to the central heap. The caller holds the mutex of the cache, and its owner keeps off.
void ThreadCaches::empty(ThreadCache &cache) noexcept {
    for (unsigned node = 0; node < kMaxNodes; ++node) {
        NodeMagazines *magazines = cache.magazines_[node + 1];
        for (unsigned size_class = 0; magazines != nullptr && size_class < kNumClasses; ++size_class) {
            Magazine &magazine = magazines->of_class(size_class);
            magazine.capacity = 0; // until the next slow call of the owner
            while (const std::uint32_t size = magazine.size()) {
                const std::uint32_t step = std::min(size, CentralHeap::kMaxBatch);
                magazine.resize(size - step);
                central_.give_objects(node, size_class, magazine.objects + size - step, step);
            }
        }
    }
    while (const std::uint32_t count = cache.num_runs_) {
        cache.num_runs_ = count - 1;
        central_.give_run(cache.cached_runs_[count - 1]);
    }
    cache.run_bytes_ = 0;
}

// The owner is busy for a few instructions only, unless it was preempted.
bool ThreadCaches::wait_for_owner(const ThreadCache &cache) noexcept {
    for (unsigned tries = 0; tries < 10'000; ++tries) {
        if (cache.busy_.load(std::memory_order_acquire) == 0) {
            return true;
        }
        sched_yield();
    }
    return false;
}

void ThreadCaches::drain(Which which) noexcept {
    announce_barriers();
    std::lock_guard lock(mutex_);
    ThreadCache *own = t_cache;
    const auto wanted = [which](const ThreadCache &cache) {
        return (cache.attached_ || cache.num_runs_.load(std::memory_order_relaxed) != 0) &&
               (which == Which::all || cache.refills_.load(std::memory_order_relaxed) == cache.refills_seen_);
    };
    std::uint32_t seized = 0;
    for (std::uint32_t i = 0; i < num_caches_; ++i) {
        ThreadCache &cache = caches_[i];
        std::lock_guard cache_lock(cache.mutex_);
        if (wanted(cache)) {
            seize(cache);
            ++seized;
        }
        cache.refills_seen_ = cache.refills_.load(std::memory_order_relaxed);
    }
    const bool others = seized > 0 && barrier_everywhere();
    for (std::uint32_t i = 0; i < num_caches_; ++i) {
        ThreadCache &cache = caches_[i];
        std::lock_guard cache_lock(cache.mutex_);
        if (!cache.is_seized()) {
            continue;
        }
        if (&cache == own || (others && wait_for_owner(cache))) {
            empty(cache);
        }
        unseize(cache);
    }
}

void ThreadCaches::drain_idle_if_due() noexcept {
    const std::uint64_t now = coarse_now();
    std::uint64_t due = next_idle_check_.load(std::memory_order_relaxed);
    if (now >= due &&
        next_idle_check_.compare_exchange_strong(due, now + kIdleCheckInterval, std::memory_order_relaxed) &&
        due != 0) {
        drain(Which::idle); // not at the first call, when all caches are new
    }
}

void ThreadCaches::discard() noexcept {
    std::lock_guard lock(mutex_);
    for (std::uint32_t i = 0; i < num_caches_; ++i) {
        ThreadCache &cache = caches_[i];
        std::lock_guard cache_lock(cache.mutex_);
        for (NodeMagazines *magazines : cache.magazines_) {
            for (unsigned size_class = 0; magazines != nullptr && size_class < kNumClasses; ++size_class) {
                magazines->of_class(size_class).resize(0);
            }
        }
        cache.num_runs_ = 0;
        cache.run_bytes_ = 0;
    }
}

// Concurrent changes may or may not be counted.
ThreadCaches::Content ThreadCaches::content() noexcept {
    Content content{};
    std::lock_guard lock(mutex_);
    for (std::uint32_t i = 0; i < num_caches_; ++i) {
        ThreadCache &cache = caches_[i];
        std::lock_guard cache_lock(cache.mutex_);
        content.caches += cache.attached_ ? 1 : 0;
        for (unsigned node = 0; node < kMaxNodes; ++node) {
            const NodeMagazines *magazines = cache.magazines_[node + 1];
            for (unsigned size_class = 0; magazines != nullptr && size_class < kNumClasses; ++size_class) {
                const std::uint64_t count = magazines->of_class(size_class).size();
                content.objects += count;
                content.bytes += count * kSizeClasses[size_class].size;
            }
        }
        content.runs += cache.num_runs_;
        content.bytes += cache.run_bytes_;
    }
    return content;
}

void ThreadCaches::detach() noexcept {
    ThreadCache *cache = t_cache;
    if (cache != nullptr && !cache->attached_) {
        reattach(*cache);
    }
    t_ended = true;
    t_cache = nullptr;
    if (cache == nullptr) {
        return;
    }
    {
        std::lock_guard cache_lock(cache->mutex_);
        empty(*cache);
        cache->magazines_[0] = nullptr;
        cache->open_[0].store(nullptr, std::memory_order_relaxed);
    }
    std::lock_guard lock(mutex_);
    cache->attached_ = false;
    cache->next_unused_ = unused_;
    unused_ = cache->index_ + 1;
    num_attached_.fetch_sub(1, std::memory_order_relaxed);
}

void ThreadCaches::release() noexcept {
    caches_.release();
    magazines_.release();
}

// The caches read as zero in the child. If the thread that forked may still have one of them, no cache is
// given to another thread.
void ThreadCaches::after_fork_in_child() noexcept {
    if (t_cache != nullptr || is_forking_thread()) {
        num_caches_ = 0;
    }
    num_magazines_ = 0;
    unused_ = 0;
    num_attached_.store(0, std::memory_order_relaxed);
    next_idle_check_.store(0, std::memory_order_relaxed);
    t_cache = nullptr;
    mutex_.reset_in_child();
    mutex_magazines_.reset_in_child();
}

} // namespace qae
