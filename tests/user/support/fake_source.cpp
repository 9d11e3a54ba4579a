// SPDX-License-Identifier: BSD-3-Clause
#include "support/fake_source.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdlib>

namespace qae::test {
namespace {

constexpr std::uint64_t kNodeSpan = 1ULL
                                    << 38; // device addresses of node n: [(n + 1) * span, (n + 2) * span)

int new_file() {
    const int fd = memfd_create("fake-regions", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, static_cast<off_t>(kNodeSpan * 6)) != 0) {
        std::abort();
    }
    return fd;
}

} // namespace

FakeSource::FakeSource(unsigned seed) : random_(seed), file_(new_file()) {}

FakeSource::~FakeSource() { close(file_); }

bool FakeSource::is_free(std::uint64_t start, std::uint64_t length) const {
    const auto after = granted_.lower_bound(start);
    if (after != granted_.end() && after->first < start + length) {
        return false;
    }
    if (after == granted_.begin()) {
        return true;
    }
    const auto before = std::prev(after);
    return before->first + before->second.length <= start;
}

std::uint64_t FakeSource::find_place(std::uint64_t length, std::uint64_t alignment, int node) {
    const std::uint64_t base = static_cast<std::uint64_t>(node + 1) * kNodeSpan;
    if (dense) {
        std::uint64_t start = base;
        while (!is_free(start, length)) {
            start += alignment;
        }
        return start;
    }
    for (;;) {
        const std::uint64_t start = base + random_() % (kNodeSpan / alignment - 4) * alignment;
        if (is_free(start, length)) {
            return start;
        }
    }
}

SourceError FakeSource::refuse(std::uint64_t length, std::uint64_t alignment, int node,
                               std::uint64_t granted) const {
    if (fail_with != 0) {
        return {.err = fail_with};
    }
    if (node >= nodes) {
        return {.err = ENXIO};
    }
    if (length > max_size || !std::has_single_bit(alignment)) {
        return {.err = EINVAL};
    }
    if (length > fragmented_above) {
        return {.err = ENOMEM};
    }
    if (bytes_ + granted > limit) {
        return {.err = EDQUOT, .limit_most = limit, .limit_bytes = bytes_};
    }
    return {};
}

SourceError FakeSource::alloc(std::uint64_t length, std::uint64_t alignment, int node, Need need,
                              SourceRegion &region) noexcept {
    std::lock_guard lock(mutex_);
    const std::uint64_t granted = std::bit_ceil(shrink ? length / 2 : length);
    const SourceError error = refuse(length, alignment, node, granted);
    if (error) {
        failures_ += need == Need::required ? 1 : 0;
        return error;
    }
    if (node == kAnyNode) {
        node = any_node != kAnyNode ? any_node : any_node_++ % nodes;
    }
    // The buddy allocator's blocks are naturally aligned.
    const std::uint64_t start = find_place(granted, alignment > granted ? alignment : granted, node);
    granted_[start] = {granted, next_id_, node};
    bytes_ += granted;
    region = {
        .length = granted, .device_address = start, .map_offset = start, .id = next_id_++, .node = node};
    return {};
}

int FakeSource::map(const SourceRegion &region, void *address) noexcept {
    if (on_map != nullptr) {
        on_map();
    }
    if (map_fails_with != 0) {
        return -map_fails_with;
    }
    void *map = mmap(address, region.length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file_,
                     static_cast<off_t>(region.map_offset));
    return map == address ? 0 : -errno;
}

void FakeSource::free(const SourceRegion &region) noexcept {
    std::lock_guard lock(mutex_);
    const auto found = granted_.find(region.device_address);
    if (found == granted_.end() || found->second.id != region.id) {
        ++wrong_frees_;
        return;
    }
    fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(region.device_address),
              static_cast<off_t>(region.length));
    bytes_ -= found->second.length;
    granted_.erase(found);
}

void FakeSource::start_over_in_child() {
    close(file_);
    file_ = new_file();
    granted_.clear();
    bytes_ = 0;
}

std::uint64_t FakeSource::live_bytes() {
    std::lock_guard lock(mutex_);
    return bytes_;
}

std::size_t FakeSource::live_regions() {
    std::lock_guard lock(mutex_);
    return granted_.size();
}

int FakeSource::node_at(std::uint64_t device_address) {
    std::lock_guard lock(mutex_);
    const auto after = granted_.upper_bound(device_address);
    if (after == granted_.begin()) {
        return -1;
    }
    const auto &[start, granted] = *std::prev(after);
    return device_address < start + granted.length ? granted.node : -1;
}

void FakeSource::read(std::uint64_t device_address, void *to, std::size_t length) const {
    if (pread(file_, to, length, static_cast<off_t>(device_address)) != static_cast<ssize_t>(length)) {
        std::abort();
    }
}

} // namespace qae::test
