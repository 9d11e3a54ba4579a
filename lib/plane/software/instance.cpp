// SPDX-License-Identifier: BSD-3-Clause
#include "plane/software/instance.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace qae::software {

using plane::DcRequest;

Instance::~Instance() {
    if (event_ >= 0) {
        close(event_);
    }
}

// Makes the descriptor readable. A write to it cannot fail: the counter is 0.
void Instance::announce() noexcept {
    if (event_ >= 0) {
        eventfd_write(event_, 1);
    }
}

void Instance::withdraw() noexcept {
    eventfd_t count = 0;
    if (event_ >= 0) {
        eventfd_read(event_, &count);
    }
}

bool Instance::submit(DcRequest &request) noexcept {
    std::lock_guard lock(mutex_);
    request.next = nullptr;
    if (first_ == nullptr) {
        first_ = &request;
        announce();
    } else {
        last_->next = &request;
    }
    last_ = &request;
    return true;
}

DcRequest *Instance::poll() noexcept {
    DcRequest *request = nullptr;
    {
        std::lock_guard lock(mutex_);
        request = first_;
        if (request == nullptr) {
            return nullptr;
        }
        first_ = request->next;
        if (first_ == nullptr) {
            withdraw();
        }
    }
    codec_.execute(*request);
    return request;
}

DcRequest *Instance::cancel() noexcept {
    std::lock_guard lock(mutex_);
    DcRequest *taken = first_;
    first_ = nullptr;
    if (taken != nullptr) {
        withdraw();
    }
    return taken;
}

int Instance::descriptor() noexcept {
    std::lock_guard lock(mutex_);
    if (event_ < 0) {
        event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (event_ < 0) {
            return -errno;
        }
        if (first_ != nullptr) {
            announce();
        }
    }
    return event_;
}

} // namespace qae::software
