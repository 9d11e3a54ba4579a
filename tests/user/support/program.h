// SPDX-License-Identifier: BSD-3-Clause
// Runs a program, or this test program once more, in an environment of its own: for what the library reads
// once per process, and for what it does at exit.
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

// Runs the program and waits for its end, with the environment of this process without its QAT_USER_…
// variables, plus @environment.
Outcome run_program(const std::string &path, const std::vector<std::string> &arguments,
                    const Environment &environment);

// Runs this program, which hands @scene to play_scene().
Outcome run_scene(const std::string &scene, const Environment &environment);

struct Scene {
    const char *name;
    void (*play)();
};

// Call it in main(): if run_scene() started this process, plays the scene and exits. Otherwise returns.
void play_scene(int argc, char **argv, const std::vector<Scene> &scenes);

// The path of a file in the build directory of this test: built("bin/qaectl").
std::string built(const std::string &path);

// Lines of @text that contain @part.
std::vector<std::string> lines_with(const std::string &text, const std::string &part);

// For a scene or a forked child, where assertions of cmocka have no effect: ends the process with status 99.
#define SCENE_CHECK(condition) qae::test::scene_check((condition), #condition, __FILE__, __LINE__)
void scene_check(bool condition, const char *text, const char *file, int line);

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_PROGRAM_H
