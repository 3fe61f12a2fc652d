// A configuration together with every value that is in force: from which line of the file it is, or that it is what
// holds where nothing is written. Secrets are never among the values, only where they are.
#pragma once

#include <filesystem>
#include <vector>

#include "agent/config/config.h"
#include "hub-protocol/yaml/record.h"

namespace qianzhi::config {

struct Effective {
  Config config;
  std::vector<yaml::Setting> settings;
};

// As load_config(). With errors in diagnostics neither part may be used.
Effective load_effective(const std::filesystem::path& file, yaml::Diagnostics& diagnostics);

}  // namespace qianzhi::config
