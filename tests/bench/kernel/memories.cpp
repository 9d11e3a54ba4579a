// SPDX-License-Identifier: BSD-3-Clause
#include "memories.h"

#include "support/raw_qae.h"

#include <linux/dma-heap.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>

namespace kernel_path {
namespace {

constexpr char HEAP[] = "/dev/dma_heap/system";
constexpr char HUGE_PAGES[] = "/proc/sys/vm/nr_hugepages";

void touch(void *map) { *static_cast<volatile char *>(map) = 1; }

void *map_huge() {
    void *map =
        mmap(nullptr, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    return map == MAP_FAILED ? nullptr : map;
}

int heap_alloc(int heap) {
    dma_heap_allocation_data request{};
    request.len = REGION;
    request.fd_flags = O_RDWR | O_CLOEXEC;
    return ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &request) < 0 ? -1 : static_cast<int>(request.fd);
}

} // namespace

Regions::Regions() : m_fd(raw_open()) { require(m_fd >= 0, "cannot open /dev/qae_mem"); }

Regions::~Regions() { close(m_fd); }

void Regions::reopen() {
    close(m_fd);
    m_fd = raw_open();
    require(m_fd >= 0, "cannot open /dev/qae_mem");
}

// The steps between the allocation and the free: map, touch and unmap.
template <class Map> static void use(Times &times, Map map_it, const char *missing) {
    void *map = map_it();
    times[2] = now();
    require(map, missing);
    touch(map);
    times[3] = now();
    munmap(map, REGION);
    times[4] = now();
}

void Regions::cycle(Times &times) {
    qae_mem_alloc region;
    times[0] = now();
    const int error = raw_alloc(m_fd, REGION, 4096, QAE_NODE_ANY, &region);
    times[1] = now();
    use(
        times, [&] { return error ? nullptr : raw_map(m_fd, region.mmap_offset, REGION); },
        "no region of 2 MiB");
    raw_free(m_fd, region.id);
    times[5] = now();
}

void Regions::take(std::size_t length, bool mapped) {
    qae_mem_alloc region;
    require(raw_alloc(m_fd, length, 4096, QAE_NODE_ANY, &region) == 0, "no region");
    if (!mapped)
        return;
    void *map = raw_map(m_fd, region.mmap_offset, length);
    require(map, "a region cannot be mapped");
    touch(map);
}

void HugePages::reserve(unsigned pages) {
    std::ofstream(HUGE_PAGES) << pages << std::flush;
    unsigned got = 0;
    std::ifstream(HUGE_PAGES) >> got;
    errno = 0;
    require(got == pages,
            "the guest has " + std::to_string(got) + " huge pages instead of " + std::to_string(pages));
}

// Nothing is allocated before mmap() or freed after munmap().
void HugePages::cycle(Times &times) {
    times[0] = times[1] = now();
    use(times, map_huge, "no huge page");
    times[5] = times[4];
}

void HugePages::take() {
    void *map = map_huge();
    require(map, "no huge page");
    touch(map);
}

bool HeapBuffers::available() { return access(HEAP, R_OK | W_OK) == 0; }

HeapBuffers::HeapBuffers() : m_heap(open(HEAP, O_RDONLY | O_CLOEXEC)) { require(m_heap >= 0, HEAP); }

HeapBuffers::~HeapBuffers() { close(m_heap); }

void HeapBuffers::cycle(Times &times) {
    times[0] = now();
    const int buffer = heap_alloc(m_heap);
    times[1] = now();
    use(
        times, [=] { return raw_map(buffer, 0, REGION); }, "no buffer of the heap");
    close(buffer);
    times[5] = now();
}

void HeapBuffers::take() {
    void *map = raw_map(heap_alloc(m_heap), 0, REGION);
    require(map, "no buffer of the heap");
    touch(map);
}

} // namespace kernel_path
