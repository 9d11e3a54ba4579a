// SPDX-License-Identifier: BSD-3-Clause
#include "process/wait_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <new>

#include "process/device.h"
#include "process/fork.h"

namespace qae {

// Never freed but used again, so that a child of a raw clone can walk the list whatever its parent was doing.
struct WaitSlot {
    std::atomic<int> fd{-1};
    dev_t device = 0; // which file it is: an application that closes what it does not know may have reused it
    ino_t inode = 0;
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

} // namespace

// The mutex is held over open(), so that no fork comes between it and the entry in the list.
WaitDescriptor::WaitDescriptor() noexcept : fd_(-ENOMEM) {
    std::lock_guard lock(g_mutex);
    WaitSlot *slot = free_slot();
    if (slot == nullptr) {
        return;
    }
    int fd = open("/dev/qae_mem", O_RDWR | O_CLOEXEC);
    fd = fd < 0 ? fd : above_standard_streams(fd);
    struct stat st {};
    if (fd < 0 || fstat(fd, &st) != 0) {
        fd_ = -errno;
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    slot->device = st.st_dev;
    slot->inode = st.st_ino;
    slot->fd.store(fd, std::memory_order_release);
    slot_ = slot;
    fd_ = fd;
}

WaitDescriptor::~WaitDescriptor() {
    if (slot_ != nullptr) {
        std::lock_guard lock(g_mutex);
        slot_->fd.store(-1, std::memory_order_relaxed);
        close(fd_);
    }
}

void wait_descriptors_before_fork() noexcept { g_mutex.lock(); }

void wait_descriptors_after_fork_in_parent() noexcept { g_mutex.unlock(); }

void wait_descriptors_after_fork_in_child() noexcept {
    for (WaitSlot *slot = g_slots.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
        const int fd = slot->fd.exchange(-1);
        struct stat st;
        if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == slot->device && st.st_ino == slot->inode) {
            close(fd);
        }
    }
    g_mutex.reset_in_child();
}

} // namespace qae
