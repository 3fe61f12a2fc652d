// Requests for access and objections, as the DBA speaks of them with the running agent.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/app/agent.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

// In the running agent. Nothing: the words are no command of these. Throws Error(rejected): QZ-AGT-140 no such matter,
// QZ-AGT-145 what was asked cannot be said, and the hub's own code if it refused at once.
std::optional<std::string> matter_command(Agent& agent, const service::Call& call);

}  // namespace qianzhi::app
