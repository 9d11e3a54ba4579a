// SPDX-License-Identifier: BSD-3-Clause
// What all exported C functions share.
#ifndef QAE_LIB_PROCESS_ABI_H
#define QAE_LIB_PROCESS_ABI_H

#include <cerrno>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "process/cancel.h"
#include "process/last_error.h"

// The library is built with hidden visibility: it exports only definitions that have this mark and are listed
// in libqat_user.map.
#define QAE_EXPORT __attribute__((visibility("default")))

namespace qae {

// Surrounds every exported function that may call the system. The API reports by results and qaeLastError(),
// never by errno, so errno stays as the caller had it.
class ApiCall {
public:
    ApiCall() noexcept : saved_errno_(errno) {}
    ~ApiCall() { errno = saved_errno_; }
    ApiCall(const ApiCall &) = delete;
    ApiCall &operator=(const ApiCall &) = delete;

private:
    CancelHold cancel_hold_;
    int saved_errno_;
};

// Runs @body and lets no exception out, because callers may be C code without unwind tables.
template <class F, class R = std::invoke_result_t<F>>
requires(!std::is_void_v<R>) R guarded(F &&body, std::type_identity_t<R> fallback)
noexcept {
    ApiCall call;
    try {
        return std::forward<F>(body)();
    } catch (const std::bad_alloc &) {
        fail(ENOMEM, "the process is out of ordinary memory");
    } catch (const std::exception &e) {
        fail(EIO, "unexpected failure inside the library: {}", e.what());
    } catch (...) {
        fail(EIO, "unexpected failure inside the library");
    }
    return fallback;
}

template <class F, class R = std::invoke_result_t<F>>
requires std::is_void_v<R>
void guarded(F &&body) noexcept {
    guarded(
        [&body] {
            std::forward<F>(body)();
            return 0;
        },
        0);
}

} // namespace qae

#endif // QAE_LIB_PROCESS_ABI_H
