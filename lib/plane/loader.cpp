// SPDX-License-Identifier: BSD-3-Clause
#include "plane/loader.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "process/last_error.h"
#include "process/settings.h"

namespace qae {
namespace {

constexpr std::string_view kLibraryName = "libqat_user.so";

plane::Plane *g_plane = nullptr;
// Recorded for every later call, which may be in another thread. Never destroyed.
const std::string *g_reason = nullptr;
pthread_once_t g_load_once = PTHREAD_ONCE_INIT;

// The folder qat_user beside the shared library. A program with the archive has no such place, so it uses the
// one that the library was configured for.
std::string folder() {
    if (const char *chosen = settings().plane_folder; chosen != nullptr) {
        return chosen;
    }
    Dl_info self{};
    if (dladdr(reinterpret_cast<const void *>(&is_plane_chosen), &self) != 0 && self.dli_fname != nullptr) {
        const std::string_view path = self.dli_fname;
        const std::size_t slash = path.rfind('/');
        if (slash != std::string_view::npos && path.substr(slash + 1).starts_with(kLibraryName)) {
            return std::string(path.substr(0, slash)) + "/qat_user";
        }
    }
    return QAE_PLANE_FOLDER;
}

plane::Plane *load(const std::string &path, std::string &reason) {
    // Never closed: its code runs in threads of the application.
    void *module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
        const char *text = dlerror();
        reason = fmt::format("cannot load the data plane: {}; install the package "
                             "libqat-user1-plane-software, or unset QAT_USER_PLANE",
                             text != nullptr ? text : path);
        return nullptr;
    }
    const auto open = reinterpret_cast<plane::Entry>(dlsym(module, plane::kEntry));
    plane::Plane *plane = open != nullptr ? open(plane::kAbi) : nullptr;
    if (plane == nullptr) {
        reason = fmt::format("{} is not a data plane of this version of the library; install both from the "
                             "same build",
                             path);
    }
    return plane;
}

void load_once() noexcept {
    try {
        std::string reason;
        g_plane = load(folder() + "/plane_" + settings().plane + ".so", reason);
        if (g_plane == nullptr) {
            tell("{}", reason);
            g_reason = new std::string(reason);
        }
    } catch (...) { // no memory: the caller says so
    }
}

} // namespace

bool is_plane_chosen() noexcept { return settings().plane != nullptr; }

plane::Plane *chosen_plane() noexcept {
    if (!is_plane_chosen()) {
        fail(EOPNOTSUPP, "no data plane is chosen; set QAT_USER_PLANE=software, or use a device");
        return nullptr;
    }
    pthread_once(&g_load_once, load_once);
    if (g_plane == nullptr && g_reason != nullptr) {
        fail(ENOENT, "{}", *g_reason);
    } else if (g_plane == nullptr) {
        fail(ENOMEM, "there was no memory to load the data plane");
    }
    return g_plane;
}

} // namespace qae
