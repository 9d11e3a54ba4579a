// SPDX-License-Identifier: BSD-3-Clause
// The started compression instances of the process by handle, and their sessions by address. A forked child
// begins with an empty directory; what the parent had is abandoned there, because other threads may have been
// inside it.
#ifndef QAE_LIB_COMPRESSION_DIRECTORY_H
#define QAE_LIB_COMPRESSION_DIRECTORY_H

#include <cpa_dc.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "compression/queue.h"
#include "process/fork.h"

namespace qae {

class Directory {
public:
    static Directory &instance() noexcept;

    // False if the instance has a queue that is not stopped; takes the place of one that is.
    bool add(CpaInstanceHandle handle, const std::shared_ptr<DcQueue> &queue);
    // nullptr if the queue is stopped.
    std::shared_ptr<DcQueue> find(CpaInstanceHandle handle) noexcept;
    // Also a queue that is stopped, to wait until no thread delivers any more.
    std::shared_ptr<DcQueue> find_to_stop(CpaInstanceHandle handle) noexcept;
    // Forgets a queue that is stopped, and its sessions. The queue stays if one of its callbacks calls this:
    // the callback still runs, and others have to be able to wait for it.
    void remove(CpaInstanceHandle handle, const std::shared_ptr<DcQueue> &queue) noexcept;
    std::vector<CpaInstanceHandle> handles();

    // In place of an earlier session at the same address, of whatever instance. With the reason recorded,
    // CPA_STATUS_INVALID_PARAM if that one has pending requests, and CPA_STATUS_FAIL if the queue of @session
    // is not the one of the instance, or is stopped: nothing would forget the session. The earlier one stays
    // then.
    CpaStatus add_session(CpaInstanceHandle handle, CpaDcSessionHandle address,
                          std::shared_ptr<DcSession> session);
    std::shared_ptr<DcSession> find_session(CpaDcSessionHandle address) noexcept;
    void remove_session(CpaDcSessionHandle address) noexcept;

    // Both in one step; either may be nullptr. A queue that is stopped is not found.
    struct Found {
        std::shared_ptr<DcQueue> queue;
        std::shared_ptr<DcSession> session;
    };
    Found find(CpaInstanceHandle handle, CpaDcSessionHandle address) noexcept;

private:
    friend struct DirectoryForkHooks;

    // mutex_ is held.
    std::shared_ptr<DcQueue> queue_of(CpaInstanceHandle handle) const noexcept;
    std::shared_ptr<DcQueue> started(CpaInstanceHandle handle) const noexcept;
    std::shared_ptr<DcSession> session_at(CpaDcSessionHandle address) const noexcept;
    void forget_sessions(const std::shared_ptr<DcQueue> &queue) noexcept;

    Mutex mutex_; // taken before a queue's lock
    std::unordered_map<CpaInstanceHandle, std::shared_ptr<DcQueue>> queues_;
    std::unordered_map<CpaDcSessionHandle, std::shared_ptr<DcSession>> sessions_;
};

} // namespace qae

#endif // QAE_LIB_COMPRESSION_DIRECTORY_H
