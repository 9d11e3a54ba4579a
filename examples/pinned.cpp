// SPDX-License-Identifier: BSD-3-Clause
// Pinned memory in C++: an object, an array and a container whose content an endpoint could read. Works
// without an endpoint; without the kernel module too: QAT_USER_MODE=plain build/bin/qae_pinned
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory_resource>
#include <vector>

#include <qat_user.hpp>

namespace {

// What an endpoint would be told: where the parts of a message are.
struct Descriptor {
    std::uint64_t address;
    std::uint32_t length;
    std::uint32_t flags;
};

void show(const char *what, const void *pointer) {
    qae_mem_block block{};
    block.size = sizeof(block);
    if (qaeMemGetInfo(pointer, &block) == 0) {
        std::printf("%-10s %8llu bytes granted on node %d, at a multiple of %llu\n", what,
                    static_cast<unsigned long long>(block.length), block.node,
                    static_cast<unsigned long long>(block.alignment));
    }
}

} // namespace

int main() {
    try {
        // Secrets are cleared when they go; that is the default.
        const auto key = qat::make_pinned<std::byte[]>(32);

        // Payloads that are overwritten anyway need not be.
        qat::pinned_resource payloads(qat::any_node, qat::on_free::keep);
        std::pmr::vector<std::byte> message(100'000, std::byte{0x2a}, &payloads);

        qat::placement aligned;
        aligned.alignment = 4096;
        const auto descriptor = qat::make_pinned_on<Descriptor>(aligned);
        descriptor->address = qat::device_address(message.data());
        descriptor->length = static_cast<std::uint32_t>(message.size());

        show("key", key.get());
        show("message", message.data());
        show("descriptor", descriptor.get());
        return qat::pointer_at<std::byte>(descriptor->address) == message.data() ? 0 : 1;
    } catch (const qat::pinned_bad_alloc &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
