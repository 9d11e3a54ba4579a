// SPDX-License-Identifier: BSD-3-Clause
// What the tests of VFIO mode share: memory of an application, and calls that must succeed or fail.
#ifndef QAE_TESTS_SUPPORT_VFIO_FIXTURE_H
#define QAE_TESTS_SUPPORT_VFIO_FIXTURE_H

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mem/heap.h"
#include "support/cmocka_cpp.h"
#include "support/fake_vfio.h"
#include "support/reason.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace qae::test {

inline constexpr std::size_t kPage = 4096;
inline constexpr std::size_t kFrame = 2 << 20;

// Memory of the application, aligned to 2 MiB.
class Buffer {
public:
    explicit Buffer(std::size_t size, int fd = -1, int protection = PROT_READ | PROT_WRITE)
        : size_(size + kFrame) {
        map_ = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        const auto start = (reinterpret_cast<std::uintptr_t>(map_) + kFrame - 1) / kFrame * kFrame;
        start_ = static_cast<unsigned char *>(
            mmap(reinterpret_cast<void *>(start), size, protection,
                 (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED) | MAP_FIXED | MAP_NORESERVE, fd, 0));
    }
    ~Buffer() { munmap(map_, size_); }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    unsigned char *at(std::size_t offset = 0) const { return start_ + offset; }

private:
    void *map_;
    std::size_t size_;
    unsigned char *start_;
};

// Descriptors of the same container, @fd included.
inline std::vector<int> descriptors_like(int fd) {
    struct stat wanted;
    fstat(fd, &wanted);
    std::vector<int> found;
    for (int i = 0; i < 1024; ++i) {
        struct stat st;
        if (fstat(i, &st) == 0 && st.st_ino == wanted.st_ino && st.st_dev == wanted.st_dev) {
            found.push_back(i);
        }
    }
    return found;
}

inline void *alloc(std::size_t size, std::size_t alignment = 64) {
    return qaeMemAllocNUMA(size, NUMA_ANY_NODE, alignment);
}

inline void release(void *block) {
    qaeMemFreeNUMA(&block);
    assert_null(block);
}

inline std::uint64_t map(const Buffer &buffer, std::size_t offset, std::size_t size) {
    const std::uint64_t iova = qaeMemMapContiguousIova(buffer.at(offset), size);
    if (iova == 0) {
        fail_msg("%s", qaeLastError());
    }
    assert_int_equal(iova % kFrame, 0);
    return iova;
}

// Every test begins without memory, without a container and without a reason.
inline int begin(void **) {
    qaeClearLastError();
    return 0;
}

inline int end(void **) {
    qaeMemTrim();
    const auto stats = qae::Heap::instance().stats();
    return stats.live_blocks == 0 && stats.pinned_bytes == 0 ? 0 : -1;
}

inline void expect_no_map(void *virt, std::size_t size, int err, const char *reason) {
    assert_int_equal(qaeMemMapContiguousIova(virt, size), 0);
    expect_reason(err, reason);
}

inline void expect_no_unmap(void *virt, std::size_t size, int err, const char *reason) {
    assert_int_equal(qaeMemUnmapContiguousIova(virt, size), 1);
    expect_reason(err, reason);
}

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_VFIO_FIXTURE_H
