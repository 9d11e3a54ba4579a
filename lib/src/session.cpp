// SPDX-License-Identifier: BSD-3-Clause
#include "session.h"

#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "device.h"
#include "reject.h"
#include "section_claim.h"

namespace qae {
namespace {

// Storage without a destructor: other destructors, handlers of atexit() and threads that are still running
// call the library while the process exits, and must find the session as they left it.
alignas(Session) constinit unsigned char g_storage[sizeof(Session)]{};
pthread_once_t g_construct_once = PTHREAD_ONCE_INIT;

Session &session() noexcept { return *std::launder(reinterpret_cast<Session *>(g_storage)); }

} // namespace

struct SessionForkHooks {
    static void prepare() noexcept { session().mutex_.lock(); }
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

// In a forked child. The parent's table may be in the middle of a change if the child came from a raw clone,
// so it is not destroyed but left behind; that also means that a child never frees memory in a lock-step with
// its parent.
void Session::forget() noexcept {
    new (&instances_) InstanceTable;
    starts_ = 0;
    section_[0] = '\0';
    starting_.store(0);
    mutex_.reset_in_child();
}

// Decides what a start has to do: nothing but count, nothing at all, or claim a section. One thread claims at
// a time, the others sleep here until it has an outcome.
Session::Turn Session::take_turn() {
    for (;;) {
        {
            std::lock_guard lock(mutex_);
            if (starts_ >= kMaxStarts) {
                fail(EAGAIN,
                     "this process has started {} times already; each start needs its icp_sal_userStop",
                     kMaxStarts);
                return Turn::refused;
            }
            if (starts_ != 0) {
                ++starts_;
                return Turn::counted;
            }
            if (starting_.load() == 0) {
                starting_.store(1);
                return Turn::mine;
            }
        }
        starting_.wait(1);
    }
}

void Session::end_turn() noexcept {
    starting_.store(0);
    starting_.notify_all();
}

CpaStatus Session::publish(const qae_section_claim &claim, const std::vector<qae_instance> &instances) {
    std::lock_guard lock(mutex_);
    if (!instances_.reserve(instances.size())) {
        return reject(
            CPA_STATUS_FAIL, E2BIG, "section \"{}\" has {} instances, more than one process can use ({})",
            reinterpret_cast<const char *>(claim.section), instances.size(), InstanceTable::kCapacity);
    }
    for (const qae_instance &facts : instances) {
        instances_.insert(facts);
    }
    // A claim of the pool alone has no internal section and is known by the name that was asked for.
    std::memcpy(section_, claim.section[0] != 0 ? claim.section : claim.name,
                claim.section[0] != 0 ? sizeof(claim.section) : sizeof(claim.name));
    section_[sizeof(section_) - 1] = '\0';
    starts_ = 1;
    return CPA_STATUS_SUCCESS;
}

CpaStatus Session::start(const char *name) {
    if (check_section_name(name) != 0) {
        return CPA_STATUS_FAIL;
    }
    const Turn turn = take_turn();
    if (turn != Turn::mine) {
        return turn == Turn::counted ? CPA_STATUS_SUCCESS : CPA_STATUS_FAIL;
    }
    // Whatever happens, the other threads' starts must not wait for ever.
    struct EndTurn {
        Session &session;
        ~EndTurn() { session.end_turn(); }
    } end_turn_at_exit{*this};

    qae_section_claim claim{};
    std::vector<qae_instance> instances;
    if (claim_section(name, claim, instances) != 0) {
        return CPA_STATUS_FAIL;
    }
    // What the driver gave and the table cannot take goes back: a failed start holds nothing.
    try {
        const CpaStatus status = publish(claim, instances);
        if (status != CPA_STATUS_SUCCESS) {
            release_section();
        }
        return status;
    } catch (...) {
        release_section();
        throw;
    }
}

CpaStatus Session::stop() {
    std::lock_guard lock(mutex_);
    if (starts_ == 0) {
        return reject(CPA_STATUS_FAIL, ENOTCONN,
                      "icp_sal_userStop: this process has not started; icp_sal_userStart comes first");
    }
    if (--starts_ != 0) {
        return CPA_STATUS_SUCCESS;
    }
    // Even where the driver refuses (the descriptor is lost), nothing is held any more: the handles go in any
    // case.
    instances_.clear();
    section_[0] = '\0';
    const int err = release_section();
    if (err != 0 && err != -EBADF) {
        return reject(CPA_STATUS_FAIL, -err, "the driver holds no section of this process any more: {}",
                      std::strerror(-err));
    }
    return err == 0 ? CPA_STATUS_SUCCESS : CPA_STATUS_FAIL;
}

} // namespace qae
