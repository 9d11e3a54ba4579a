// SPDX-License-Identifier: BSD-3-Clause
// The data plane that QAT_USER_PLANE chooses for the process.
#ifndef QAE_LIB_PLANE_LOADER_H
#define QAE_LIB_PLANE_LOADER_H

#include "plane/plane.h"

namespace qae {

// Whether a plane is chosen. Loads nothing.
bool is_plane_chosen() noexcept;

// The chosen plane, loaded at the first call and never unloaded; nullptr with the reason recorded if none is
// chosen or it cannot be loaded. A plane that cannot be loaded is reported once on stderr.
plane::Plane *chosen_plane() noexcept;

} // namespace qae

#endif // QAE_LIB_PLANE_LOADER_H
