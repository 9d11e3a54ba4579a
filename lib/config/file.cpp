// SPDX-License-Identifier: BSD-3-Clause
#include "config/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/text.h"
#include "config/endpoint_type.h"

namespace qae {
namespace {

// Far above any real file, which has a few KiB, yet low enough to refuse /dev/zero at once.
constexpr std::size_t kLargestFile = std::size_t{8} << 20;

// Opening never waits: a named pipe without a writer would keep the program for ever.
class File {
public:
    explicit File(const std::string &path)
        : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
    ~File() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    bool is_open() const { return fd_ >= 0; }

    bool is_pipe() const {
        struct stat status;
        return fstat(fd_, &status) == 0 && S_ISFIFO(status.st_mode);
    }

    // Waits for the writer of a pipe.
    ssize_t read_some(char *into, std::size_t size) {
        for (;;) {
            const ssize_t got = read(fd_, into, size);
            if (got >= 0 || (errno != EINTR && errno != EAGAIN)) {
                return got;
            }
            pollfd wait{fd_, POLLIN, 0};
            static_cast<void>(poll(&wait, 1, -1));
        }
    }

private:
    int fd_;
};

} // namespace

std::optional<std::string> read_config_file(const std::string &path, Findings &findings) {
    File file(path);
    if (!file.is_open()) {
        findings.error({}, fmt::format("cannot open the file: {}", std::strerror(errno)));
        return std::nullopt;
    }
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t got = file.read_some(buffer.data(), buffer.size());
        if (got < 0) {
            findings.error({}, fmt::format("cannot read the file: {}", std::strerror(errno)));
            return std::nullopt;
        }
        if (got == 0 && text.empty() && file.is_pipe()) {
            findings.error({}, "the file is a pipe, and nothing was written to it");
            return std::nullopt;
        }
        if (got == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > kLargestFile) {
            findings.error({}, fmt::format("the file is larger than {} MiB: it is not a configuration file",
                                           kLargestFile >> 20));
            return std::nullopt;
        }
    }
}

std::string config_path(std::string_view directory, std::string_view type, std::uint32_t index) {
    return fmt::format("{}/{}_dev{}.conf", directory, type, index);
}

ConfigFileName parse_config_file_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    const std::size_t bar = name.find('_');
    ConfigFileName result;
    if (bar == std::string_view::npos || !find_endpoint_type(name.substr(0, bar))) {
        return result;
    }
    result.type = name.substr(0, bar);
    name.remove_prefix(bar + 1);
    if (!name.starts_with("dev")) {
        return result;
    }
    name.remove_prefix(3);
    const std::string_view digits = name.substr(0, name.find_first_not_of("0123456789"));
    const auto index = digits.size() <= 9 ? parse_unsigned(digits) : std::nullopt;
    if (index) {
        result.index = static_cast<std::uint32_t>(*index);
    }
    return result;
}

} // namespace qae
