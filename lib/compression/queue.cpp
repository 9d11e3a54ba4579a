// SPDX-License-Identifier: BSD-3-Clause
#include "compression/queue.h"

#include <algorithm>

#include "compression/buffers.h"
#include "compression/setup.h"
#include "process/reject.h"

namespace qae {
namespace {

CpaStatus reject_stopped() noexcept {
    return reject(CPA_STATUS_FAIL, ENOTCONN, "the instance is stopped; start it by cpaDcStartInstance()");
}

CpaStatus reject_pending() noexcept {
    return reject(CPA_STATUS_RETRY, EBUSY, "the session has pending requests; poll its instance first");
}

// Clients go on after an overflow of these, so it is not a failure of the request.
bool is_success(const plane::DcRequest &request) noexcept {
    switch (request.results.status) {
    case CPA_DC_OK:
    case CPA_DC_INCOMPLETE_FILE_ERR:
        return true;
    case CPA_DC_OVERFLOW:
        return request.direction == CPA_DC_DIR_COMPRESS || request.stream != nullptr;
    default:
        return false;
    }
}

// Says which thread polls, until it leaves.
class PollerMark {
public:
    explicit PollerMark(std::atomic<std::thread::id> &poller) noexcept : poller_(poller) {
        poller_ = std::this_thread::get_id();
    }
    ~PollerMark() { poller_ = std::thread::id(); }
    PollerMark(const PollerMark &) = delete;
    PollerMark &operator=(const PollerMark &) = delete;

private:
    std::atomic<std::thread::id> &poller_;
};

CpaDcCallbackFn callback_of(const DcOrder &order) noexcept {
    const DcSession *session = order.session.get();
    return session != nullptr ? session->callback : order.callback;
}

} // namespace

// A slot for the request, if the instance takes one now. The session's fields are copied to it, so that later
// changes of the session do not concern the request.
CpaStatus DcQueue::take_slot(const DcOrder &order, Slot *&slot) {
    std::lock_guard lock(mutex_);
    DcSession *session = order.session.get();
    if (stopped_) {
        return reject_stopped();
    }
    if (session != nullptr && session->removed) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the session was removed");
    }
    if (session != nullptr && session->stream != nullptr && session->pending != 0) {
        return reject(CPA_STATUS_RETRY, EBUSY,
                      "a stateful session takes one request at a time; poll its instance first");
    }
    if (free_.empty() && slots_.size() == kDepth) {
        return reject(CPA_STATUS_RETRY, EAGAIN,
                      "the instance has as many requests as it takes; poll it first");
    }
    if (free_.empty()) {
        free_.reserve(slots_.size() + 1);
        free_.push_back(&slots_.emplace_back());
    }
    slot = free_.back();
    free_.pop_back();
    ++pending_;
    slot->session = order.session;
    slot->setup = session != nullptr ? session->setup : *order.setup;
    slot->stream = session != nullptr ? session->stream.get() : nullptr;
    if (session != nullptr) {
        ++session->pending;
    }
    return CPA_STATUS_SUCCESS;
}

// mutex_ is held.
void DcQueue::give_slot(Slot &slot) noexcept {
    if (slot.session != nullptr) {
        --slot.session->pending;
        slot.session.reset();
    }
    --pending_;
    free_.push_back(&slot); // take_slot() made room for every slot
}

// Checks and copies what the client may change or free after the call.
CpaStatus DcQueue::prepare(const DcOrder &order, Slot &slot) {
    const bool stateless = slot.setup.sessState == CPA_DC_STATELESS;
    CpaDcOpData options = order.options;
    if (order.verify_if_stateless) {
        options.compressAndVerify = stateless ? CPA_TRUE : CPA_FALSE;
    }
    CpaStatus status = check_options(options, slot.setup, order.direction);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    std::size_t source_pieces = 0;
    status = map_buffers(order.source, order.destination, slot.pieces, source_pieces);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    const std::span<const plane::Piece> all(slot.pieces);
    slot.source = all.first(source_pieces);
    slot.destination = all.subspan(source_pieces);
    slot.direction = order.direction;
    slot.flush = options.flushFlag;
    slot.verify = order.direction == CPA_DC_DIR_COMPRESS && options.compressAndVerify != CPA_FALSE;
    slot.recover = slot.verify && options.compressAndVerifyAndRecover != CPA_FALSE;
    slot.results = {};
    slot.results.checksum = order.results->checksum;
    slot.recovered = false;
    slot.answer = order.results;
    slot.callback = callback_of(order);
    slot.tag = order.tag;
    return CPA_STATUS_SUCCESS;
}

