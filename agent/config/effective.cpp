#include "agent/config/effective.h"

#include "agent/config/parts.h"

namespace qianzhi::config {

Effective load_effective(const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
  Effective effective;
  effective.config.file = file;
  const auto read = [&](const yaml::Node& root, yaml::Diagnostics& found) {
    effective.config = read_config(file, root, found);
  };
  effective.settings = yaml::load_settings(file, read, diagnostics);
  return effective;
}

}  // namespace qianzhi::config
