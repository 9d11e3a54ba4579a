// SPDX-License-Identifier: BSD-3-Clause
// I/O from and to pinned memory: the table of docs/memory.md, row by row.
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "support/cmocka_cpp.h"
#include "support/io_ways.h"
#include <qae_mem.h>

namespace {

constexpr std::size_t kLength = 65536;

// A file that is shared with the host over 9p without a cache.
const char *scratch() { return std::getenv("QAE_SCRATCH"); }

// Some ways need the loopback device.
int bring_loopback_up(void **) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP;
    const int result = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return result;
}

// Without this the refusals would prove nothing.
void ordinary_memory_takes_every_kind_of_io(void **) {
    void *memory = nullptr;
    assert_int_equal(posix_memalign(&memory, 4096, kLength), 0);
    qae::test::assert_io(static_cast<unsigned char *>(memory), kLength, false, scratch());
    std::free(memory);
}

void MEM_24_pinned_memory_takes_io_that_copies(void **) {
    void *block = qaeMemAllocNUMA(kLength, NUMA_ANY_NODE, 4096);
    assert_non_null(block);
    qae::test::assert_io(static_cast<unsigned char *>(block), kLength, true, scratch());
    qaeMemFreeNUMA(&block);
    assert_null(block);
}

// 0, or what read() or write() of a file in the scratch folder failed with.
int use_uncached_file(void *memory, bool writes) {
    const std::string path = std::string(scratch()) + "/uncached.bin";
    const std::string content(kLength, '\xee');
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, content.data(), kLength, 0), kLength);
    const ssize_t moved = writes ? pwrite(fd, memory, kLength, 0) : pread(fd, memory, kLength, 0);
    const int error = moved < 0 ? errno : 0;
    close(fd);
    unlink(path.c_str());
    return error;
}

void MEM_24_a_file_system_without_a_cache_takes_no_pinned_memory(void **) {
    void *memory = nullptr;
    assert_int_equal(posix_memalign(&memory, 4096, kLength), 0);
    std::memset(memory, 0x5a, kLength);
    void *block = qaeMemAllocNUMA(kLength, NUMA_ANY_NODE, 4096);
    assert_non_null(block);
    for (const bool writes : {false, true}) {
        assert_int_equal(use_uncached_file(memory, writes), 0);
        assert_int_equal(use_uncached_file(block, writes), EFAULT);
    }
    qaeMemFreeNUMA(&block);
    std::free(memory);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_memory_takes_every_kind_of_io),
        cmocka_unit_test(MEM_24_pinned_memory_takes_io_that_copies),
        cmocka_unit_test(MEM_24_a_file_system_without_a_cache_takes_no_pinned_memory),
    };
    return cmocka_run_group_tests(tests, bring_loopback_up, nullptr);
}
