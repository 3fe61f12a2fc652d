#include "agent/config/reference.h"

#include "agent/config/loader.h"
#include "agent/config/parts.h"

namespace qianzhi::config {

// Made by CMake of the files in conf/reference.
extern const std::string_view reference_of_agent;
extern const std::string_view reference_of_agent_files;

std::vector<std::string_view> reference_texts() { return {reference_of_agent, reference_of_agent_files}; }

// They show ways that exclude each other side by side, so that there are findings, which mean nothing.
void add_reference(yaml::Schema& schema) {
  for (const std::string_view text : reference_texts()) {
    yaml::Diagnostics ignored;
    const auto root = yaml::parse_document("reference.yaml", text, ignored);
    if (!root) continue;
    yaml::Record record;
    ignored.record_in(&record);
    read_config("reference.yaml", *root, ignored);
    schema.add(*root, record);
  }
}

}  // namespace qianzhi::config
