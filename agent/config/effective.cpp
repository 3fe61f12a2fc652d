#include "agent/config/effective.h"

#include "agent/config/parts.h"

namespace qianzhi::config {

Effective load_effective(const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
  Effective effective;
  effective.config.file = file;
  const auto root = yaml::read_document(file, diagnostics);
  if (!root) return effective;
  yaml::Record record;
  diagnostics.record_in(&record);
  effective.config = read_config(file, *root, diagnostics);
  diagnostics.record_in(nullptr);
  effective.settings = yaml::settings_of(*root, record);
  return effective;
}

}  // namespace qianzhi::config
