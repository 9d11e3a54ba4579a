// SPDX-License-Identifier: BSD-3-Clause
// What the workloads ask of an allocator. One program holds one peer: several of them interpose malloc().
#ifndef QAE_TESTS_BENCH_PEER_H
#define QAE_TESTS_BENCH_PEER_H

#include <cstddef>
#include <cstdint>

namespace bench {

// What a workload is going to need; a peer that must know it beforehand reads it from here.
struct Plan {
    size_t bytes = 0;   // most that will be live at a time
    size_t size = 0;    // size of every block, 0 if they differ
    size_t objects = 1; // most blocks that will be live at a time
};

struct Peer {
    // Before everything else. Result: why this peer cannot do it, or nullptr.
    const char *(*start)(const Plan &);
    void (*start_thread)(); // in each further thread; may be nullptr
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

// Resident memory of this process, for allocators whose memory is ordinary.
size_t resident_bytes();

} // namespace bench

#endif // QAE_TESTS_BENCH_PEER_H
