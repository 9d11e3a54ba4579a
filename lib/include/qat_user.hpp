/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qat_user.hpp - pinned memory for C++17 and later: objects and arrays that endpoints can reach, and a memory
 * resource for containers. Header only, over qae_mem.h; link with -lqat_user.
 *
 *     auto header = qat::make_pinned<Header>(42);                     // zeroed, on any node
 *     auto keys = qat::make_pinned_on<std::byte[]>({.node = 1}, 4096); // (designators: C++20)
 *     std::uint64_t address = qat::device_address(header);
 *
 *     qat::pinned_resource node1{1};
 *     std::pmr::vector<std::byte> payload(65536, &node1);
 *
 * Everything may be used from any thread; one object, like those of the standard library, from one at a time.
 *
 * Pinned memory ends where a forked child begins (see qae_mem.h). A pinned_ptr that is destroyed in the child
 * does nothing there. A container over a pinned_resource must not be touched in the child, nor destroyed if
 * that calls destructors of its elements: leave children by _exit() or exec().
 */
#ifndef QAT_USER_HPP
#define QAT_USER_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <new>
#include <type_traits>
#include <utility>

#include "qae_mem.h"
#include "qae_mem_ext.h"

namespace qat {

inline constexpr int any_node = NUMA_ANY_NODE;

// What happens to the content of memory that is freed. Other processes never see it either way.
enum class on_free {
    clear, // qaeMemFreeNUMA(): nobody sees it again
    keep,  // qaeMemFreeNonZeroNUMA(): faster; later memory of this process may show it
};

// No pinned memory: what() is the sentence of qaeLastError(), code() the number of qaeLastErrno().
class pinned_bad_alloc : public std::bad_alloc {
public:
    // Of the last failure in this thread.
    pinned_bad_alloc() noexcept : code_(qaeLastErrno()) {
        const char *reason = qaeLastError();
        const std::size_t length = std::min(std::strlen(reason), sizeof(reason_) - 1);
        std::memcpy(reason_, reason, length);
        reason_[length] = '\0';
    }
    const char *what() const noexcept override { return reason_; }
    int code() const noexcept { return code_; }

private:
    int code_;
    char reason_[512];
};

// Where memory should lie, and what becomes of it.
struct placement {
    int node = any_node;       // honoured strictly
    std::size_t alignment = 1; // of the address that endpoints use, bytes; at least the type's in any case
    on_free freeing = on_free::clear;
};

// The address that endpoints use, of any byte of a live block; 0 with a reason in qaeLastError() for what is
// none.
inline std::uint64_t device_address(const volatile void *pointer) noexcept {
    return qaeVirtToPhysNUMA(const_cast<void *>(pointer));
}
template <class T, class D> std::uint64_t device_address(const std::unique_ptr<T, D> &pointer) noexcept {
    return device_address(static_cast<const volatile void *>(pointer.get()));
}

// The pointer for such an address; nullptr with a reason in qaeLastError().
template <class T = void> T *pointer_at(std::uint64_t device_address) noexcept {
    return static_cast<T *>(qaePhysToVirtNUMA(device_address));
}

namespace detail {

inline void *allocate(std::size_t bytes, std::size_t alignment, const placement &where) {
    void *block =
        qaeMemAllocNUMA(std::max<std::size_t>(bytes, 1), where.node, std::max(alignment, where.alignment));
    if (block == nullptr) {
        throw pinned_bad_alloc();
    }
    return block;
}

inline void release(void *block, on_free freeing) noexcept {
    if (freeing == on_free::clear) {
        qaeMemFreeNUMA(&block);
    } else {
        qaeMemFreeNonZeroNUMA(&block);
    }
}

// Frees memory again if a constructor throws.
class holder {
public:
    holder(void *block, on_free freeing) noexcept : block_(block), freeing_(freeing) {}
    ~holder() {
        if (block_ != nullptr) {
            release(block_, freeing_);
        }
    }
    holder(const holder &) = delete;
    holder &operator=(const holder &) = delete;
    void let_go() noexcept { block_ = nullptr; }

private:
    void *block_;
    on_free freeing_;
};

// The largest alignment that pointers have as device addresses have it.
inline constexpr std::size_t max_alignment = std::size_t{2} << 20;

} // namespace detail

// Destroys and frees. In a forked child, where the object is not there, it does nothing.
template <class T> class pinned_delete {
public:
    constexpr explicit pinned_delete(on_free freeing = on_free::clear) noexcept : freeing_(freeing) {}

    void operator()(T *object) const noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            if (device_address(object) != 0) {
                object->~T();
            }
        }
        detail::release(const_cast<std::remove_cv_t<T> *>(object), freeing_);
    }

