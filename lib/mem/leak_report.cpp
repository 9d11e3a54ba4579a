// SPDX-License-Identifier: BSD-3-Clause
#include "mem/leak_report.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "mem/address/units.h"
#include "process/abi.h"

namespace qae {
namespace {

constinit LeakReport g_report;

constexpr std::size_t kMaxLines = 20; // of callers
constexpr std::size_t kStep = 64 << 10;

std::string amount(std::uint64_t blocks, std::uint64_t bytes) {
    return fmt::format("{} {}, {} bytes", blocks, blocks == 1 ? "block" : "blocks", bytes);
}

// "function+0x1c (module+0x11d4)". The module offset is for addr2line, where no symbol is known.
void print_caller(std::uint64_t blocks, std::uint64_t bytes, std::uintptr_t caller) {
    Dl_info where{};
    // Look the call itself up: the return address is in the next function if the call came last.
    if (dladdr(reinterpret_cast<void *>(caller - 1), &where) == 0 || where.dli_fname == nullptr) {
        tell("  {}, allocated at {:#x}", amount(blocks, bytes), caller);
        return;
    }
    const std::uintptr_t in_module = caller - reinterpret_cast<std::uintptr_t>(where.dli_fbase);
    if (where.dli_sname == nullptr) {
        tell("  {}, allocated in {}+{:#x}", amount(blocks, bytes), where.dli_fname, in_module);
        return;
    }
    int status = 0;
    char *plain = abi::__cxa_demangle(where.dli_sname, nullptr, nullptr, &status);
    tell("  {}, allocated in {}+{:#x} ({}+{:#x})", amount(blocks, bytes),
         plain != nullptr ? plain : where.dli_sname,
         caller - reinterpret_cast<std::uintptr_t>(where.dli_saddr), where.dli_fname, in_module);
    std::free(plain);
}

} // namespace

LeakReport &leak_report() noexcept { return g_report; }

class LeakReport::Totals {
public:
    void add(std::uintptr_t caller, std::uint64_t bytes) {
        Entry &entry = by_caller_[caller];
        ++entry.blocks;
        entry.bytes += bytes;
        ++all_.blocks;
        all_.bytes += bytes;
    }

    std::uint64_t blocks() const { return all_.blocks; }
    std::uint64_t bytes() const { return all_.bytes; }

    void print() const {
        std::vector<std::pair<std::uintptr_t, Entry>> callers(by_caller_.begin(), by_caller_.end());
        std::sort(callers.begin(), callers.end(), [](const auto &a, const auto &b) {
            return a.second.bytes != b.second.bytes ? a.second.bytes > b.second.bytes : a.first < b.first;
        });
        const std::size_t shown = callers.size() <= kMaxLines ? callers.size() : kMaxLines - 1;
        Entry rest{};
        for (std::size_t i = 0; i < callers.size(); ++i) {
            const auto &[caller, entry] = callers[i];
            if (i < shown) {
                print_caller(entry.blocks, entry.bytes, caller);
            } else {
                rest.blocks += entry.blocks;
                rest.bytes += entry.bytes;
            }
        }
        if (shown < callers.size()) {
            tell("  {}, allocated in {} more places", amount(rest.blocks, rest.bytes),
                 callers.size() - shown);
        }
    }

private:
    struct Entry {
        std::uint64_t blocks = 0;
        std::uint64_t bytes = 0;
    };

    std::unordered_map<std::uintptr_t, Entry> by_caller_;
    Entry all_;
};

bool LeakReport::grow(const Window &window, std::size_t index) noexcept {
    std::lock_guard lock(mutex_);
    const std::size_t room = window.size() / kGranule;
    if (room_ != room) { // the first time in this process
        records_.release();
        room_ = 0;
        if (!records_.reserve(room)) {
            return false;
        }
        room_ = room;
    }
    const std::size_t end = std::min(room, (index / kStep + 1) * kStep);
    if (end <= usable_.load(std::memory_order_relaxed)) {
        return true;
    }
    if (!records_.commit(end)) {
        return false;
    }
    usable_.store(end, std::memory_order_release);
    return true;
}

void LeakReport::record(const Window &window, const void *block, std::size_t size,
                        const void *caller) noexcept {
    const std::size_t index = (reinterpret_cast<std::uintptr_t>(block) - window.base()) / kGranule;
    if (index >= usable_.load(std::memory_order_acquire) && !grow(window, index)) {
        missed_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    Record &record = records_[index];
    std::atomic_ref(record.size).store(size, std::memory_order_relaxed);
    std::atomic_ref(record.caller).store(reinterpret_cast<std::uintptr_t>(caller), std::memory_order_relaxed);
}

void LeakReport::add_up(const Window &window, IsLiveStart is_live_start, Totals &totals) {
    const std::size_t end = usable_.load(std::memory_order_acquire);
    for (std::size_t index = 0; index < end; ++index) {
        const std::uintptr_t caller = std::atomic_ref(records_[index].caller).load(std::memory_order_relaxed);
        // Records of freed blocks remain. Inside a larger block that was allocated later they do not count.
        if (caller != 0 && is_live_start(window.base() + index * kGranule)) {
            totals.add(caller, std::atomic_ref(records_[index].size).load(std::memory_order_relaxed));
        }
    }
}

void LeakReport::print(const Window &window, IsLiveStart is_live_start) noexcept {
    const auto was_used = [this] {
        return usable_.load(std::memory_order_relaxed) != 0 || missed_.load(std::memory_order_relaxed) != 0;
    };
    if (!was_used()) {
        return;
    }
    guarded([&] {
        enter_process(); // the child of a raw clone must not report its parent's blocks
        if (!was_used()) {
            return;
        }
        const std::uint64_t missed = missed_.load(std::memory_order_relaxed);
        Totals totals;
        add_up(window, is_live_start, totals);
        if (totals.blocks() == 0 && missed == 0) {
            tell("process {}: no pinned memory leaked", getpid());
            return;
        }
        tell("process {}: pinned memory leaked: {}", getpid(), amount(totals.blocks(), totals.bytes()));
        totals.print();
        if (missed != 0) {
            tell("  {} allocations were not recorded, for want of memory", missed);
        }
    });
}

void LeakReport::after_fork_in_child() noexcept {
    usable_.store(0, std::memory_order_relaxed); // the records read as zero
    missed_.store(0, std::memory_order_relaxed);
    mutex_.reset_in_child();
}

} // namespace qae
