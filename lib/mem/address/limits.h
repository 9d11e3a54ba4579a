// SPDX-License-Identifier: BSD-3-Clause
// The limits of the process on its address space and on locked memory.
#ifndef QAE_LIB_MEM_ADDRESS_LIMITS_H
#define QAE_LIB_MEM_ADDRESS_LIMITS_H

#include <cstdint>

namespace qae {

inline constexpr std::uint64_t kNoLimit = UINT64_MAX;

// RLIMIT_AS in bytes, or kNoLimit.
std::uint64_t address_space_limit() noexcept;

// The command that raises the limit for which a mapping of @bytes writable bytes is refused, such as
// "ulimit -v". nullptr if no limit of the process is the reason, or it cannot be seen.
const char *exceeded_address_limit(std::uint64_t bytes) noexcept;

// Memory that counts as locked, and the limit on it (RLIMIT_MEMLOCK), in bytes.
struct LockedMemory {
    std::uint64_t bytes = 0;
    std::uint64_t most = kNoLimit;

    // Do @more bytes exceed the limit?
    bool exceeds(std::uint64_t more) const noexcept { return most != kNoLimit && bytes + more > most; }
};

// There is no limit for a process with the capability CAP_IPC_LOCK. Tests read another file of the same form.
LockedMemory locked_memory(const char *status = "/proc/self/status") noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_LIMITS_H
