/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Pinned memory for C++17 and later: objects and arrays that endpoints can reach, and a
 * memory resource for containers.
 *
 * The header contains all of its code and works on top of qae_mem.h. Link with -lqat_user.
 *
 * @code{.cpp}
 * auto header = qat::make_pinned<Header>(42);                      // zeroed, on any node
 * auto keys = qat::make_pinned_on<std::byte[]>({.node = 1}, 4096); // (designators: C++20)
 * std::uint64_t address = qat::device_address(header);
 *
 * qat::pinned_resource node1{1};
 * std::pmr::vector<std::byte> payload(65536, &node1);
 * @endcode
 *
 * @par Threads
 * Everything may be used from any thread. As in the standard library, two threads must not use one
 * object at the same time.
 *
 * @par Fork
 * A child of fork() does not have the pinned memory of its parent: see qae_mem.h. A
 * qat::pinned_ptr that is destroyed in the child does nothing there. A container over a
 * qat::pinned_resource must not be touched in the child. It must not be destroyed there either if
 * that calls destructors of its elements: leave such a child by _exit() or exec().
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

/** @brief Pinned memory for C++. */
namespace qat {

/** @brief Stands for any NUMA node. */
inline constexpr int any_node = NUMA_ANY_NODE;

/**
 * @brief What happens to the content of memory that is freed.
 *
 * Other processes never see the content either way.
 */
enum class on_free {
    clear, /**< qaeMemFreeNUMA(): nobody sees the content again */
    keep, /**< qaeMemFreeNonZeroNUMA(): faster; later memory of this process may show the content */
};

/** @brief Thrown when pinned memory cannot be allocated. */
class pinned_bad_alloc : public std::bad_alloc {
public:
    /** @brief Records the last failure in this thread. */
    pinned_bad_alloc() noexcept : code_(qaeLastErrno()) {
        const char *reason = qaeLastError();
        const std::size_t length = std::min(std::strlen(reason), sizeof(reason_) - 1);
        std::memcpy(reason_, reason, length);
        reason_[length] = '\0';
    }
    /**
     * @brief Returns the reason of the failure.
     *
     * @return the sentence that qaeLastError() returned; valid as long as the exception
     */
    const char *what() const noexcept override { return reason_; }
    /**
     * @brief Returns the error number of the failure.
     *
     * @return the positive errno value that qaeLastErrno() returned
     */
    int code() const noexcept { return code_; }

private:
    int code_;
    char reason_[512];
};

/** @brief Where memory should lie, and what happens to its content when it is freed. */
struct placement {
    int node =
        any_node; /**< NUMA node, honoured strictly: the memory lies there or there is none */
    /**
     * @brief Alignment in bytes of the address that endpoints use.
     *
     * It is never less than the alignment of the type.
     */
    std::size_t alignment = 1;
    on_free freeing = on_free::clear; /**< what happens to the content of freed memory */
};

/**
 * @brief Translates a pointer into pinned memory to the address that endpoints use.
 *
 * @param[in] pointer any byte of a live block
 *
 * @return the address; 0 if @p pointer is not in a live block, with the reason in qaeLastError()
 */
inline std::uint64_t device_address(const volatile void *pointer) noexcept {
    return qaeVirtToPhysNUMA(const_cast<void *>(pointer));
}
/**
 * @brief Returns the address that endpoints use for an object or array.
 *
 * @tparam T type of the object, or of the array
 * @tparam D type of the deleter
 * @param[in] pointer owner of the object or array
 *
 * @return the address; 0 if it is not in a live block, with the reason in qaeLastError()
 */
template <class T, class D>
std::uint64_t device_address(const std::unique_ptr<T, D> &pointer) noexcept {
    return device_address(static_cast<const volatile void *>(pointer.get()));
}

/**
 * @brief Translates an address that endpoints use to a pointer of this process.
 *
 * @tparam T type of the object at that address
 * @param[in] device_address any address that qat::device_address() could return at this moment
 *
 * @return the pointer; nullptr if the address is not in a live block, with the reason in
 *         qaeLastError()
 */
template <class T = void> T *pointer_at(std::uint64_t device_address) noexcept {
    return static_cast<T *>(qaePhysToVirtNUMA(device_address));
}

namespace detail {

inline void *allocate(std::size_t bytes, std::size_t alignment, const placement &where) {
    void *block = qaeMemAllocNUMA(std::max<std::size_t>(bytes, 1), where.node,
                                  std::max(alignment, where.alignment));
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

// Frees the memory if a constructor throws.
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

// Up to this alignment, a pointer is aligned as its device address is.
inline constexpr std::size_t max_alignment = std::size_t{2} << 20;

} // namespace detail

/**
 * @brief The deleter of qat::pinned_ptr for one object.
 *
 * @tparam T type of the object
 */
template <class T> class pinned_delete {
public:
    /**
     * @brief Makes a deleter.
     *
     * @param[in] freeing what happens to the content of the memory
     */
    constexpr explicit pinned_delete(on_free freeing = on_free::clear) noexcept
        : freeing_(freeing) {}

    /**
     * @brief Destroys the object and frees the memory.
     *
     * It does nothing in a child of fork(), where the memory of the parent does not exist.
     *
     * @param[in] object the object
     */
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

/**
 * @brief The deleter of qat::pinned_ptr for an array.
 *
 * @tparam T type of the elements
 */
template <class T> class pinned_delete<T[]> {
public:
    /**
     * @brief Makes a deleter.
     *
     * @param[in] count number of elements
     * @param[in] freeing what happens to the content of the memory
     */
    constexpr explicit pinned_delete(std::size_t count = 0,
                                     on_free freeing = on_free::clear) noexcept
        : count_(count), freeing_(freeing) {}

    /**
     * @brief Destroys the elements and frees the memory.
     *
     * It does nothing in a child of fork(), where the memory of the parent does not exist.
     *
     * @param[in] first the first element
     */
    void operator()(T *first) const noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            if (device_address(first) != 0) {
                std::destroy_n(first, count_);
            }
        }
        detail::release(const_cast<std::remove_cv_t<T> *>(first), freeing_);
    }

