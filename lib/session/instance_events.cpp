// SPDX-License-Identifier: BSD-3-Clause
#include "session/instance_events.h"

#include <map>
#include <optional>

#include "session/instance_info.h"
#include "session/session.h"

namespace qae {
namespace {

std::optional<CpaInstanceEvent> event_of(std::uint32_t before, std::uint32_t now) {
    if (before == now) {
        return std::nullopt;
    }
    switch (now) {
    case QAE_ENDPOINT_UP:
        return CPA_INSTANCE_EVENT_RESTARTED;
    case QAE_ENDPOINT_STARTING:
    case QAE_ENDPOINT_RESETTING:
        return CPA_INSTANCE_EVENT_RESTARTING;
    default: // the client has to do without the instance, until it hears that the endpoint has restarted
        return CPA_INSTANCE_EVENT_FATAL_ERROR;
    }
}

} // namespace

std::vector<InstanceEvent> collect_instance_events() {
    std::vector<InstanceEvent> events;
    SessionAccess session;
    std::map<std::uint32_t, std::uint32_t> states; // by endpoint, so that each is asked for once
    session.instances().for_each([&](HeldInstance &held) {
        const auto [state, fresh] = states.try_emplace(held.facts.endpoint, 0);
        if (fresh) {
            state->second = endpoint_state_of(held);
        }
        if (const auto event = event_of(held.last_state, state->second)) {
            events.push_back({held.handle, *event, held.notify, held.notify_tag});
        }
        held.last_state = state->second;
    });
    return events;
}

} // namespace qae
