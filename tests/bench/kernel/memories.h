// SPDX-License-Identifier: BSD-3-Clause
// Kinds of memory that a process can allocate in pieces of 2 MiB, map, write to and free.
#ifndef QAE_TESTS_BENCH_KERNEL_MEMORIES_H
#define QAE_TESTS_BENCH_KERNEL_MEMORIES_H

#include "measure.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kernel_path {

class Memory {
public:
    Memory() = default;
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    virtual ~Memory() = default;
    virtual void cycle(Times &times) = 0;
    virtual void take() = 0; // one more, mapped and written to, until the process ends
    virtual void reopen() {} // as a process that has not had memory before
};

// The regions of qae.
class Regions : public Memory {
public:
    Regions();
    ~Regions() override;
    void cycle(Times &times) override;
    void take() override { take(kRegion, true); }
    void reopen() override;
    void take(std::size_t length, bool mapped);

private:
    int fd_;
};

class HugePages : public Memory {
public:
    static void reserve(unsigned pages); // 0 gives them back
    void cycle(Times &times) override;
    void take() override;
};

// The system heap of dma-buf: pages that need not be contiguous, one descriptor for each buffer.
class HeapBuffers : public Memory {
public:
    static bool available();
    HeapBuffers();
    ~HeapBuffers() override;
    void cycle(Times &times) override;
    void take() override;

private:
    int heap_;
};

} // namespace kernel_path

#endif // QAE_TESTS_BENCH_KERNEL_MEMORIES_H