    /**
     * @brief Returns the length of the array.
     *
     * @return number of elements
     */
    std::size_t count() const noexcept { return count_; }

private:
    std::size_t count_;
    on_free freeing_;
};

/**
 * @brief Owns one object, or an array whose length is get_deleter().count().
 *
 * @tparam T type of the object, or E[] for an array of E
 */
template <class T> using pinned_ptr = std::unique_ptr<T, pinned_delete<T>>;

/**
 * @brief Makes an object in pinned memory: make_pinned_on<T>(where, arguments...).
 *
 * @tparam T type of the object
 * @tparam Arguments types of the arguments
 * @param[in] where where the memory should lie
 * @param[in] arguments arguments of the constructor of @p T
 *
 * @return the owner of the object, never empty
 *
 * @throws pinned_bad_alloc there is no such memory. Exceptions of the constructor pass through, and
 * the memory is freed then
 */
template <class T, class... Arguments, std::enable_if_t<!std::is_array_v<T>, int> = 0>
pinned_ptr<T> make_pinned_on(const placement &where, Arguments &&...arguments) {
    static_assert(alignof(T) <= detail::max_alignment, "pinned memory is not aligned that much");
    void *block = detail::allocate(sizeof(T), alignof(T), where);
    detail::holder holder(block, where.freeing);
    T *object = ::new (block) T(std::forward<Arguments>(arguments)...);
    holder.let_go();
    return pinned_ptr<T>(object, pinned_delete<T>(where.freeing));
}

/**
 * @brief Makes an array in pinned memory: make_pinned_on<E[]>(where, count).
 *
 * Each element is value-initialised, so numbers are 0.
 *
 * @tparam T type of the array, E[]
 * @param[in] where where the memory should lie
 * @param[in] count number of elements
 *
 * @return the owner of the array, never empty
 *
 * @throws pinned_bad_alloc there is no such memory. Exceptions of constructors pass through, and
 * the memory is freed then
 */
template <class T, std::enable_if_t<std::is_array_v<T> && std::extent_v<T> == 0, int> = 0>
pinned_ptr<T> make_pinned_on(const placement &where, std::size_t count) {
    using Element = std::remove_extent_t<T>;
    static_assert(alignof(Element) <= detail::max_alignment,
                  "pinned memory is not aligned that much");
    const std::size_t bytes =
        count > SIZE_MAX / sizeof(Element) ? SIZE_MAX : count * sizeof(Element);
    void *block = detail::allocate(bytes, alignof(Element), where);
    detail::holder holder(block, where.freeing);
    auto *first = static_cast<Element *>(block);
    std::uninitialized_value_construct_n(first, count);
    holder.let_go();
    return pinned_ptr<T>(first, pinned_delete<T>(count, where.freeing));
}

/**
 * @brief Makes an object or an array in pinned memory on any node.
 *
 * @tparam T type of the object, or E[] for an array of E
 * @tparam Arguments types of the arguments
 * @param[in] arguments arguments of the constructor of @p T, or the number of elements
 *
 * @return the owner, never empty
 *
 * @throws pinned_bad_alloc there is no memory. Exceptions of constructors pass through, and the
 * memory is freed then
 */
template <class T, class... Arguments> pinned_ptr<T> make_pinned(Arguments &&...arguments) {
    return make_pinned_on<T>(placement{}, std::forward<Arguments>(arguments)...);
}

/**
 * @brief Pinned memory for containers such as std::pmr::vector<std::byte>.
 *
 * allocate() throws pinned_bad_alloc. Resources of the same node that free in the same way are
 * equal: one may free what another allocated. Without run-time type information, a resource equals
 * only itself.
 */
class pinned_resource : public std::pmr::memory_resource {
public:
    /**
     * @brief Makes a resource.
     *
     * @param[in] node NUMA node, honoured strictly, or qat::any_node
     * @param[in] freeing what happens to the content of freed memory
     */
    explicit pinned_resource(int node = any_node, on_free freeing = on_free::clear) noexcept
        : where_{node, 1, freeing} {}

    /**
     * @brief Returns the NUMA node of the resource.
     *
     * @return the node that the constructor received
     */
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
        return same != nullptr && same->where_.node == where_.node &&
               same->where_.freeing == where_.freeing;
#else
        return this == &other;
#endif
    }

    placement where_;
};

} // namespace qat

#endif // QAT_USER_HPP
