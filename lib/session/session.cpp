// SPDX-License-Identifier: BSD-3-Clause
#include "session/session.h"

#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "process/abi.h"
#include "process/device.h"
#include "process/reject.h"
#include "session/section_claim.h"

namespace qae {
namespace {

// Storage without a destructor: while the process exits, other destructors, atexit() handlers and running
// threads still call the library, and must find the session as they left it.
alignas(Session) constinit unsigned char g_storage[sizeof(Session)]{};
pthread_once_t g_construct_once = PTHREAD_ONCE_INIT;

Session &session() noexcept { return *std::launder(reinterpret_cast<Session *>(g_storage)); }

} // namespace

struct SessionForkHooks {
    static bool prepare(const timespec &deadline) noexcept { return session().mutex_.lock_until(deadline); }
    static void parent() noexcept { session().mutex_.unlock(); }
    static void child() noexcept { session().forget(); }
};

namespace {

constexpr ForkHooks kHooks = {SessionForkHooks::prepare, SessionForkHooks::parent, SessionForkHooks::child};

} // namespace

Session &Session::instance() noexcept {
    pthread_once(&g_construct_once, [] { new (g_storage) Session; });
    register_fork_hooks(ForkStage::session, kHooks);
    return session();
}

// Runs in a forked child. After a raw clone the copy of the parent's table may be half changed, so it is not
// destroyed but abandoned.
void Session::forget() noexcept {
    new (&instances_) InstanceTable;
    starts_ = 0;
    section_[0] = '\0';
    new (&attempt_) std::shared_ptr<Attempt>; // the thread that was claiming exists only in the parent
    mutex_.reset_in_child();
}

// Decides what a start has to do. Failure: nothing. Success without @attempt: it is counted, and nothing is
// left to do. Success with @attempt: claim a section if it is the caller's @own, or else wait for its
// outcome.
CpaStatus Session::join_or_begin(std::shared_ptr<Attempt> &attempt, bool &own) {
    std::lock_guard lock(mutex_);
    unsigned &starts = attempt_ ? attempt_->starts : starts_;
    if (starts >= kMaxStarts) {
        return reject(
            CPA_STATUS_FAIL, EAGAIN,
            "this process has started {} times already; call icp_sal_userStop() once for each start",
            kMaxStarts);
    }
    if (attempt_ == nullptr && starts_ == 0) {
        attempt_ = std::make_shared<Attempt>();
        own = true;
    } else {
        ++starts;
    }
    attempt = attempt_;
    return CPA_STATUS_SUCCESS;
}

// Starts that waited for a failed attempt fail with it. If they made attempts of their own, their waits would
// add up. Starts that waited for a successful attempt were counted by it, so that a stop in between cannot
// release their section.
CpaStatus Session::share(Attempt &attempt) {
    attempt.over.wait(false, std::memory_order_acquire);
    return attempt.status == CPA_STATUS_SUCCESS ? CPA_STATUS_SUCCESS
                                                : reject(attempt.status, attempt.err, "{}", attempt.reason);
}

// Ends the attempt in any case, or else the starts of other threads would wait for ever.
void Session::conclude(Attempt &attempt, CpaStatus status) noexcept {
    {
        std::lock_guard lock(mutex_);
        // After a success, attempt_ may already belong to a later start of another thread.
        if (attempt_.get() == &attempt) {
            attempt_.reset();
        }
    }
    attempt.status = status;
    if (status != CPA_STATUS_SUCCESS) {
        attempt.err = last_errno();
        std::memcpy(attempt.reason, last_reason(), std::strlen(last_reason()) + 1);
    }
    attempt.over.store(true, std::memory_order_release);
    attempt.over.notify_all();
}

CpaStatus Session::publish(Attempt &attempt, const qae_section_claim &claim,
                           const std::vector<qae_instance> &instances) {
    std::lock_guard lock(mutex_);
    if (!instances_.reserve(instances.size())) {
        return reject(CPA_STATUS_FAIL, E2BIG,
                      "section \"{}\" has too many instances: {} configured, a process can hold {}",
                      reinterpret_cast<const char *>(claim.section), instances.size(),
                      InstanceTable::kCapacity);
    }
    for (const qae_instance &facts : instances) {
        instances_.insert(facts);
    }
    // A claim of the pool alone has no internal section; the process reports the name that it asked for.
    std::memcpy(section_, claim.section[0] != 0 ? claim.section : claim.name,
                claim.section[0] != 0 ? sizeof(claim.section) : sizeof(claim.name));
    section_[sizeof(section_) - 1] = '\0';
    starts_ = attempt.starts;
    attempt_.reset(); // from now on starts are counted in starts_
    return CPA_STATUS_SUCCESS;
}

CpaStatus Session::claim_and_publish(const char *name, Attempt &attempt) {
    qae_section_claim claim{};
    std::vector<qae_instance> instances;
    if (claim_section(name, claim, instances) != 0) {
        return CPA_STATUS_FAIL;
    }
    // A failed start holds nothing: release the section if the table cannot take its instances.
    try {
        const CpaStatus status = publish(attempt, claim, instances);
        if (status != CPA_STATUS_SUCCESS) {
            release_section();
        }
        return status;
    } catch (...) {
        release_section();
        throw;
    }
}

CpaStatus Session::start(const char *name) {
    if (check_section_name(name) != 0) {
        return CPA_STATUS_FAIL;
    }
    std::shared_ptr<Attempt> attempt;
    bool own = false;
    CpaStatus status = join_or_begin(attempt, own);
    if (status != CPA_STATUS_SUCCESS || attempt == nullptr) {
        return status;
    }
    if (!own) {
        return share(*attempt);
    }
    status = guarded([&] { return claim_and_publish(name, *attempt); }, CPA_STATUS_FAIL);
    conclude(*attempt, status);
    return status;
}

CpaStatus Session::stop() {
    std::lock_guard lock(mutex_);
    if (starts_ == 0) {
        return reject(CPA_STATUS_FAIL, ENOTCONN,
                      "this process has not started; call icp_sal_userStart() first");
    }
    if (--starts_ != 0) {
        return CPA_STATUS_SUCCESS;
    }
    // Forget the handles even if the driver refuses: then the descriptor is lost, and nothing is held any
    // more.
    instances_.clear();
    section_[0] = '\0';
    const int err = release_section();
    if (err != 0 && err != -EBADF) {
        return reject(CPA_STATUS_FAIL, -err, "the driver no longer holds a section for this process: {}",
                      std::strerror(-err));
    }
    return err == 0 ? CPA_STATUS_SUCCESS : CPA_STATUS_FAIL;
}

} // namespace qae
