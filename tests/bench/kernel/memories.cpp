// SPDX-License-Identifier: BSD-3-Clause
#include "memories.h"

#include "support/raw_qae.h"

#include <linux/dma-heap.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>

namespace kernel_path {
namespace {

constexpr char kHeap[] = "/dev/dma_heap/system";
constexpr char kHugePages[] = "/proc/sys/vm/nr_hugepages";

void touch(void *map) { *static_cast<volatile char *>(map) = 1; }

void *map_huge() {
    void *map =
        mmap(nullptr, kRegion, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    return map == MAP_FAILED ? nullptr : map;
}

int heap_alloc(int heap) {
    dma_heap_allocation_data request{};
    request.len = kRegion;
    request.fd_flags = O_RDWR | O_CLOEXEC;
    return ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &request) < 0 ? -1 : static_cast<int>(request.fd);
}

} // namespace

Regions::Regions() : fd_(raw_open()) { require(fd_ >= 0, "cannot open /dev/qae_mem"); }

Regions::~Regions() { close(fd_); }

void Regions::reopen() {
    close(fd_);
    fd_ = raw_open();
    require(fd_ >= 0, "cannot open /dev/qae_mem");
}

// The steps between the allocation and the free: map, touch and unmap.
template <class Map> static void use(Times &times, Map map_it, const char *missing) {
    void *map = map_it();
    times[2] = now();
    require(map, missing);
    touch(map);
    times[3] = now();
    munmap(map, kRegion);
    times[4] = now();
}

void Regions::cycle(Times &times) {
    qae_mem_alloc region;
    times[0] = now();
    const int error = raw_alloc(fd_, kRegion, 4096, QAE_NODE_ANY, &region);
    times[1] = now();
    use(
        times, [&] { return error ? nullptr : raw_map(fd_, region.mmap_offset, kRegion); },
        "no region of 2 MiB");
    raw_free(fd_, region.id);
    times[5] = now();
}

void Regions::take(std::size_t length, bool mapped) {
    qae_mem_alloc region;
    require(raw_alloc(fd_, length, 4096, QAE_NODE_ANY, &region) == 0, "no region");
    if (!mapped) {
        return;
    }
    void *map = raw_map(fd_, region.mmap_offset, length);
    require(map, "a region cannot be mapped");
    touch(map);
}

void HugePages::reserve(unsigned pages) {
    std::ofstream(kHugePages) << pages << std::flush;
    unsigned got = 0;
    std::ifstream(kHugePages) >> got;
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

bool HeapBuffers::available() { return access(kHeap, R_OK | W_OK) == 0; }

HeapBuffers::HeapBuffers() : heap_(open(kHeap, O_RDONLY | O_CLOEXEC)) { require(heap_ >= 0, kHeap); }

HeapBuffers::~HeapBuffers() { close(heap_); }

void HeapBuffers::cycle(Times &times) {
    times[0] = now();
    const int buffer = heap_alloc(heap_);
    times[1] = now();
    use(
        times, [=] { return raw_map(buffer, 0, kRegion); }, "no buffer of the heap");
    close(buffer);
    times[5] = now();
}

void HeapBuffers::take() {
    void *map = raw_map(heap_alloc(heap_), 0, kRegion);
    require(map, "no buffer of the heap");
    touch(map);
}

} // namespace kernel_path
