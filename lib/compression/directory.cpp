// SPDX-License-Identifier: BSD-3-Clause
#include "compression/directory.h"

#include <pthread.h>

#include <mutex>
#include <new>

#include "process/reject.h"

namespace qae {
namespace {

// Storage without a destructor: threads and exit handlers may still use it while the process exits.
alignas(Directory) constinit unsigned char g_storage[sizeof(Directory)]{};
pthread_once_t g_construct_once = PTHREAD_ONCE_INIT;

Directory &directory() noexcept { return *std::launder(reinterpret_cast<Directory *>(g_storage)); }

} // namespace

struct DirectoryForkHooks {
    static bool prepare(const timespec &deadline) noexcept { return directory().mutex_.lock_until(deadline); }
    static void parent() noexcept { directory().mutex_.unlock(); }
    static void child() noexcept {
        Directory &self = directory();
        new (&self.queues_) decltype(self.queues_);
        new (&self.sessions_) decltype(self.sessions_);
        self.mutex_.reset_in_child();
    }
};

namespace {

constexpr ForkHooks kHooks = {DirectoryForkHooks::prepare, DirectoryForkHooks::parent,
                              DirectoryForkHooks::child};

} // namespace

Directory &Directory::instance() noexcept {
    pthread_once(&g_construct_once, [] { new (g_storage) Directory; });
    register_fork_hooks(ForkStage::compression, kHooks);
    return directory();
}

std::shared_ptr<DcQueue> Directory::queue_of(CpaInstanceHandle handle) const noexcept {
    const auto found = queues_.find(handle);
    return found != queues_.end() ? found->second : nullptr;
}

std::shared_ptr<DcQueue> Directory::started(CpaInstanceHandle handle) const noexcept {
    std::shared_ptr<DcQueue> queue = queue_of(handle);
    return queue != nullptr && !queue->is_stopped() ? queue : nullptr;
}

std::shared_ptr<DcSession> Directory::session_at(CpaDcSessionHandle address) const noexcept {
    const auto found = sessions_.find(address);
    return found != sessions_.end() ? found->second : nullptr;
}

void Directory::forget_sessions(const std::shared_ptr<DcQueue> &queue) noexcept {
    std::erase_if(sessions_, [&](const auto &entry) { return entry.second->queue == queue; });
}

bool Directory::add(CpaInstanceHandle handle, const std::shared_ptr<DcQueue> &queue) {
    std::lock_guard lock(mutex_);
    const auto [entry, added] = queues_.try_emplace(handle, queue);
    if (added) {
        return true;
    }
    if (!entry->second->is_stopped()) {
        return false;
    }
    forget_sessions(entry->second);
    entry->second = queue;
    return true;
}

std::shared_ptr<DcQueue> Directory::find(CpaInstanceHandle handle) noexcept {
    std::lock_guard lock(mutex_);
    return started(handle);
}

std::shared_ptr<DcQueue> Directory::find_to_stop(CpaInstanceHandle handle) noexcept {
    std::lock_guard lock(mutex_);
    return queue_of(handle);
}

void Directory::remove(CpaInstanceHandle handle, const std::shared_ptr<DcQueue> &queue) noexcept {
    std::lock_guard lock(mutex_);
    // The instance may have been started again meanwhile.
    if (queue_of(handle) == queue && !queue->is_polling()) {
        queues_.erase(handle);
    }
    forget_sessions(queue);
}

std::vector<CpaInstanceHandle> Directory::handles() {
    std::lock_guard lock(mutex_);
    std::vector<CpaInstanceHandle> all;
    all.reserve(queues_.size());
    for (const auto &[handle, queue] : queues_) {
        all.push_back(handle);
    }
    return all;
}

CpaStatus Directory::add_session(CpaInstanceHandle handle, CpaDcSessionHandle address,
                                 std::shared_ptr<DcSession> session) {
    std::lock_guard lock(mutex_);
    if (started(handle) != session->queue) {
        return reject(CPA_STATUS_FAIL, ENOTCONN,
                      "the instance was stopped meanwhile; start it by cpaDcStartInstance()");
    }
    const auto [entry, added] = sessions_.try_emplace(address, session);
    if (added) {
        return CPA_STATUS_SUCCESS;
    }
    // Clients free the memory of sessions without removing them, and get it again.
    DcSession &earlier = *entry->second;
    if (earlier.queue->remove(earlier) != CPA_STATUS_SUCCESS) {
        return reject(CPA_STATUS_INVALID_PARAM, EBUSY, "the memory has a session with pending requests");
    }
    entry->second.swap(session); // the caller's copy dies without the lock
    return CPA_STATUS_SUCCESS;
}

std::shared_ptr<DcSession> Directory::find_session(CpaDcSessionHandle address) noexcept {
    std::lock_guard lock(mutex_);
    return session_at(address);
}

void Directory::remove_session(CpaDcSessionHandle address) noexcept {
    std::lock_guard lock(mutex_);
    sessions_.erase(address);
}

Directory::Found Directory::find(CpaInstanceHandle handle, CpaDcSessionHandle address) noexcept {
    std::lock_guard lock(mutex_);
    return {started(handle), session_at(address)};
}

} // namespace qae
