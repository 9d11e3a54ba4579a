// SPDX-License-Identifier: BSD-3-Clause
// What happened to the endpoints of this process's instances since the client was last told.
#ifndef QAE_LIB_SESSION_INSTANCE_EVENTS_H
#define QAE_LIB_SESSION_INSTANCE_EVENTS_H

#include <vector>

#include "session/instance_table.h"

namespace qae {

struct InstanceEvent {
    CpaInstanceHandle handle;
    CpaInstanceEvent event;
    NotificationFn notify; // nullptr: the client registered none
    void *tag;
};

// Asks the driver for the states of the endpoints and collects the differences. Each is reported once.
std::vector<InstanceEvent> collect_instance_events();

} // namespace qae

#endif // QAE_LIB_SESSION_INSTANCE_EVENTS_H
