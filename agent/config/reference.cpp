#include "agent/config/reference.h"

#include "agent/config/loader.h"
#include "agent/config/parts.h"

namespace qianzhi::config {

// Made by CMake of the files in conf/reference.
extern const std::string_view reference_of_agent;
extern const std::string_view reference_of_agent_files;

std::vector<std::string_view> reference_texts() { return {reference_of_agent, reference_of_agent_files}; }

void add_reference(yaml::Schema& schema) {
  yaml::add_references(schema, reference_texts(), [](const yaml::Node& root, yaml::Diagnostics& diagnostics) {
    read_config(root.place.source->file(), root, diagnostics);
  });
}

}  // namespace qianzhi::config
