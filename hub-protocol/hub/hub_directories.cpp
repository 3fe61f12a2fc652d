// hub.directories: folders of agents that reach the hub by files.
#include <set>

#include "hub-protocol/hub/hub_sections.h"

namespace qianzhi::hub {

namespace {

constexpr std::string_view any_agent = "any";

}  // namespace

void read_directories(yaml::MapReader& hub, HubConfig& config) {
  const yaml::Node* list = hub.find("directories");
  if (list == nullptr || list->is_empty()) return;
  if (!list->is_sequence()) return yaml::complain_kind(*list, hub.path_of("directories"), "list", hub.diagnostics());
  std::set<std::filesystem::path> used;
  std::size_t number = 0;
  for (const yaml::Node& node : list->items) {
    yaml::MapReader entry(&node, hub.path_of("directories") + "[" + std::to_string(++number) + "]", hub.diagnostics());
    DirectoryPlace place;
    place.agent = entry.id("agent");
    if (place.agent == any_agent) place.agent.clear();
    place.in = entry.file("in");
    place.out = entry.file("out");
    entry.finish();
    for (const char* key : {"in", "out"}) {
      const std::filesystem::path& folder = key == std::string_view("in") ? place.in : place.out;
      if (!folder.empty() && !used.insert(folder).second)
        yaml::complain_form(*entry.find(key), entry.path_of(key), "每个目录只用一次", "a folder that is used once",
                            hub.diagnostics());
    }
    config.directories.push_back(std::move(place));
  }
}

// Agents that enrol with a token are not in this file: the directory of that moment decides about each file of theirs.
void check_directories(const yaml::MapReader& root, const HubConfig& config) {
  if (!config.ca.certificate.empty()) return;
  for (const DirectoryPlace& place : config.directories)
    if (!place.agent.empty() && config.content.agents.count(place.agent) == 0)
      root.diagnostics().error("QZ-HUB-040", root.place(), "hub.directories 中没有登记代理 " + place.agent,
                               "hub.directories: there is no agent " + place.agent);
}

}  // namespace qianzhi::hub
