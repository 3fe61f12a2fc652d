// The settings in force of a configuration, for people and as JSON. Secrets: only where they are.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/yaml/record.h"

namespace qianzhi::command {

// [{"path", "value", "secret", "default", "line"}]
std::string settings_json(const std::vector<yaml::Setting>& settings);
// A line each.
std::string settings_text(const std::vector<yaml::Setting>& settings);

}  // namespace qianzhi::command
