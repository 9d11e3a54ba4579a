// SPDX-License-Identifier: BSD-3-Clause
// Runs one workload with one peer. run.py starts such a process for each peer and lets them take turns.
//   bench-PEER WORKLOAD [NUMBER…]    sizes may end in K, M or G
// Prints "ready" or "none REASON", then one number for each line "go", until the input ends.
#include "harness.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

size_t number(const char *text) {
    char *end = nullptr;
    const size_t value = std::strtoull(text, &end, 10);
    switch (*end) {
    case 'K':
        return value << 10;
    case 'M':
        return value << 20;
    case 'G':
        return value << 30;
    case '\0':
        return value;
    default:
        throw std::invalid_argument(std::string("not a number: ") + text);
    }
}

const bench::Entry &find(const std::string &name, size_t arguments) {
    using namespace bench;
    for (const auto *family :
         {&g_pairs, &g_batches, &g_mixes, &g_footprints, &g_translations, &g_threads, &g_growth}) {
        for (const Entry &entry : *family) {
            if (entry.name == name && entry.arguments == arguments) {
                return entry;
            }
        }
    }
    throw std::invalid_argument("no workload " + name + " with " + std::to_string(arguments) + " numbers");
}

int serve(int argc, char **argv) {
    bench::Arguments arguments;
    for (int i = 2; i < argc; ++i) {
        arguments.push_back(number(argv[i]));
    }
    const auto workload = find(argv[1], arguments.size()).make(arguments);
    std::cout << "ready" << std::endl;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::cout << workload->measure() << std::endl;
    }
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s WORKLOAD [NUMBER...]\n", argv[0]);
        return 2;
    }
    int status = 1;
    try {
        status = serve(argc, argv);
    } catch (const bench::Refusal &refusal) {
        std::cout << "none " << refusal.what() << std::endl;
        status = 0;
    } catch (const std::exception &error) {
        std::cerr << argv[0] << ": " << error.what() << std::endl;
    }
    // Skip the peers' exit handlers and up to 100,000 frees.
    std::cout.flush();
    std::_Exit(status);
}
