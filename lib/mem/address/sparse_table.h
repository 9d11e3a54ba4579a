// SPDX-License-Identifier: BSD-3-Clause
// A large array in reserved address space. Only a growing prefix can be written; the rest reads as zero. The
// metadata of pinned memory lives here, out of reach of devices and of overruns of buffers.
//
// In a forked child the whole array reads as zero, which means that nothing is allocated. That holds from the
// child's first instruction, however it was forked, so the fast paths of the allocator need no check for it.
#ifndef QAE_LIB_MEM_ADDRESS_SPARSE_TABLE_H
#define QAE_LIB_MEM_ADDRESS_SPARSE_TABLE_H

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace qae {

// The offset of the next table in its first page. Tables are staggered by cache lines, so that equal small
// indexes of several tables do not alias modulo 4 KiB: the processor would take a store to one table for a
// store to another, and lose more time than a call takes. One counter serves tables of all types.
inline std::size_t next_skew() noexcept {
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kLines = 4096 / kLine;
    static constinit std::atomic<std::size_t> tables{0};
    return tables.fetch_add(1, std::memory_order_relaxed) * 13 % kLines *
           kLine; // 13: far from the previous one
}

template <class T> class SparseTable {
    // Elements begin as zero bytes, without a constructor; a qae::Mutex of zero bytes is a new one.
    static_assert(std::is_trivially_destructible_v<T>);

    static_assert(alignof(T) <= 64); // next_skew() keeps this alignment

public:
    // False with errno, like commit().
    bool reserve(std::size_t count) noexcept {
        const std::size_t skew = next_skew();
        const std::size_t bytes = round_up(skew + count * sizeof(T));
        void *map = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (map == MAP_FAILED) {
            return false;
        }
        if (madvise(map, bytes, MADV_WIPEONFORK) != 0) { // Linux 4.14
            const int err = errno;
            munmap(map, bytes);
            errno = err;
            return false;
        }
        madvise(map, bytes, MADV_DONTDUMP); // the table reads as zero nearly everywhere
        map_ = static_cast<std::byte *>(map);
        data_ = reinterpret_cast<T *>(map_ + skew);
        bytes_ = bytes;
        committed_ = 0;
        return true;
    }

    // The table of @count elements that reserve() put at @data, for an owner that keeps only that pointer.
    static SparseTable at(T *data, std::size_t count) noexcept {
        SparseTable table;
        const std::size_t skew = reinterpret_cast<std::uintptr_t>(data) % kPage;
        table.map_ = reinterpret_cast<std::byte *>(data) - skew;
        table.data_ = data;
        table.bytes_ = round_up(skew + count * sizeof(T));
        table.committed_ = table.bytes_;
        return table;
    }

    void release() noexcept {
        if (data_ != nullptr) {
            munmap(map_, bytes_);
        }
        *this = SparseTable{};
    }

    // Makes elements 0 … @count - 1 writable. New elements are zero.
    bool commit(std::size_t count) noexcept {
        const auto skew = static_cast<std::size_t>(reinterpret_cast<std::byte *>(data_) - map_);
        const std::size_t needed = round_up(skew + count * sizeof(T));
        if (needed <= committed_) {
            return true;
        }
        if (needed > bytes_) {
            errno = ENOMEM;
            return false;
        }
        if (mprotect(map_, needed, PROT_READ | PROT_WRITE) != 0) {
            return false;
        }
        committed_ = needed;
        return true;
    }

    T &operator[](std::size_t index) noexcept { return data_[index]; }
    const T &operator[](std::size_t index) const noexcept { return data_[index]; }
    T *data() noexcept { return data_; }
    const T *data() const noexcept { return data_; }

private:
    static constexpr std::size_t kPage = 4096; // skews are less
    static constexpr std::size_t kChunk = 64 << 10;
    static constexpr std::size_t round_up(std::size_t bytes) {
        return (bytes + kChunk - 1) / kChunk * kChunk;
    }

    std::byte *map_ = nullptr;
    T *data_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t committed_ = 0;
};

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_SPARSE_TABLE_H
