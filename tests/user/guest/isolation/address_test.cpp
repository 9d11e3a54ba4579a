// SPDX-License-Identifier: BSD-3-Clause
// Only its owner learns where pinned memory lies, and only from the library. Nothing that the system shows of
// the process, the module or the device contains a device address, in any notation. The driver shows no
// kernel address either.
#include <fcntl.h>
#include <linux/qae_netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/kernel_log.h"
#include "support/worker.h"
#include <qae_mem.h>

namespace {

using guest::Channel;
using guest::kAlice;
using guest::kBob;
using guest::kMembers;
using guest::kPage;
using guest::Worker;
namespace fs = std::filesystem;

// The kernel's map of all memory and its array of struct page begin at a random multiple of this.
constexpr std::uint64_t kKernelBases = 1ULL << 30;
constexpr std::uint64_t kFirstKernelAddress = 0xffff800000000000ULL;
constexpr std::uint64_t kStructPage = 64;

// Device addresses, and all numbers that would reveal them.
class Needles {
public:
    explicit Needles(const std::vector<std::uint64_t> &addresses) : count_(addresses.size()) {
        for (const std::uint64_t address : addresses) {
            plain_[address] = plain_[address / kPage] = address;
            kernel_[address % kKernelBases] = kernel_[address / kPage * kStructPage % kKernelBases] = address;
        }
    }

    // Adds the addresses that @number reveals to @found, and returns their count.
    void look(std::uint64_t number, std::set<std::uint64_t> &found) const {
        const auto &map = number >= kFirstKernelAddress ? kernel_ : plain_;
        const auto at = map.find(number >= kFirstKernelAddress ? number % kKernelBases : number);
        if (at != map.end()) {
            found.insert(at->second);
        }
    }

    // A single number may match by chance; a file that reveals addresses reveals those of most regions.
    bool told_by(const std::set<std::uint64_t> &found) const { return found.size() * 4 >= count_; }

    // Tries every run of digits as hexadecimal and as decimal; leading zeroes, "0x" or a "-" after it do not
    // matter.
    std::set<std::uint64_t> in_text(const std::string &text) const {
        std::set<std::uint64_t> found;
        for (std::size_t at = 0; at < text.size();) {
            std::size_t end = at;
            while (end < text.size() && std::isxdigit(static_cast<unsigned char>(text[end])) != 0) {
                ++end;
            }
            if (end - at >= 4 && end - at <= 24) {
                const std::string run = text.substr(at, end - at);
                look(std::strtoull(run.c_str(), nullptr, 16), found);
                if (run.find_first_not_of("0123456789") == std::string::npos) {
                    look(std::strtoull(run.c_str(), nullptr, 10), found);
                }
            }
            at = end + 1;
        }
        return found;
    }

    // A number of 8 or 4 bytes at any offset.
    std::set<std::uint64_t> in_bytes(const std::string &bytes) const {
        std::set<std::uint64_t> found;
        for (std::size_t at = 0; at + 4 <= bytes.size(); ++at) {
            std::uint64_t number = 0;
            std::memcpy(&number, bytes.data() + at, 4);
            look(number, found);
            if (at + 8 <= bytes.size()) {
                std::memcpy(&number, bytes.data() + at, 8);
                look(number, found);
            }
        }
        return found;
    }

private:
    std::size_t count_;
    std::map<std::uint64_t, std::uint64_t> plain_, kernel_;
};

// Some files of sysfs and procfs fail in the middle of a read; the part before that counts.
std::string content_of(const fs::path &path) {
    std::string content;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char buffer[16384];
    for (ssize_t got; fd >= 0 && (got = read(fd, buffer, sizeof(buffer))) > 0;) {
        content.append(buffer, static_cast<std::size_t>(got));
    }
    if (fd >= 0) {
        close(fd);
    }
    return content;
}

// A process with regions and blocks, all of them written to.
int own_memory(Channel &channel) {
    guest::become(kAlice, kMembers);
    const int fd = raw_open();
    WORKER_CHECK(fd >= 0);
    std::ostringstream told;
    for (int i = 0; i < 24; ++i) {
        qae_mem_alloc granted;
        const std::size_t size = i % 4 == 0 ? guest::kHuge : 16 * kPage;
        WORKER_CHECK(raw_alloc(fd, size, 1, QAE_NODE_ANY, &granted) == 0);
        void *p = raw_map(fd, granted.mmap_offset, size);
        WORKER_CHECK(p != nullptr);
        guest::fill_pattern(p, size, 1);
        told << granted.device_address << ' ';
        void *block = qaeMemAllocNUMA(128 << 10, NUMA_ANY_NODE, kPage);
        WORKER_CHECK(block != nullptr);
        std::memset(block, 1, 128 << 10);
        told << qaeVirtToPhysNUMA(block) << ' ';
    }
    channel.say(told.str());
    static_cast<void>(channel.hear());
    return 0;
}

std::vector<std::uint64_t> addresses_of(Worker &owner) {
    std::istringstream text(owner.hear());
    std::vector<std::uint64_t> addresses{std::istream_iterator<std::uint64_t>(text), {}};
    assert_int_equal(addresses.size(), 48);
    return addresses;
}

void MEM_24_the_search_finds_what_is_told(void **) {
    const std::vector<std::uint64_t> addresses = {0x3a600000, 0x12345000, 0x7000, 0x1fffff000};
    const Needles needles(addresses);
    std::ostringstream text;
    for (const std::uint64_t address : addresses) {
        text << "a:" << std::hex << address << "-x 0x000" << address << std::dec << ' ' << address;
    }
    assert_int_equal(needles.in_text(text.str()).size(), addresses.size());
    assert_int_equal(needles.in_text("0x3a600 74565").size(), 2); // frame numbers
    assert_int_equal(needles.in_text("ffff9c743a600000 ffffea000048d140").size(), 1 + 1);
    assert_int_equal(needles.in_text("nothing at all 3a600001 12346").size(), 0);
    assert_int_equal(needles.in_bytes(std::string("?\0\0\x60\x3a\0\0\0\0", 9)).size(), 1);
}

// All files below @path that this user may read, as one text.
void add_tree(const fs::path &path, std::map<std::string, std::string> &sources) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        sources[path] = content_of(path);
        return;
    }
    const auto skip = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(path, skip, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code ignored;
        if (at->is_symlink(ignored)) {
            sources[at->path()] = fs::read_symlink(at->path(), ignored);
        } else if (at->is_regular_file(ignored)) {
            sources[at->path()] = content_of(at->path());
        }
    }
}

