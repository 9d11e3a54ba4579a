// SPDX-License-Identifier: BSD-3-Clause
// Telling dlclose() of the code that contains the library from the end of the process.
//
// The shared library is never unloaded. The archive may be part of a plugin, and plugins are: then threads
// that used it live on, so nothing may point to its code, and what it holds must go.
#ifndef QAE_LIB_PROCESS_UNLOAD_H
#define QAE_LIB_PROCESS_UNLOAD_H

namespace qae {

// The priority of destructors that give things back. They run after all others, because those of the
// application may still call the library.
inline constexpr int kUnloadPriority = 101;

// Called at the first use.
void watch_unload() noexcept;

// For a destructor of kUnloadPriority: whether the code is being unloaded while the process goes on. Then no
// thread is inside the library. False while the process exits, when other threads may be anywhere.
bool is_unloading() noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_UNLOAD_H
