// SPDX-License-Identifier: BSD-3-Clause
#include "session/instance_table.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

namespace qae {
namespace {

static_assert(sizeof(CpaInstanceHandle) == 8, "handles are built for 64-bit pointers");

constexpr unsigned kIndexShift = 1; // bit 0 is always set
constexpr unsigned kSerialShift = 17;
constexpr std::uint64_t kIndexMask = InstanceTable::kCapacity - 1;
constexpr std::uint64_t kSerialMask = (std::uint64_t{1} << (64 - kSerialShift)) - 1;

std::uint64_t value_of(CpaInstanceHandle handle) noexcept { return reinterpret_cast<std::uintptr_t>(handle); }

std::size_t index_of(CpaInstanceHandle handle) noexcept {
    return static_cast<std::size_t>((value_of(handle) >> kIndexShift) & kIndexMask);
}

} // namespace

void InstanceTable::seed() noexcept {
    std::uint64_t value = 0;
    if (getrandom(&value, sizeof(value), GRND_NONBLOCK) != sizeof(value)) {
        // Early at boot. Process id and time still make the handles of a child differ from its parent's.
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        value = (static_cast<std::uint64_t>(getpid()) << 32) ^ static_cast<std::uint64_t>(now.tv_nsec) ^
                (static_cast<std::uint64_t>(now.tv_sec) << 20);
    }
    serial_ = value | 1;
}

bool InstanceTable::reserve(std::size_t count) {
    if (count <= free_.size()) {
        return true;
    }
    const std::size_t missing = count - free_.size();
    const std::size_t old = slots_.size();
    if (missing > kCapacity - old) {
        return false;
    }
    free_.reserve(old + missing);
    slots_.resize(old + missing);
    for (std::size_t index = old + missing; index-- > old;) {
        free_.push_back(static_cast<std::uint32_t>(index));
    }
    return true;
}

CpaInstanceHandle InstanceTable::insert(const qae_instance &facts) noexcept {
    if (serial_ == 0) {
        seed();
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    const std::uint64_t serial = serial_++ & kSerialMask;
    const std::uint64_t value = (serial << kSerialShift) | (std::uint64_t{index} << kIndexShift) | 1;
    HeldInstance &slot = slots_[index];
    slot.handle = reinterpret_cast<CpaInstanceHandle>(static_cast<std::uintptr_t>(value));
    slot.started = false;
    slot.facts = facts;
    slot.notify = nullptr;
    slot.notify_tag = nullptr;
    slot.last_state = QAE_ENDPOINT_UP;
    return slot.handle;
}

HeldInstance *InstanceTable::find(CpaInstanceHandle handle) noexcept {
    const std::size_t index = index_of(handle);
    if (handle == nullptr || index >= slots_.size() || slots_[index].handle != handle) {
        return nullptr;
    }
    return &slots_[index];
}

void InstanceTable::erase(HeldInstance &instance) noexcept {
    const std::size_t index = index_of(instance.handle);
    instance.handle = nullptr;
    free_.push_back(static_cast<std::uint32_t>(index)); // reserve() made room for every index
}

void InstanceTable::clear() noexcept {
    for (HeldInstance &slot : slots_) {
        if (slot.handle != nullptr) {
            erase(slot);
        }
    }
}

void InstanceTable::sort_by_endpoint(std::vector<const HeldInstance *> &found) const {
    // Serials wrap after 2^47 insertions, which no process lives to see.
    const std::uint64_t newest = serial_;
    const auto age = [newest](const HeldInstance *slot) {
        return (newest - (value_of(slot->handle) >> kSerialShift)) & kSerialMask;
    };
    std::sort(found.begin(), found.end(), [&age](const HeldInstance *a, const HeldInstance *b) {
        return a->facts.endpoint != b->facts.endpoint ? a->facts.endpoint < b->facts.endpoint
                                                      : age(a) > age(b);
    });
}

} // namespace qae