std::map<std::string, std::string> everything_shown(pid_t owner) {
    std::map<std::string, std::string> sources;
    const std::string proc = "/proc/" + std::to_string(owner) + '/';
    for (const char *name : {"maps", "smaps", "smaps_rollup", "numa_maps", "status", "stat", "statm", "sched",
                             "limits", "io", "fdinfo", "fd", "map_files", "stack", "wchan", "mountinfo"}) {
        add_tree(proc + name, sources);
    }
    for (const char *path :
         {"/proc/misc", "/proc/devices", "/proc/modules", "/proc/meminfo", "/proc/vmstat", "/proc/slabinfo",
          "/proc/iomem", "/proc/vmallocinfo", "/proc/interrupts", "/sys/class/misc/qae_mem",
          "/sys/module/qae", "/sys/module/qae_sim", "/sys/devices/virtual/misc/qae_mem",
          "/sys/bus/pci/drivers/qae", "/sys/kernel/tracing/events/qae", "/sys/kernel/tracing/trace"}) {
        add_tree(path, sources);
    }
    std::error_code error;
    for (const auto &entry : fs::directory_iterator("/sys/kernel/debug", error)) {
        if (entry.path().filename().string().find("qae") != std::string::npos) {
            add_tree(entry.path(), sources);
        }
    }
    sources["dmesg"] = guest::kernel_log();
    return sources;
}

int search_as(uid_t uid, gid_t gid, pid_t owner, const Needles &needles) {
    if (uid != 0) {
        guest::become(uid, gid);
    }
    const auto sources = everything_shown(owner);
    // If nothing could be read, the search proves nothing.
    const std::string maps = sources.at("/proc/" + std::to_string(owner) + "/maps");
    WORKER_CHECK(uid == kBob || maps.find("qae_mem") != std::string::npos);
    WORKER_CHECK(uid != kBob || maps.empty());
    WORKER_CHECK(sources.at("/proc/misc").find("qae_mem") != std::string::npos);
    WORKER_CHECK(uid != 0 || sources.at("dmesg").find("qae") != std::string::npos);
    for (const auto &[name, text] : sources) {
        const auto found = needles.in_text(text);
        if (needles.told_by(found)) {
            print_error("uid %u finds %zu addresses in %s\n", uid, found.size(), name.c_str());
            return 1;
        }
    }
    return 0;
}

void set_events(bool on) {
    std::ofstream("/sys/kernel/tracing/events/qae/enable") << (on ? '1' : '0') << std::endl;
}

// Searches as root, as the owner's user and as another user. Meanwhile root traces the module's events.
void MEM_24_no_file_of_the_system_tells_an_address(void **) {
    const guest::DeviceGroup group;
    set_events(true);
    Worker owner(own_memory);
    const Needles needles(addresses_of(owner));
    const pid_t pid = owner.pid();
    const std::string trace = content_of("/sys/kernel/tracing/trace");
    assert_true(trace.find("qae_region_alloc") != std::string::npos);
    assert_true(trace.find("ffff8") == std::string::npos);
    for (const auto &[uid, gid] : {std::pair{0U, 0U}, std::pair{kAlice, kMembers}, std::pair{kBob, kBob}}) {
        Worker searcher(
            [&, user = uid, its_group = gid](Channel &) { return search_as(user, its_group, pid, needles); });
        assert_int_equal(searcher.wait(), 0);
    }
    set_events(false);
    owner.say("end");
    assert_int_equal(owner.wait(), 0);
}

