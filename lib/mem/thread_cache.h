// SPDX-License-Identifier: BSD-3-Clause
// The free blocks that one thread keeps for itself: a magazine of objects for each size class and node, and a
// few runs of pages. Most calls only push to or pop from it: no lock, no atomic read-modify-write, no cache
// line that another thread writes.
//
// Another thread may nevertheless drain a cache (after qaeMemTrim(), on memory shortage, or if its owner
// sleeps). To seize the cache, that thread clears `open`, makes the kernel execute a memory barrier in every
// running thread (membarrier), and waits until `busy` is 0. The owner sets `busy` before it reads `open`;
// thanks to that barrier, plain loads and stores are enough on its side. While a cache is seized, its owner
// and the draining thread both work on it under `mutex`. Entries are put into `open` only under `mutex`.
//
// Caches are in memory that reads as zero in a forked child, where they are empty.
#ifndef QAE_LIB_MEM_THREAD_CACHE_H
#define QAE_LIB_MEM_THREAD_CACHE_H

#include <atomic>
#include <cstdint>

#include "mem/central_heap.h"
#include "mem/clear.h"
#include "mem/size_classes.h"
#include "mem/source/numa.h"
#include "mem/source/region_source.h"
#include "process/fork.h"

namespace qae {

class ThreadCache;

// The cache of the calling thread, or nullptr if the thread has none yet or is ending. It takes one word of
// static thread-local storage, of which the C library keeps some in reserve for libraries that are loaded
// late.
extern thread_local constinit ThreadCache *t_cache __attribute__((tls_model("initial-exec")));

// A stack of free objects, with all that a call needs to know about their class. Its size is not a power of
// two, so that the magazines of all classes do not compete for the same cache sets.
struct alignas(64) Magazine {
    static constexpr std::uint16_t kMaxCapacity = 128;
    LiveMarks marks;
    std::atomic<std::uint16_t> count; // other threads read it for statistics
    std::uint16_t capacity;
    GranuleIndex objects[139];

    std::uint32_t size() const noexcept { return count.load(std::memory_order_relaxed); }
    void resize(std::uint32_t size) noexcept {
        count.store(static_cast<std::uint16_t>(size), std::memory_order_relaxed);
    }
    // Takes the last object and marks it live. False if there is none.
    bool pop(GranuleIndex &object) noexcept {
        const std::uint32_t before = size();
        if (before == 0) {
            return false;
        }
        object = objects[before - 1];
        resize(before - 1);
        marks.set_live(object);
        return true;
    }
    void push(GranuleIndex object) noexcept {
        const std::uint32_t before = size();
        objects[before] = object;
        resize(before + 1);
    }
};
static_assert(sizeof(Magazine) == 576);

struct NodeMagazines {
    Magazine &of_class(unsigned size_class) noexcept { return of[size_class + 1]; }
    const Magazine &of_class(unsigned size_class) const noexcept { return of[size_class + 1]; }

    // By the page kind that is read for a pointer. Kinds without objects have a magazine too, with marks that
    // are never live.
    Magazine of[static_cast<unsigned>(PageKind::run) + 1];
};

// Keeps the compiler from computing the address again for each member.
template <class T> T *in_register(T *address) noexcept {
    asm("" : "+r"(address)); // NOLINT(hicpp-no-assembler)
    return address;
}

class alignas(64) ThreadCache {
public:
    static constexpr unsigned kMaxLargerClasses = 3; // how many larger classes may replace a class
    static constexpr std::uint32_t kMaxRuns = 8;
    static constexpr std::uint64_t kMaxRunBytes = 4ULL << 20;

    // Takes an object from the magazine of @node, or for kAnyNode of the thread's usual node, and marks it
    // live. False if the magazine is empty.
    bool take(int node, unsigned size_class, GranuleIndex &object) noexcept {
        return pop_from(node, object, [size_class](NodeMagazines &magazines) {
            return in_register(&magazines.of_class(size_class));
        });
    }

    // The same from the first of the next larger classes that has an object.
    bool take_larger(int node, unsigned size_class, GranuleIndex &object) noexcept {
        return pop_from(node, object, [size_class](NodeMagazines &magazines) {
            const Magazine *const last = &magazines.of_class(kNumClasses - 1);
            Magazine *magazine = in_register(&magazines.of_class(size_class));
            // Which class has an object is unpredictable, so the search itself does not branch.
            for (unsigned step = 0; step < kMaxLargerClasses; ++step) {
                magazine += magazine->size() == 0 && magazine < last ? 1 : 0;
            }
            return magazine;
        });
    }

