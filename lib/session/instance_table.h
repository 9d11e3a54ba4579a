// SPDX-License-Identifier: BSD-3-Clause
// The instances that this process holds, and the handles that name them.
//
// A handle is a number in the shape of a pointer and is never followed: 16 bits of slot index and 47 bits of
// a serial that starts at random in every process and is never used twice. It is valid if the slot holds that
// very handle, so a handle that was freed, came from a parent or another process, or was made up is
// recognised in O(1). Handles are odd: no object that a caller could confuse with one has such an address.
//
// Not locked here: the session's mutex guards the one table there is.
#ifndef QAE_LIB_SESSION_INSTANCE_TABLE_H
#define QAE_LIB_SESSION_INSTANCE_TABLE_H

#include <cpa.h>
#include <linux/qae.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace qae {

struct HeldInstance {
    CpaInstanceHandle handle = nullptr; // nullptr: the slot is free
    bool started = false;
    qae_instance facts{};

    bool dynamic() const noexcept { return facts.kind == QAE_INSTANCE_DYN; }
};

class InstanceTable {
public:
    // What one process can hold: counts in the API have 16 bits.
    static constexpr std::size_t kCapacity = 65536;

    constexpr InstanceTable() noexcept = default;

    // Makes room, so that @count calls of insert() cannot fail. Throws std::bad_alloc; false if the table is
    // full.
    bool reserve(std::size_t count);

    // Needs room; see reserve().
    CpaInstanceHandle insert(const qae_instance &facts) noexcept;

    // The instance of a handle, nullptr if it has none.
    HeldInstance *find(CpaInstanceHandle handle) noexcept;

    void erase(HeldInstance &instance) noexcept;
    void clear() noexcept;

    // Handles of the instances that @wanted accepts, by endpoint, then in the order in which they came.
    template <class Predicate> std::vector<CpaInstanceHandle> list(Predicate &&wanted) const;
    template <class Predicate> std::size_t count(Predicate &&wanted) const;

private:
    void seed() noexcept;
    void sort_by_endpoint(std::vector<const HeldInstance *> &found) const;

    std::vector<HeldInstance> slots_;
    std::vector<std::uint32_t> free_; // indices of free slots; has capacity for all of them
    std::uint64_t serial_ = 0;        // 0: not seeded yet
};

template <class Predicate> std::size_t InstanceTable::count(Predicate &&wanted) const {
    std::size_t number = 0;
    for (const HeldInstance &slot : slots_) {
        number += slot.handle != nullptr && wanted(slot) ? 1 : 0;
    }
    return number;
}

template <class Predicate> std::vector<CpaInstanceHandle> InstanceTable::list(Predicate &&wanted) const {
    std::vector<const HeldInstance *> found;
    for (const HeldInstance &slot : slots_) {
        if (slot.handle != nullptr && wanted(slot)) {
            found.push_back(&slot);
        }
    }
    sort_by_endpoint(found);
    std::vector<CpaInstanceHandle> handles;
    handles.reserve(found.size());
    for (const HeldInstance *slot : found) {
        handles.push_back(slot->handle);
    }
    return handles;
}

} // namespace qae

#endif // QAE_LIB_SESSION_INSTANCE_TABLE_H
