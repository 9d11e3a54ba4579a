// SPDX-License-Identifier: BSD-3-Clause
#include "support/program.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace qae::test {
namespace {

constexpr char kMark[] = "--scene";

// A file rather than a pipe, so that nobody has to read while the program writes.
int new_file() {
    const int file = memfd_create("output", 0);
    scene_check(file >= 0, "memfd_create", __FILE__, __LINE__);
    return file;
}

std::string content(int file) {
    std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
    const ssize_t length = pread(file, text.data(), text.size(), 0);
    scene_check(length == static_cast<ssize_t>(text.size()), "pread", __FILE__, __LINE__);
    close(file);
    return text;
}

[[noreturn]] void become_program(const std::string &path, std::vector<std::string> arguments,
                                 const Environment &environment) {
    for (const char *name :
         {"QAT_USER_MODE", "QAT_USER_MEM_KEEP", "QAT_USER_LEAK_REPORT", "QAT_USER_LOG", "QAT_USER_HUGEPAGES",
          "QAT_USER_IOVA_BITS", "QAT_USER_PLANE", "QAT_USER_PLANE_DIR", "QAT_USER_CONF"}) {
        unsetenv(name);
    }
    for (const auto &[name, value] : environment) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    arguments.insert(arguments.begin(), path);
    std::vector<char *> words;
    for (std::string &argument : arguments) {
        words.push_back(argument.data());
    }
    words.push_back(nullptr);
    execv(path.c_str(), words.data());
    std::perror(path.c_str());
    _exit(127);
}

std::string self() {
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
    scene_check(length > 0, "readlink", __FILE__, __LINE__);
    return {path, static_cast<std::size_t>(length)};
}

} // namespace

Outcome run_program(const std::string &path, const std::vector<std::string> &arguments,
                    const Environment &environment) {
    const int out = new_file();
    const int err = new_file();
    const pid_t child = fork();
    if (child == 0) {
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        close(out);
        close(err);
        become_program(path, arguments, environment);
    }
    int status = 0;
    scene_check(waitpid(child, &status, 0) == child, "waitpid", __FILE__, __LINE__);
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), content(out), content(err)};
}

Outcome run_scene(const std::string &scene, const Environment &environment) {
    return run_program(self(), {kMark, scene}, environment);
}

void play_scene(int argc, char **argv, const std::vector<Scene> &scenes) {
    if (argc != 3 || std::strcmp(argv[1], kMark) != 0) {
        return;
    }
    for (const Scene &scene : scenes) {
        if (std::strcmp(argv[2], scene.name) == 0) {
            scene.play();
            std::exit(0);
        }
    }
    scene_check(false, argv[2], __FILE__, __LINE__);
}

std::string built(const std::string &path) {
    const std::string program = self();
    return program.substr(0, program.rfind("/tests/user/") + 1) + path;
}

std::vector<std::string> lines_with(const std::string &text, const std::string &part) {
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.find(part) != std::string::npos) {
            found.push_back(line);
        }
    }
    return found;
}

void scene_check(bool condition, const char *text, const char *file, int line) {
    if (!condition) {
        std::fprintf(stderr, "%s:%d: %s\n", file, line, text);
        _exit(99);
    }
}

} // namespace qae::test
