// SPDX-License-Identifier: BSD-3-Clause
#include "process/unload.h"

#include <atomic>
#include <cstdlib>

namespace qae {
namespace {

enum class Phase { unused, used, exiting, unloading };
constinit std::atomic<Phase> g_phase{Phase::unused};

// exit() runs the handlers of atexit() before any destructor of a module. dlclose() runs destructors without
// a priority first, then the module's handlers, then destructors with a priority. So a destructor without a
// priority sees whether the handler has run.
void note_exit() noexcept {
    Phase used = Phase::used;
    g_phase.compare_exchange_strong(used, Phase::exiting);
}

[[gnu::destructor]] void note_unload() noexcept {
    Phase used = Phase::used;
    g_phase.compare_exchange_strong(used, Phase::unloading);
}

} // namespace

void watch_unload() noexcept { g_phase.store(std::atexit(note_exit) == 0 ? Phase::used : Phase::exiting); }

bool is_unloading() noexcept { return g_phase.load() == Phase::unloading; }

} // namespace qae