    enum class Freed {
        no,       // nothing has changed
        overflow, // the object is marked dead, but the magazine is full
        yes,
    };
    // Frees an object if a live one begins there; afterwards freeing and translating it fail. @kind is the
    // kind of its page. @clear is the object's memory if it is to be zeroed, else nullptr; it is zeroed only
    // if the magazine has room. Clearing comes last, because code after memset() does not overlap with it. A
    // thread that drains this cache waits.
    Freed free(std::size_t node, PageKind kind, GranuleIndex object, void *clear) noexcept {
        const Busy busy(*this);
        NodeMagazines *magazines = open(node + 1);
        if (magazines == nullptr) [[unlikely]] {
            return Freed::no;
        }
        Magazine &magazine = *in_register(&magazines->of[static_cast<unsigned>(kind)]);
        if (!magazine.marks.take_live_quickly(object)) [[unlikely]] {
            return Freed::no;
        }
        const std::uint32_t size = magazine.size();
        if (size >= magazine.capacity) [[unlikely]] {
            return Freed::overflow;
        }
        magazine.objects[size] = object;
        magazine.resize(size + 1);
        if (clear != nullptr) {
            clear_block(clear, kSizeClasses[static_cast<unsigned>(kind) - 1].size);
        }
        return Freed::yes;
    }

    // Takes a cached run of exactly that length. False if there is none.
    bool take_run(int node, std::uint32_t pages, std::uint64_t alignment, const CentralHeap &central,
                  Run &run) noexcept {
        const Busy busy(*this);
        const std::uint32_t count = is_seized() ? 0 : num_runs_.load(std::memory_order_relaxed);
        for (std::uint32_t i = count; i-- > 0;) {
            // Loaded one by one, as they were stored: a load that spans two stores cannot be forwarded and
            // waits.
            const Run cached{cached_runs_[i].first, cached_runs_[i].pages, cached_runs_[i].node};
            if (cached.pages == pages && (node == kAnyNode || static_cast<unsigned>(node) == cached.node) &&
                (central.window().device_of(cached.first * kPageSize) & (alignment - 1)) == 0) {
                run = cached;
                cached_runs_[i] = cached_runs_[count - 1];
                num_runs_.store(count - 1, std::memory_order_relaxed);
                run_bytes_.store(run_bytes() - pages * kPageSize, std::memory_order_relaxed);
                return true;
            }
        }
        return false;
    }

    bool put_run(const Run &run) noexcept {
        const Busy busy(*this);
        if (is_seized() || !has_room(run)) {
            return false;
        }
        const std::uint32_t count = num_runs_.load(std::memory_order_relaxed);
        cached_runs_[count] = run;
        num_runs_.store(count + 1, std::memory_order_relaxed);
        run_bytes_.store(run_bytes() + run.pages * kPageSize, std::memory_order_relaxed);
        return true;
    }
    bool has_room(const Run &run) const noexcept {
        return num_runs_.load(std::memory_order_relaxed) < kMaxRuns &&
               run_bytes() + run.pages * kPageSize <= kMaxRunBytes;
    }

    // True at one in 256 slow calls, for work that need not be done at each.
    bool is_maintenance_due() const noexcept { return refills_.load(std::memory_order_relaxed) % 256 == 0; }

private:
    friend class ThreadCaches;

    std::uint64_t run_bytes() const noexcept { return run_bytes_.load(std::memory_order_relaxed); }

    // The owner's side of the protocol at the top of this file.
    class Busy {
    public:
        explicit Busy(ThreadCache &cache) noexcept : cache_(cache) {
            cache.busy_.store(1, std::memory_order_relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst);
        }
        ~Busy() { cache_.busy_.store(0, std::memory_order_release); }
        Busy(const Busy &) = delete;
        Busy &operator=(const Busy &) = delete;

    private:
        ThreadCache &cache_;
    };

    // Pops from the magazine that @choose picks among those of @node. False if it is empty.
    template <class Choose>
    [[gnu::always_inline]] bool pop_from(int node, GranuleIndex &object, Choose choose) noexcept {
        const unsigned index = static_cast<unsigned>(node) + 1; // an invalid node wraps around
        if (index > kMaxNodes) {
            return false;
        }
        const Busy busy(*this);
        NodeMagazines *magazines = open(index);
        return magazines != nullptr && choose(*magazines)->pop(object);
    }

    // Valid only while busy.
    bool is_seized() const noexcept { return seized_.load(std::memory_order_acquire) != 0; }
    NodeMagazines *open(std::size_t index) const noexcept {
        return open_[index].load(std::memory_order_acquire);
    }

    // Written by the owner alone, except `seized` and `open`, which other threads write seldom.
    std::atomic<std::uint32_t> busy_;
    std::atomic<std::uint32_t> seized_;
    std::atomic<std::uint32_t> num_runs_;
    std::atomic<std::uint32_t> refills_; // slow calls, to detect a thread that sleeps
    std::uint32_t refills_seen_;         // refills_ at the last drain()
    std::uint32_t index_;                // of this cache in the table
    std::uint32_t next_unused_;          // in the list of caches without a thread: index + 1
    bool attached_;
    std::atomic<NodeMagazines *> open_[kMaxNodes + 1]; // magazines_, or nullptr while seized
    std::atomic<std::uint64_t> run_bytes_;
    Run cached_runs_[kMaxRuns];
    Mutex mutex_;
    NodeMagazines *magazines_[kMaxNodes + 1]; // by node + 1; [0]: for any node; written under the mutex
};

// All caches of the process.
class ThreadCaches {
public:
    constexpr explicit ThreadCaches(CentralHeap &central) noexcept : central_(central) {}

