// SPDX-License-Identifier: BSD-3-Clause
// The session of this process: the section that it started on, the number of starts, and the instances that
// it holds.
//
// One mutex guards all of it. It is held across ioctls that do not sleep, so that the table always agrees
// with the descriptor. It is never held while a start waits for a section or a thread polls for free
// instances.
#ifndef QAE_LIB_SESSION_SESSION_H
#define QAE_LIB_SESSION_SESSION_H

#include <cpa.h>
#include <linux/qae.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "process/fork.h"
#include "process/last_error.h"
#include "session/instance_table.h"

namespace qae {

// The largest number of starts; each needs a stop.
inline constexpr unsigned kMaxStarts = 64;

class Session {
public:
    static Session &instance() noexcept;

    // icp_sal_userStart() and icp_sal_userStop(). A failure records its reason.
    CpaStatus start(const char *name);
    CpaStatus stop();

private:
    friend class SessionAccess;
    friend struct SessionForkHooks;

    // The claim of a section by one thread, and its outcome for all threads that started meanwhile.
    struct Attempt {
        std::atomic<bool> over{false};
        unsigned starts = 1; // its own and the waiting ones; guarded by the session's mutex
        CpaStatus status = CPA_STATUS_FAIL;
        int err = 0;
        char reason[kReasonSize] = {};
    };

    CpaStatus join_or_begin(std::shared_ptr<Attempt> &attempt, bool &own);
    CpaStatus share(Attempt &attempt);
    CpaStatus claim_and_publish(const char *name, Attempt &attempt);
    void conclude(Attempt &attempt, CpaStatus status) noexcept;
    CpaStatus publish(Attempt &attempt, const qae_section_claim &claim,
                      const std::vector<qae_instance> &instances);
    void forget() noexcept;

    Mutex mutex_;
    unsigned starts_ = 0;
    // Set while a thread claims without holding the mutex: starts of other threads share its outcome.
    std::shared_ptr<Attempt> attempt_;
    char section_[QAE_SECTION_SIZE] = {};
    InstanceTable instances_;
};

// Access to the session: holds its mutex as long as the object lives.
class SessionAccess {
public:
    SessionAccess() noexcept : session_(Session::instance()), lock_(session_.mutex_) {}

    bool started() const noexcept { return session_.starts_ != 0; }
    const char *section() const noexcept { return session_.section_; }
    InstanceTable &instances() noexcept { return session_.instances_; }

private:
    Session &session_;
    std::lock_guard<Mutex> lock_;
};

} // namespace qae

#endif // QAE_LIB_SESSION_SESSION_H
