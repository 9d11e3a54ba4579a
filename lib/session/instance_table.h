// SPDX-License-Identifier: BSD-3-Clause
// The instances that this process holds, and their handles.
//
// A handle has the type of a pointer but is never dereferenced. It has 16 bits of slot index and 47 bits of a
// serial number, which starts at random in every process and is never used twice. A handle is valid if its
// slot holds exactly this handle, so a freed, foreign, inherited or made-up handle is recognised in O(1).
// Handles are odd, so none equals the address of an aligned object.
//
// The table has no lock: the session's mutex guards the only one.
#ifndef QAE_LIB_SESSION_INSTANCE_TABLE_H
#define QAE_LIB_SESSION_INSTANCE_TABLE_H

#include <cpa.h>
#include <linux/qae.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace qae {

// Of both services: their functions have the same type.
using NotificationFn = void (*)(const CpaInstanceHandle handle, void *tag, const CpaInstanceEvent event);

struct HeldInstance {
    CpaInstanceHandle handle = nullptr; // nullptr: the slot is free
    bool started = false;
    qae_instance facts{};
    NotificationFn notify = nullptr; // what the client registered
    void *notify_tag = nullptr;
    std::uint32_t last_state = QAE_ENDPOINT_UP; // enum qae_endpoint_state that the client was told

    bool dynamic() const noexcept { return facts.kind == QAE_INSTANCE_DYN; }
};

class InstanceTable {
public:
    // The API counts in 16 bits.
    static constexpr std::size_t kCapacity = 65536;

    constexpr InstanceTable() noexcept = default;

    // Makes room, so that the next @count calls of insert() cannot fail. False if the table is full; may
    // throw std::bad_alloc.
    bool reserve(std::size_t count);

    // Call reserve() first.
    CpaInstanceHandle insert(const qae_instance &facts) noexcept;

    // The instance that @handle names, or nullptr.
    HeldInstance *find(CpaInstanceHandle handle) noexcept;

    void erase(HeldInstance &instance) noexcept;

    template <class Visit> void for_each(Visit &&visit) {
        for (HeldInstance &slot : slots_) {
            if (slot.handle != nullptr) {
                visit(slot);
            }
        }
    }
    void clear() noexcept;

    // The handles of the instances that @wanted accepts, ordered by endpoint, then by age, oldest first.
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