    // The cache of the calling thread, made at the first call. nullptr if the thread is ending or there is no
    // room for one more cache.
    ThreadCache *attach() noexcept;

    // From now on threads get no cache, so that every call takes the slow path. Called before the first
    // attach().
    void disable() noexcept { disabled_.store(true, std::memory_order_relaxed); }

    // Puts fetched objects into the calling thread's cache. With @any, requests for any node take from @node
    // from now on. Returns how many objects, the first of @objects, do not fit.
    std::uint32_t fill(ThreadCache &cache, unsigned node, bool any, unsigned size_class,
                       const GranuleIndex *objects, std::uint32_t count) noexcept;

    // Puts an object into a magazine, which is made if it is missing. If it is full, about half of it moves
    // to @surplus, which has room for kMaxSurplus. Returns how many objects moved.
    static constexpr std::uint32_t kMaxSurplus = Magazine::kMaxCapacity + 1;
    std::uint32_t put(ThreadCache &cache, unsigned node, unsigned size_class, GranuleIndex object,
                      GranuleIndex *surplus) noexcept;

    // The capacity of a magazine, and the number of objects to fetch at once.
    std::uint32_t capacity(unsigned size_class) const noexcept {
        if (central_.is_sparse()) [[unlikely]] {
            return 0;
        }
        // Threads share the budget of a class.
        std::uint64_t budget = central_.class_budget();
        const std::uint32_t threads = num_attached_.load(std::memory_order_relaxed);
        const std::uint64_t floor = size_class <= kFirstCoarseClass ? 8192 : 4096;
        budget = threads <= 1 ? budget : std::max<std::uint64_t>(budget / threads, floor);
        // A few large objects in any case, or a program with little memory would take the locks at each call.
        const std::uint32_t least = size_class < kFirstMultiPageClass + 16 ? 3 : 2;
        const std::uint32_t fit = kSizeClasses[size_class].object_at(static_cast<std::uint32_t>(budget));
        return std::clamp(fit, least, std::uint32_t{Magazine::kMaxCapacity});
    }
    std::uint32_t batch(unsigned size_class) const noexcept { return std::max(1U, capacity(size_class) / 2); }

    // Empties the caches of all threads, or of those that made no slow call since the last drain().
    enum class Which { all, idle };
    void drain(Which which) noexcept;

    // Drains the caches of idle threads if that is due. Called from slow calls.
    void drain_idle_if_due() noexcept;

    // Empties all caches and returns nothing, because all regions are being removed.
    void discard() noexcept;

    struct Content {
        std::uint64_t caches;
        std::uint64_t objects;
        std::uint64_t bytes; // of objects and runs
        std::uint64_t runs;
    };
    Content content() noexcept;

    // Returns the cache of the calling thread, which is ending.
    void detach() noexcept;

    // Forgets all caches, because the library's code is being unloaded.
    void release() noexcept;

    bool before_fork(const timespec &deadline) noexcept { return mutex_.lock_until(deadline); }
    void after_fork_in_parent() noexcept { mutex_.unlock(); }
    void after_fork_in_child() noexcept;

private:
    static constexpr std::uint32_t kMaxCaches = 4096;
    static constexpr std::uint32_t kMinCaches = 64;

    bool reserve() noexcept;
    ThreadCache *make() noexcept;
    void reattach(ThreadCache &cache) noexcept;
    NodeMagazines *make_magazines() noexcept;
    NodeMagazines *magazines(ThreadCache &cache, unsigned node, bool any) noexcept;
    static void seize(ThreadCache &cache) noexcept;
    static void unseize(ThreadCache &cache) noexcept;
    template <class F> void as_owner(ThreadCache &cache, F &&change) noexcept;
    void empty(ThreadCache &cache) noexcept;
    static bool wait_for_owner(const ThreadCache &cache) noexcept;
    bool watch_thread_exit() noexcept;

    CentralHeap &central_;
    Mutex mutex_;           // guards the list of caches; taken before the mutex of any cache
    Mutex mutex_magazines_; // guards the list of magazines; innermost
    SparseTable<ThreadCache> caches_;
    SparseTable<NodeMagazines> magazines_;
    std::uint32_t room_ = 0;
    std::uint32_t num_caches_ = 0;    // made so far
    std::uint32_t num_magazines_ = 0; // made so far
    std::uint32_t unused_ = 0;        // first cache without a thread: index + 1
    std::atomic<bool> disabled_{false};
    std::atomic<std::uint32_t> num_attached_{0};
    std::atomic<std::uint64_t> next_idle_check_{0}; // ns of the coarse clock
};

} // namespace qae

#endif // QAE_LIB_MEM_THREAD_CACHE_H