// A stop comes before this, and the request is refused, or after it, and the stop completes the request.
CpaStatus DcQueue::hand_over(Slot &slot) {
    std::lock_guard lock(mutex_);
    if (stopped_) {
        return reject_stopped();
    }
    DcSession *session = slot.session.get();
    slot.spoil = session != nullptr && session->spoil_next && slot.direction == CPA_DC_DIR_COMPRESS;
    if (!instance_->submit(slot)) {
        return reject(CPA_STATUS_RETRY, EAGAIN,
                      "the data plane takes no request now; poll the instance first");
    }
    if (slot.spoil) {
        session->spoil_next = false; // of an accepted request only
    }
    ++(slot.direction == CPA_DC_DIR_COMPRESS ? statistics_.numCompRequests : statistics_.numDecompRequests);
    return CPA_STATUS_SUCCESS;
}

CpaStatus DcQueue::submit(const DcOrder &order) {
    const bool synchronous = callback_of(order) == nullptr;
    if (synchronous && is_polling()) {
        return reject(
            CPA_STATUS_FAIL, EDEADLK,
            "a callback cannot wait for another request of its instance; use a session with a callback");
    }
    Slot *slot = nullptr;
    CpaStatus status = take_slot(order, slot);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    Waiter waiter;
    slot->waiter = synchronous ? &waiter : nullptr;
    try {
        status = prepare(order, *slot);
        if (status == CPA_STATUS_SUCCESS) {
            status = hand_over(*slot);
        }
    } catch (...) {
        std::lock_guard lock(mutex_);
        give_slot(*slot);
        throw;
    }
    if (status != CPA_STATUS_SUCCESS) {
        std::lock_guard lock(mutex_);
        give_slot(*slot);
        return status;
    }
    return synchronous ? wait_for(waiter) : CPA_STATUS_SUCCESS;
}

CpaStatus DcQueue::wait_for(Waiter &waiter) {
    while (!waiter.over.load(std::memory_order_acquire)) {
        if (cancelling_ == 0) {
            std::lock_guard lock(poll_mutex_);
            PollerMark mark(poller_);
            poll_for(waiter);
        }
        if (!waiter.over.load(std::memory_order_acquire)) {
            std::this_thread::yield(); // a stop is about to complete the request
        }
    }
    return waiter.status == CPA_STATUS_SUCCESS
               ? CPA_STATUS_SUCCESS
               : reject(CPA_STATUS_FAIL, EIO, "the request failed; CpaDcRqResults::status says how");
}

void DcQueue::poll_for(const Waiter &waiter) {
    while (cancelling_ == 0 && !waiter.over.load(std::memory_order_acquire)) {
        plane::DcRequest *request = instance_->poll();
        if (request == nullptr) {
            return;
        }
        deliver(static_cast<Slot &>(*request));
    }
}

CpaStatus DcQueue::poll(Cpa32U quota) {
    if (is_polling()) {
        return reject(CPA_STATUS_RETRY, EDEADLK, "a callback cannot poll its own instance");
    }
    if (cancelling_ != 0) {
        return CPA_STATUS_RETRY; // a mutex is not fair: threads that poll without a pause could keep it for
                                 // ever
    }
    std::unique_lock lock(poll_mutex_, std::try_to_lock);
    if (!lock.owns_lock()) {
        return CPA_STATUS_RETRY; // another thread delivers
    }
    unsigned most = quota;
    {
        std::lock_guard state(mutex_);
        if (stopped_) {
            return reject_stopped();
        }
        // Callbacks may submit: without a limit the poll might never end.
        most = quota == 0 ? pending_ : quota;
    }
    PollerMark mark(poller_);
    unsigned delivered = 0;
    for (; delivered < most && cancelling_ == 0; ++delivered) {
        plane::DcRequest *request = instance_->poll();
        if (request == nullptr) {
            break;
        }
        deliver(static_cast<Slot &>(*request));
    }
    return delivered != 0 ? CPA_STATUS_SUCCESS : CPA_STATUS_RETRY;
}

