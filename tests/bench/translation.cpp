// SPDX-License-Identifier: BSD-3-Clause
// Translations of addresses, each of which depends on the one before.
#include "harness.h"

#include <algorithm>
#include <bit>

namespace bench {
namespace {

// Hides from the compiler that a value is 0, so that a result can feed the next call without changing it.
uint64_t opaque_zero() {
    uint64_t zero = 0;
    asm volatile("" : "+r"(zero));
    return zero;
}

template <class Value> void shuffle(std::vector<Value> &values) {
    Random random;
    for (size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[random.below(i)]);
    }
}

// Walks over a table, whose length is a power of two, in a fixed random order. For all that the processor
// knows, the next index depends on the last result.
template <class Value, class Translate>
void walk(const std::vector<Value> &table, size_t count, Translate translate) {
    const size_t mask = std::bit_floor(table.size()) - 1;
    const uint64_t zero = opaque_zero();
    uint64_t last = 0;
    for (size_t i = 0, at = 0; i < count; ++i) {
        at = (at * 5 + 12345) & mask;
        last = translate(table[at + (last & zero)]);
    }
}

// Live blocks, and one address in each of them, in random order.
class Addresses {
public:
    Addresses(size_t count, size_t size, bool inside) {
        start_peer({.bytes = count * size, .size = size, .objects = count});
        live_ = std::make_unique<LiveBlocks>(count, size);
        Random random;
        for (void *block : live_->blocks) {
            all.push_back(static_cast<char *>(block) + (inside ? random.below(size) : 0));
        }
        shuffle(all);
    }
    std::vector<char *> all;

private:
    std::unique_ptr<LiveBlocks> live_;
};

class VirtToPhys final : public Workload {
public:
    explicit VirtToPhys(const Arguments &arguments) {
        if (!g_peer.virt_to_phys) {
            throw Refusal("no translation");
        }
        if (arguments[2] && !g_peer.inside_blocks) {
            throw Refusal("only for the start of a block");
        }
        addresses_ = std::make_unique<Addresses>(arguments[0], arguments[1], arguments[2] != 0);
        for (char *address : addresses_->all) {
            if (g_peer.virt_to_phys(address) == 0) {
                throw Refusal("a translation failed");
            }
        }
    }

    double measure() override {
        return timer_([this](size_t count) {
            walk(addresses_->all, count, [](char *address) { return g_peer.virt_to_phys(address); });
        });
    }

private:
    std::unique_ptr<Addresses> addresses_;
    Timer timer_;
};

class PhysToVirt final : public Workload {
public:
    explicit PhysToVirt(const Arguments &arguments) {
        if (!g_peer.virt_to_phys || !g_peer.phys_to_virt) {
            throw Refusal("no translation");
        }
        addresses_ = std::make_unique<Addresses>(arguments[0], arguments[1], arguments[2] != 0);
        for (char *address : addresses_->all) {
            physical_.push_back(g_peer.virt_to_phys(address));
            if (g_peer.phys_to_virt(physical_.back()) != address) {
                throw Refusal("the way back fails");
            }
        }
    }

    double measure() override {
        return timer_([this](size_t count) {
            walk(physical_, count,
                 [](uint64_t address) { return reinterpret_cast<uint64_t>(g_peer.phys_to_virt(address)); });
        });
    }

private:
    std::unique_ptr<Addresses> addresses_;
    std::vector<uint64_t> physical_;
    Timer timer_;
};

} // namespace

const std::vector<Entry> g_translations = {
    {"virt-to-phys", 3, make<VirtToPhys>}, // blocks, size, 1 for addresses inside the blocks
    {"phys-to-virt", 3, make<PhysToVirt>}, // the same
};

} // namespace bench
