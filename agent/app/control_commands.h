// What the control socket of a running agent understands: the words behind `qianzhi status`, `resync`, `quarantine`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/app/agent.h"
#include "agent/config/config.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

// Beside the queue file.
std::filesystem::path control_socket_of(const config::Config& config);

// Throws Error(rejected, QZ-AGT-070) for unknown words, QZ-AGT-071 for an unknown topic, source or entry.
std::string control_command(Agent& agent, const service::Call& call);

// The snapshot as a person reads it in a terminal.
std::string to_text(const status::Snapshot& snapshot);

}  // namespace qianzhi::app
