// SPDX-License-Identifier: BSD-3-Clause
#include "process/wait_descriptor.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <new>

#include "process/device.h"
#include "process/device_file.h"
#include "process/fork.h"

namespace qae {

// Never freed but reused, so that a child of a raw clone can walk the list in whatever state it finds it.
struct WaitSlot {
    std::atomic<int> fd{-1};
    FileIdentity file;
    WaitSlot *next = nullptr;
};

namespace {

constinit Mutex g_mutex;
constinit std::atomic<WaitSlot *> g_slots{nullptr};

WaitSlot *free_slot() noexcept {
    for (WaitSlot *slot = g_slots.load(std::memory_order_relaxed); slot != nullptr; slot = slot->next) {
        if (slot->fd.load(std::memory_order_relaxed) < 0) {
            return slot;
        }
    }
    auto *slot = new (std::nothrow) WaitSlot;
    if (slot != nullptr) {
        slot->next = g_slots.load(std::memory_order_relaxed);
        g_slots.store(slot, std::memory_order_release);
    }
    return slot;
}

void close_in_child() noexcept {
    for (WaitSlot *slot = g_slots.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
        const int fd = slot->fd.exchange(-1);
        if (fd >= 0 && slot->file.matches(fd)) {
            close(fd);
        }
    }
    g_mutex.reset_in_child();
}

constexpr ForkHooks kHooks = {
    [](const timespec &deadline) noexcept { return g_mutex.lock_until(deadline); },
    []() noexcept { g_mutex.unlock(); },
    close_in_child,
};

// After this, no fork can come between an open() and the entry in the list. A fork that began before the
// hooks were registered does not lock g_mutex, but it holds the device's mutex, which info() waits for.
void register_hooks() noexcept {
    register_fork_hooks(ForkStage::wait, kHooks);
    static_cast<void>(Device::instance().info());
}

} // namespace

// Holds the mutex from open() to the entry in the list, so that a fork sees both or neither.
WaitDescriptor::WaitDescriptor() noexcept : fd_(-ENOMEM) {
    register_hooks();
    std::lock_guard lock(g_mutex);
    WaitSlot *slot = free_slot();
    if (slot == nullptr) {
        return;
    }
    fd_ = open_device_file(kDevicePath, slot->file);
    if (fd_ < 0) {
        return;
    }
    slot->fd.store(fd_, std::memory_order_release);
    slot_ = slot;
}

WaitDescriptor::~WaitDescriptor() {
    if (slot_ != nullptr) {
        std::lock_guard lock(g_mutex);
        slot_->fd.store(-1, std::memory_order_relaxed);
        close(fd_);
    }
}

} // namespace qae