// mutex_ is held.
void DcQueue::count(const Slot &slot, bool failed) noexcept {
    CpaDcStats &all = statistics_;
    if (slot.direction == CPA_DC_DIR_COMPRESS) {
        ++(failed ? all.numCompCompletedErrors : all.numCompCompleted);
        all.numCompCnvErrorsRecovered += slot.recovered ? 1 : 0;
    } else {
        ++(failed ? all.numDecompCompletedErrors : all.numDecompCompleted);
    }
}

// Answers a request that the plane has returned. The slot is free before the callback, which may submit.
void DcQueue::deliver(Slot &slot) {
    const CpaStatus status = is_success(slot) ? CPA_STATUS_SUCCESS : CPA_STATUS_FAIL;
    const CpaDcCallbackFn callback = slot.callback;
    void *const tag = slot.tag;
    Waiter *const waiter = slot.waiter;
    *slot.answer = slot.results;
    {
        std::lock_guard lock(mutex_);
        count(slot, status != CPA_STATUS_SUCCESS);
        if (slot.session != nullptr && slot.direction == CPA_DC_DIR_COMPRESS) {
            slot.session->compressed += slot.results.consumed;
        }
        give_slot(slot);
    }
    if (waiter != nullptr) {
        waiter->status = status;
        waiter->over.store(true, std::memory_order_release);
    } else {
        callback(tag, status);
    }
}

void DcQueue::deliver_cancelled() {
    plane::DcRequest *request = instance_->cancel();
    while (request != nullptr) {
        plane::DcRequest *const next = request->next;
        const Cpa32U checksum = request->results.checksum;
        request->results = {};
        request->results.status = CPA_DC_FATALERR;
        request->results.checksum = checksum;
        deliver(static_cast<Slot &>(*request));
        request = next;
    }
}

void DcQueue::fail_pending() {
    if (is_polling()) { // a callback cancels, and holds poll_mutex_ already
        deliver_cancelled();
        return;
    }
    ++cancelling_;
    std::lock_guard lock(poll_mutex_);
    --cancelling_;
    PollerMark mark(poller_);
    deliver_cancelled();
}

void DcQueue::cancel() { fail_pending(); }

void DcQueue::stop() {
    {
        std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    fail_pending();
}

CpaDcStats DcQueue::statistics() noexcept {
    std::lock_guard lock(mutex_);
    return statistics_;
}

void DcQueue::count_refused(CpaDcSessionDir direction) noexcept {
    std::lock_guard lock(mutex_);
    ++(direction == CPA_DC_DIR_COMPRESS ? statistics_.numCompRequestsErrors
                                        : statistics_.numDecompRequestsErrors);
}

CpaStatus DcQueue::reset(DcSession &session) noexcept {
    std::lock_guard lock(mutex_);
    if (session.pending != 0) {
        return reject_pending();
    }
    if (session.stream != nullptr) {
        session.stream->reset();
    }
    session.compressed = 0;
    return CPA_STATUS_SUCCESS;
}

CpaStatus DcQueue::remove(DcSession &session) noexcept {
    std::lock_guard lock(mutex_);
    if (session.pending != 0) {
        return reject_pending();
    }
    session.removed = true;
    return CPA_STATUS_SUCCESS;
}

CpaStatus DcQueue::update(DcSession &session, const CpaDcSessionUpdateData &change) noexcept {
    std::lock_guard lock(mutex_);
    session.setup.compLevel = change.compLevel;
    session.setup.huffType = change.huffType;
    return CPA_STATUS_SUCCESS;
}

void DcQueue::spoil_next(DcSession &session) noexcept {
    std::lock_guard lock(mutex_);
    session.spoil_next = true;
}

CpaDcSessionSetupData DcQueue::setup_of(const DcSession &session) noexcept {
    std::lock_guard lock(mutex_);
    return session.setup;
}

Cpa64U DcQueue::compressed_by(const DcSession &session) noexcept {
    std::lock_guard lock(mutex_);
    return session.compressed;
}

} // namespace qae
