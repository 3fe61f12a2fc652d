// Requests to other departments (核验), as people and programs of this one speak of them with the running agent.
// PROTOCOL.md is about what goes to the hub; packaging/REQUESTS.md tells how these are used.
#pragma once

#include <optional>
#include <string>

#include "agent/app/agent.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

// In the running agent. Nothing: the words are no command of these.
//   ask SERVICE PROVIDERS PURPOSE BASIS CASE WITHIN APPEAL, and as attachment a CSV file: a line of the service's key
//     items, then a question a line. Answers with the inquiry's id.
//   request-list[-json], request-show[-json] ID, request-csv ID (a record for each question, provider and row, without
//   a header), request-header SERVICE (that header), request-state ID ("open" or "over")
// Throws Error(rejected): QZ-AGT-150 to 155, QZ-AGT-158 what was written cannot be asked.
std::optional<std::string> request_command(Agent& agent, const service::Call& call);

}  // namespace qianzhi::app
