// SPDX-License-Identifier: BSD-3-Clause
// A started compression instance: the requests that it has, their callbacks, and its statistics.
//
// Locks: poll_mutex_ is held while a thread polls or cancels, callbacks included, so that callbacks come one
// after the other, in the order of the requests. mutex_ guards the rest; it is never held during a callback,
// and taken inside poll_mutex_.
#ifndef QAE_LIB_COMPRESSION_QUEUE_H
#define QAE_LIB_COMPRESSION_QUEUE_H

#include <cpa_dc.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "plane/plane.h"

namespace qae {

class DcQueue;

// A session of the API. The queue's mutex guards what can change; of the setup that is level and codes.
struct DcSession {
    std::shared_ptr<DcQueue> queue;
    CpaDcSessionSetupData setup{};
    CpaDcCallbackFn callback = nullptr;
    std::unique_ptr<plane::DcStream> stream; // of a stateful session
    unsigned pending = 0;                    // requests
    Cpa64U compressed = 0;                   // bytes of sources since the beginning
    bool spoil_next = false;                 // icp_sal_cnv_simulate_error()
    bool removed = false;
};

// A request as the client makes it. All pointers are checked, apart from lists and their memory.
struct DcOrder {
    std::shared_ptr<DcSession> session;           // nullptr: without a session
    const CpaDcSessionSetupData *setup = nullptr; // of a request without a session
    CpaDcSessionDir direction = CPA_DC_DIR_COMPRESS;
    CpaDcOpData options{};
    bool verify_if_stateless = false; // whatever the options say
    const CpaBufferList *source = nullptr;
    const CpaBufferList *destination = nullptr;
    CpaDcRqResults *results = nullptr;
    CpaDcCallbackFn callback = nullptr; // of a request without a session
    void *tag = nullptr;
};

class DcQueue {
public:
    // Requests that an instance takes at a time.
    static constexpr unsigned kDepth = 512;

    DcQueue(plane::Plane &plane, std::unique_ptr<plane::DcInstance> instance) noexcept
        : plane_(plane), instance_(std::move(instance)) {}

    plane::Plane &plane() const noexcept { return plane_; }

    // Checks a request and submits it. Without a callback, waits until it is complete.
    CpaStatus submit(const DcOrder &order);

    // Delivers at most @quota requests, 0: as many as there are now. CPA_STATUS_RETRY if there was nothing.
    CpaStatus poll(Cpa32U quota);

    // A descriptor that is readable while poll() would deliver something, or -errno.
    int descriptor() noexcept { return instance_->descriptor(); }

    // Completes all pending requests with an error. stop() also refuses later ones. Both return when no other
    // thread delivers any more, so they wait for a callback that another thread is in: callbacks that stop
    // each other's instance would wait for ever.
    void cancel();
    void stop();
    bool is_stopped() const noexcept { return stopped_; }
    // Whether this thread polls or cancels, so that the caller is a callback.
    bool is_polling() const noexcept { return poller_.load() == std::this_thread::get_id(); }

    CpaDcStats statistics() noexcept;
    void count_refused(CpaDcSessionDir direction) noexcept;

    // Changes of a session. CPA_STATUS_RETRY while it has pending requests.
    CpaStatus reset(DcSession &session) noexcept;
    CpaStatus remove(DcSession &session) noexcept;
    CpaStatus update(DcSession &session, const CpaDcSessionUpdateData &change) noexcept;
    void spoil_next(DcSession &session) noexcept;
    Cpa64U compressed_by(const DcSession &session) noexcept;
    CpaDcSessionSetupData setup_of(const DcSession &session) noexcept;

private:
    struct Waiter {
        std::atomic<bool> over{false};
        CpaStatus status = CPA_STATUS_FAIL;
    };

    // A request and what is needed to answer it. Slots are used again.
    struct Slot : plane::DcRequest {
        std::vector<plane::Piece> pieces;
        std::shared_ptr<DcSession> session;
        CpaDcRqResults *answer = nullptr;
        CpaDcCallbackFn callback = nullptr;
        void *tag = nullptr;
        Waiter *waiter = nullptr; // of a synchronous request
    };

    CpaStatus take_slot(const DcOrder &order, Slot *&slot);
    void give_slot(Slot &slot) noexcept;
    CpaStatus prepare(const DcOrder &order, Slot &slot);
    CpaStatus hand_over(Slot &slot);
    CpaStatus wait_for(Waiter &waiter);
    void poll_for(const Waiter &waiter);
    void deliver(Slot &slot);
    void fail_pending();
    void deliver_cancelled();
    void count(const Slot &slot, bool failed) noexcept;

    plane::Plane &plane_;
    const std::unique_ptr<plane::DcInstance> instance_;

    std::mutex poll_mutex_;
    std::atomic<std::thread::id> poller_{}; // the holder of poll_mutex_
    std::atomic<unsigned> cancelling_{0};   // threads that wait for poll_mutex_ to cancel

    std::mutex mutex_;
    std::atomic<bool> stopped_{false}; // written under mutex_
    unsigned pending_ = 0;
    std::deque<Slot> slots_; // grows to kDepth
    std::vector<Slot *> free_;
    CpaDcStats statistics_{};
};

} // namespace qae

#endif // QAE_LIB_COMPRESSION_QUEUE_H
