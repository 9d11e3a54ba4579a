// SPDX-License-Identifier: BSD-3-Clause
// The functions that workloads need of an allocator. One program has one peer, because several interpose
// malloc().
#ifndef QAE_TESTS_BENCH_PEER_H
#define QAE_TESTS_BENCH_PEER_H

#include <cstddef>
#include <cstdint>

namespace bench {

// What a workload is going to need, for peers that must know it beforehand.
struct Plan {
    size_t bytes = 0;   // the most that is live at a time
    size_t size = 0;    // size of every block, 0 if they differ
    size_t objects = 1; // the most blocks that are live at a time
};

struct Peer {
    // Called before everything else. Result: why the peer cannot run the plan, or nullptr.
    const char *(*start)(const Plan &);
    void (*start_thread)(); // called in each further thread; may be nullptr
    void *(*alloc)(size_t size, int node, size_t align);
    void (*free_zeroing)(void **);
    void (*free_dirty)(void **);
    uint64_t (*virt_to_phys)(void *); // nullptr: the peer has none
    void *(*phys_to_virt)(uint64_t);  // nullptr: the peer has none
    size_t (*held)();                 // bytes held from the system now; 0 or nullptr: not known
    const char *(*why)() = nullptr;   // the reason of the last failure; nullptr: not known
    bool inside_blocks = true;        // virt_to_phys takes any address of a block
};

// The peer of this program.
extern const Peer g_peer;

// Resident memory of this process, for allocators that use ordinary memory.
size_t resident_bytes();

} // namespace bench

#endif // QAE_TESTS_BENCH_PEER_H