// The bytes of every message of the family, and of the listing of families, as they come from the socket.
std::string all_messages() {
    std::string bytes;
    nl_sock *socket = nl_socket_alloc();
    WORKER_CHECK(socket != nullptr && genl_connect(socket) == 0);
    nl_socket_disable_seq_check(socket);
    const int family = genl_ctrl_resolve(socket, QAE_GENL_NAME);
    WORKER_CHECK(family >= 0);
    for (const int command : {QAE_CMD_ENDPOINT_GET, QAE_CMD_SECTION_GET, QAE_CMD_INSTANCE_GET,
                              QAE_CMD_CLIENT_GET, QAE_CMD_MEMORY_GET}) {
        for (const int flags : {NLM_F_DUMP, NLM_F_ACK}) {
            WORKER_CHECK(genl_send_simple(socket, family, command, QAE_GENL_VERSION, flags) >= 0);
            for (bool more = true; more;) {
                sockaddr_nl from{};
                unsigned char *message = nullptr;
                const int length = nl_recv(socket, &from, &message, nullptr);
                WORKER_CHECK(length > 0);
                bytes.append(reinterpret_cast<const char *>(message), static_cast<std::size_t>(length));
                int left = length;
                for (auto *header = reinterpret_cast<nlmsghdr *>(message); nlmsg_ok(header, left);
                     header = nlmsg_next(header, &left)) {
                    more = more && header->nlmsg_type != NLMSG_DONE && header->nlmsg_type != NLMSG_ERROR;
                }
                std::free(message);
            }
        }
    }
    nl_socket_free(socket);
    return bytes;
}

void MEM_24_no_netlink_message_tells_an_address(void **) {
    const guest::DeviceGroup group;
    Worker owner(own_memory);
    const Needles needles(addresses_of(owner));
    for (const auto &[uid, gid] : {std::pair{0U, 0U}, std::pair{kAlice, kMembers}, std::pair{kBob, kBob}}) {
        Worker searcher([&, user = uid, its_group = gid](Channel &) {
            if (user != 0) {
                guest::become(user, its_group);
            }
            const std::string bytes = all_messages();
            WORKER_CHECK(bytes.size() > 200);
            WORKER_CHECK(!needles.told_by(needles.in_bytes(bytes)));
            return 0;
        });
        assert_int_equal(searcher.wait(), 0);
    }
    owner.say("end");
    assert_int_equal(owner.wait(), 0);
}

// Lines of the module in the kernel log contain no kernel address, not even after refusals.
void MEM_24_the_log_names_no_kernel_address(void **) {
    const int fd = raw_open();
    qae_mem_alloc granted;
    for (int i = 0; i < 50; ++i) {
        assert_int_equal(raw_alloc(fd, UINT64_MAX, 1, QAE_NODE_ANY, &granted), -EINVAL);
        assert_null(raw_map(fd, 1ULL << 40, kPage));
        assert_int_equal(raw_free(fd, 77), -ENOENT);
    }
    close(fd);
    std::istringstream log(guest::kernel_log());
    for (std::string line; std::getline(log, line);) {
        if (line.find("qae") != std::string::npos) {
            assert_true(line.find("ffff8") == std::string::npos &&
                        line.find("ffffffff") == std::string::npos);
        }
    }
}

// The offset for mmap() is a number of the descriptor and does not depend on where the memory lies.
void MEM_24_mapping_offsets_say_nothing_about_addresses(void **) {
    const auto before = guest::holdings();
    std::set<std::uint64_t> offsets, addresses;
    std::vector<int> descriptors;
    for (int i = 0; i < 16; ++i) {
        descriptors.push_back(raw_open());
        qae_mem_alloc granted;
        assert_int_equal(raw_alloc(descriptors.back(), kPage << i % 4, 1, QAE_NODE_ANY, &granted), 0);
        offsets.insert(granted.mmap_offset);
        addresses.insert(granted.device_address);
    }
    assert_int_equal(offsets.size(), 1);
    assert_int_equal(addresses.size(), descriptors.size());
    std::for_each(descriptors.begin(), descriptors.end(), close);
    guest::assert_holdings(before);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_24_the_search_finds_what_is_told),
        cmocka_unit_test(MEM_24_no_file_of_the_system_tells_an_address),
        cmocka_unit_test(MEM_24_no_netlink_message_tells_an_address),
        cmocka_unit_test(MEM_24_the_log_names_no_kernel_address),
        cmocka_unit_test(MEM_24_mapping_offsets_say_nothing_about_addresses),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
