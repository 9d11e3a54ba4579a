// SPDX-License-Identifier: BSD-3-Clause
// Running a program, or this test program once more, in an environment of its own: for what the library reads
// only once in a process, and for what it does at its end.
#ifndef QAE_TESTS_SUPPORT_PROGRAM_H
#define QAE_TESTS_SUPPORT_PROGRAM_H

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace qae::test {

struct Outcome {
    int status; // of its exit, or 128 + signal
    std::string out;
    std::string err;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// Waits for its end. @environment is added to this process's, without any QAT_USER_… of that.
Outcome run_program(const std::string &path, const std::vector<std::string> &arguments,
                    const Environment &environment);

// This program, which hands @scene to play_scene().
Outcome run_scene(const std::string &scene, const Environment &environment);

struct Scene {
    const char *name;
    void (*play)();
};

// In main(): if this process was started by run_scene(), plays that and exits; else returns.
void play_scene(int argc, char **argv, const std::vector<Scene> &scenes);

// What is built beside this test: "bin/qaectl" of the same build directory.
std::string built(const std::string &path);

// Lines of @text that contain @part.
std::vector<std::string> lines_with(const std::string &text, const std::string &part);

// In a scene or a forked child, where asserts of cmocka mean nothing: ends the process with status 99.
#define SCENE_CHECK(condition) qae::test::scene_check((condition), #condition, __FILE__, __LINE__)
void scene_check(bool condition, const char *text, const char *file, int line);

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_PROGRAM_H
