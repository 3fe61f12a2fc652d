// doctor: what could be wrong with this agent, from its files to the hub and its databases.
#pragma once

#include "agent/config/config.h"
#include "hub-protocol/command/checkup.h"

namespace qianzhi::app {

// Works while the agent runs or not, as root or as its user, and changes nothing. A step that cannot be taken because
// an earlier one failed is told as skipped.
command::Checkup examine(const std::filesystem::path& config_file);

// Its parts, each of which adds its lines.
void look_at_files(const config::Config& config, command::Checkup& checkup);
void look_at_way(const config::Config& config, command::Checkup& checkup);
void look_at_data(const config::Config& config, command::Checkup& checkup);

}  // namespace qianzhi::app
