// SPDX-License-Identifier: BSD-3-Clause
// Deferring the cancellation of this thread.
#ifndef QAE_LIB_PROCESS_CANCEL_H
#define QAE_LIB_PROCESS_CANCEL_H

#include <pthread.h>

namespace qae {

// open(), close(), write() and poll() are cancellation points. Cancellation in one of them would unwind
// through noexcept functions, which ends the process, or leave a change half done.
class CancelHold {
public:
    CancelHold() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &saved_); }
    ~CancelHold() { pthread_setcancelstate(saved_, nullptr); }
    CancelHold(const CancelHold &) = delete;
    CancelHold &operator=(const CancelHold &) = delete;

private:
    int saved_ = PTHREAD_CANCEL_ENABLE;
};

} // namespace qae

#endif // QAE_LIB_PROCESS_CANCEL_H
