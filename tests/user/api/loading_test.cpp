// SPDX-License-Identifier: BSD-3-Clause
// The library in programs that load it late: its thread-local storage, and the archive in a plugin that is
// unloaded again. This program itself does not contain the library.
#include <dlfcn.h>
#include <elf.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/address_space.h"
#include "support/cmocka_cpp.h"
#include "support/program.h"

namespace {

using qae::test::built;
using qae::test::Environment;
using qae::test::Outcome;
using qae::test::run_scene;

const Environment kPlain = {{"QAT_USER_MODE", "plain"}};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true; // such a library does not load without the checker's run time
#else
constexpr bool kSanitized = false;
#endif

void expect_success(const Outcome &outcome) {
    if (outcome.status != 0) {
        fail_msg("status %d: %s", outcome.status, outcome.err.c_str());
    }
}

void *load(const std::string &path, int flags = RTLD_NOW | RTLD_LOCAL) {
    void *module = dlopen(path.c_str(), flags);
    if (module == nullptr && (flags & RTLD_NOLOAD) == 0) {
        std::fprintf(stderr, "%s\n", dlerror());
    }
    return module;
}

// ---- thread-local storage

std::size_t static_tls_of(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    Elf64_Ehdr header{};
    file.read(reinterpret_cast<char *>(&header), sizeof(header));
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment{};
        file.seekg(static_cast<std::streamoff>(header.e_phoff + i * sizeof(segment)));
        file.read(reinterpret_cast<char *>(&segment), sizeof(segment));
        if (segment.p_type == PT_TLS) {
            return segment.p_memsz;
        }
    }
    return file ? 0 : SIZE_MAX;
}

// All libraries that a process loads late share 1.6 KiB or so.
void the_thread_local_storage_of_the_library_is_small(void **) {
    if (kSanitized) {
        skip();
    }
    assert_in_range(static_tls_of(built("lib/libqat_user.so")), 1, 128);
}

void load_beside_a_greedy_library() {
    SCENE_CHECK(load(built("tests/user/plugins/greedy_tls.so")) != nullptr);
    void *library = load(built("lib/libqat_user.so"));
    SCENE_CHECK(library != nullptr);
    auto *init = reinterpret_cast<int (*)()>(dlsym(library, "qaeMemInit"));
    SCENE_CHECK(init != nullptr && init() == 0);
}

void the_library_is_loaded_late_beside_a_greedy_one(void **) {
    if (kSanitized) {
        skip();
    }
    expect_success(run_scene("load_beside_a_greedy_library", kPlain));
}

// ---- the archive in a plugin

using Run = int (*)();

void *load_plugin(Run &run) {
    void *plugin = load(built("tests/user/plugins/archive.so"));
    SCENE_CHECK(plugin != nullptr);
    run = reinterpret_cast<Run>(dlsym(plugin, "plugin_run"));
    SCENE_CHECK(run != nullptr);
    return plugin;
}

void unload_plugin(void *plugin) {
    SCENE_CHECK(dlclose(plugin) == 0);
    SCENE_CHECK(load(built("tests/user/plugins/archive.so"), RTLD_NOW | RTLD_NOLOAD) == nullptr);
}

// The threads end when the code that gave them caches is gone.
void outlive_the_plugin() {
    constexpr unsigned kThreads = 4;
    Run run = nullptr;
    void *plugin = load_plugin(run);
    std::atomic<unsigned> used{0};
    std::atomic<bool> unloaded{false};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            SCENE_CHECK(run() == 0);
            ++used;
            unloaded.wait(false);
        });
    }
    while (used < kThreads) {
        std::this_thread::yield();
    }
    SCENE_CHECK(run() == 0);
    unload_plugin(plugin);
    unloaded = true;
    unloaded.notify_all();
    for (std::thread &thread : threads) {
        thread.join();
    }
}

void threads_outlive_a_plugin_with_the_archive(void **) {
    if (kSanitized) {
        skip();
    }
    expect_success(run_scene("outlive_the_plugin", kPlain));
}

std::uint64_t mapped_bytes() {
    std::uint64_t bytes = 0;
    for (const qae::test::Mapping &mapping : qae::test::mappings()) {
        bytes += mapping.end - mapping.start;
    }
    return bytes;
}

// More often than a process has keys for thread-specific data.
void load_many_times() {
    Run run = nullptr;
    void *plugin = load_plugin(run);
    SCENE_CHECK(run() == 0);
    unload_plugin(plugin);
    const std::uint64_t before = mapped_bytes();
    for (unsigned i = 0; i < PTHREAD_KEYS_MAX + 100; ++i) {
        plugin = load_plugin(run);
        SCENE_CHECK(run() == 0);
        unload_plugin(plugin);
    }
    SCENE_CHECK(mapped_bytes() < before + (128 << 20));
}

void a_plugin_with_the_archive_leaves_nothing_behind(void **) {
    if (kSanitized) {
        skip();
    }
    expect_success(run_scene("load_many_times", kPlain));
}

// At exit, other threads may be anywhere in the library.
void exit_with_the_plugin() {
    Run run = nullptr;
    load_plugin(run);
    std::atomic<bool> used{false};
    std::thread([&] {
        SCENE_CHECK(run() == 0);
        used = true;
        for (;;) {
            SCENE_CHECK(run() == 0);
        }
    }).detach();
    while (!used) {
        std::this_thread::yield();
    }
    std::exit(0);
}

void a_process_exits_while_a_plugin_with_the_archive_is_busy(void **) {
    if (kSanitized) {
        skip();
    }
    for (int i = 0; i < 5; ++i) {
        expect_success(run_scene("exit_with_the_plugin", kPlain));
    }
}

} // namespace

int main(int argc, char **argv) {
    qae::test::play_scene(argc, argv,
                          {{"load_beside_a_greedy_library", load_beside_a_greedy_library},
                           {"outlive_the_plugin", outlive_the_plugin},
                           {"load_many_times", load_many_times},
                           {"exit_with_the_plugin", exit_with_the_plugin}});
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_thread_local_storage_of_the_library_is_small),
        cmocka_unit_test(the_library_is_loaded_late_beside_a_greedy_one),
        cmocka_unit_test(threads_outlive_a_plugin_with_the_archive),
        cmocka_unit_test(a_plugin_with_the_archive_leaves_nothing_behind),
        cmocka_unit_test(a_process_exits_while_a_plugin_with_the_archive_is_busy),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
