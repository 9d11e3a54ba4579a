// SPDX-License-Identifier: BSD-3-Clause
// A descriptor of /dev/qae_mem for one wait: it holds nothing and shares no state with other waits. A child
// forked meanwhile closes its copy, since the thread that would is not in it.
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

    // The descriptor, or -errno without a reason recorded.
    int get() const noexcept { return fd_; }

private:
    WaitSlot *slot_ = nullptr;
    int fd_;
};

// The device's fork hooks call these, with its own mutex held.
void wait_descriptors_before_fork() noexcept;
void wait_descriptors_after_fork_in_parent() noexcept;
void wait_descriptors_after_fork_in_child() noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_WAIT_DESCRIPTOR_H
