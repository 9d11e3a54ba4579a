// SPDX-License-Identifier: BSD-3-Clause
// The queue of an instance. Requests are executed in poll(), one at a time and in their order: the thread
// that polls does the work, and no other thread of the process does any.
#ifndef QAE_LIB_PLANE_SOFTWARE_INSTANCE_H
#define QAE_LIB_PLANE_SOFTWARE_INSTANCE_H

#include <mutex>

#include "plane/plane.h"
#include "plane/software/codec.h"

namespace qae::software {

class Instance final : public plane::DcInstance {
public:
    Instance() = default;
    ~Instance() override;

    bool submit(plane::DcRequest &request) noexcept override;
    plane::DcRequest *poll() noexcept override;
    plane::DcRequest *cancel() noexcept override;
    int descriptor() noexcept override;

private:
    void announce() noexcept;
    void withdraw() noexcept;

    std::mutex mutex_; // guards what follows, but not codec_
    plane::DcRequest *first_ = nullptr;
    plane::DcRequest *last_ = nullptr;
    int event_ = -1; // readable while first_ is set; made when a client asks for it

    Codec codec_; // of the thread that polls
};

} // namespace qae::software

#endif // QAE_LIB_PLANE_SOFTWARE_INSTANCE_H
