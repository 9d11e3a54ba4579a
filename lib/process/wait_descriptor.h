// SPDX-License-Identifier: BSD-3-Clause
// A descriptor of /dev/qae_mem for one wait: it holds nothing and shares no state with other waits. A child
// that is forked during the wait closes its copy, because the thread that waits does not exist there.
#ifndef QAE_LIB_PROCESS_WAIT_DESCRIPTOR_H
#define QAE_LIB_PROCESS_WAIT_DESCRIPTOR_H

namespace qae {

struct WaitSlot;

class WaitDescriptor {
public:
    WaitDescriptor() noexcept;
    ~WaitDescriptor();
    WaitDescriptor(const WaitDescriptor &) = delete;
    WaitDescriptor &operator=(const WaitDescriptor &) = delete;

    // The descriptor, or -errno; records no reason.
    int get() const noexcept { return fd_; }

private:
    WaitSlot *slot_ = nullptr;
    int fd_;
};

} // namespace qae

#endif // QAE_LIB_PROCESS_WAIT_DESCRIPTOR_H