private:
    on_free freeing_;
};

template <class T> class pinned_delete<T[]> {
public:
    constexpr explicit pinned_delete(std::size_t count = 0, on_free freeing = on_free::clear) noexcept
        : count_(count), freeing_(freeing) {}

    void operator()(T *first) const noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            if (device_address(first) != 0) {
                std::destroy_n(first, count_);
            }
        }
        detail::release(const_cast<std::remove_cv_t<T> *>(first), freeing_);
    }

    // Elements.
    std::size_t count() const noexcept { return count_; }

private:
    std::size_t count_;
    on_free freeing_;
};

// Owns one object, or an array whose length is get_deleter().count().
template <class T> using pinned_ptr = std::unique_ptr<T, pinned_delete<T>>;

// make_pinned_on<T>(where, arguments…): an object. Throws pinned_bad_alloc, and what its constructor throws.
template <class T, class... Arguments, std::enable_if_t<!std::is_array_v<T>, int> = 0>
pinned_ptr<T> make_pinned_on(const placement &where, Arguments &&...arguments) {
    static_assert(alignof(T) <= detail::max_alignment, "pinned memory is not aligned that much");
    void *block = detail::allocate(sizeof(T), alignof(T), where);
    detail::holder holder(block, where.freeing);
    T *object = ::new (block) T(std::forward<Arguments>(arguments)...);
    holder.let_go();
    return pinned_ptr<T>(object, pinned_delete<T>(where.freeing));
}

// make_pinned_on<T[]>(where, count): that many elements, each T(): numbers are 0.
template <class T, std::enable_if_t<std::is_array_v<T> && std::extent_v<T> == 0, int> = 0>
pinned_ptr<T> make_pinned_on(const placement &where, std::size_t count) {
    using Element = std::remove_extent_t<T>;
    static_assert(alignof(Element) <= detail::max_alignment, "pinned memory is not aligned that much");
    const std::size_t bytes = count > SIZE_MAX / sizeof(Element) ? SIZE_MAX : count * sizeof(Element);
    void *block = detail::allocate(bytes, alignof(Element), where);
    detail::holder holder(block, where.freeing);
    auto *first = static_cast<Element *>(block);
    std::uninitialized_value_construct_n(first, count);
    holder.let_go();
    return pinned_ptr<T>(first, pinned_delete<T>(count, where.freeing));
}

// The same on any node.
template <class T, class... Arguments> pinned_ptr<T> make_pinned(Arguments &&...arguments) {
    return make_pinned_on<T>(placement{}, std::forward<Arguments>(arguments)...);
}

// Pinned memory for containers: std::pmr::vector<std::byte> and the like. allocate() throws pinned_bad_alloc.
// Resources of the same node that free in the same way are equal: what one allocated, another may free.
class pinned_resource : public std::pmr::memory_resource {
public:
    explicit pinned_resource(int node = any_node, on_free freeing = on_free::clear) noexcept
        : where_{node, 1, freeing} {}

    int node() const noexcept { return where_.node; }

private:
    void *do_allocate(std::size_t bytes, std::size_t alignment) override {
        return detail::allocate(bytes, alignment, where_);
    }

    void do_deallocate(void *block, std::size_t, std::size_t) override {
        detail::release(block, where_.freeing);
    }

    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override {
#ifdef __cpp_rtti
        const auto *same = dynamic_cast<const pinned_resource *>(&other);
        return same != nullptr && same->where_.node == where_.node && same->where_.freeing == where_.freeing;
#else
        return this == &other;
#endif
    }

    placement where_;
};

} // namespace qat

#endif // QAT_USER_HPP
