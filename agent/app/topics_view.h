// A topic as one agent's department sees it; internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "agent/app/topics_text.h"

namespace qianzhi::app {

enum class Granted { none, some_groups, all_groups };

struct ItemView {
  const Item* item = nullptr;
  Granted granted = Granted::none;
  const CodeTable* codes = nullptr;
};

struct TopicView {
  const Topic* topic = nullptr;
  std::string provider;              // "工商部门 / Administration for Industry and Commerce (commerce)"
  std::vector<std::string> agents;   // that provide it
  GroupSet provided;                 // by the asking agent
  GroupSet granted;                  // to its department
  std::vector<const Grant*> grants;  // in force
  std::vector<ItemView> items;
  std::vector<const Item*> matched;  // by a search
};

// The topic of that id, or what a search finds, best first. Throws Error(misuse, QZ-AGT-111) for nothing.
std::vector<TopicView> look_up(const TopicsQuestion& question);

}  // namespace qianzhi::app
