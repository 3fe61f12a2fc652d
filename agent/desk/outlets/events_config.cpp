#include <algorithm>
#include <set>

#include "agent/desk/outlets/events.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

std::vector<std::string> scalars_in(const yaml::Node& node) {
  std::vector<std::string> texts;
  if (node.is_scalar()) texts.push_back(node.text);
  for (const yaml::Node& item : node.items)
    if (item.is_scalar()) texts.push_back(item.text);
  return texts;
}

void read_trigger(yaml::MapReader& reader, EventConfig& config) {
  yaml::MapReader on = reader.map("on", true);
  if (on.find("change") != nullptr) {
    config.on = EventConfig::On::change;
    config.source = on.text("change");
  } else if (on.find("finding") != nullptr) {
    config.on = EventConfig::On::finding;
    config.source = on.text("finding");
    config.level = on.find("level") == nullptr
                       ? std::string()
                       : on.choice<std::string>("level", {{"notice", "notice"}, {"warning", "warning"}}, "");
  } else if (on.find("case") != nullptr) {
    config.on = EventConfig::On::case_step;
    config.source = on.text("case");
  } else if (on.is_map()) {
    on.diagnostics().error("QZ-CFG-013", on.place(), on.path() + " 要写 change、finding、case 其中之一",
                           on.path() + " takes exactly one of change, finding and case");
    return;
  }
  on.finish();
}

void read_when(yaml::MapReader& reader, EventConfig& config) {
  const yaml::Node* when = reader.find("when");
  if (when == nullptr) return;
  if (!when->is_map()) return yaml::complain_kind(*when, reader.path_of("when"), "map", reader.diagnostics());
  for (const yaml::Entry& entry : when->entries) {
    config.when[entry.key] = scalars_in(entry.value);
    if (config.when[entry.key].empty())
      yaml::complain_form(entry.value, reader.path_of("when") + "." + entry.key, "一个或几个值",
                          "one or several values", reader.diagnostics());
  }
}

void read_subject(yaml::MapReader& reader, EventConfig& config) {
  const yaml::Node* node = reader.find("subject");
  if (node == nullptr) return;
  try {
    config.subject = TextTemplate(reader.text("subject"));
  } catch (const Error&) {
    yaml::complain_form(*node, reader.path_of("subject"), "成对的花括号，例如 {title}",
                        "braces in pairs such as {title}", reader.diagnostics());
  }
}

EventConfig read_event(yaml::MapReader& reader, const std::vector<std::string>& outlets) {
  EventConfig config;
  config.id = reader.id("id");
  read_trigger(reader, config);
  read_when(reader, config);
  for (const yaml::Node* node : reader.list("version", true)) config.version.push_back(node->text);
  const yaml::Node* outlet = reader.find("outlet");
  config.outlet = reader.text("outlet");
  if (outlet != nullptr && std::find(outlets.begin(), outlets.end(), config.outlet) == outlets.end())
    yaml::complain_form(*outlet, reader.path_of("outlet"), "outlets 中的名字", "an id of outlets",
                        reader.diagnostics());
  read_subject(reader, config);
  config.fields = read_templates(reader, "fields", {});
  config.from_start = reader.boolean("from_start", false);
  reader.finish();
  return config;
}

}  // namespace

std::vector<EventConfig> read_events(yaml::MapReader& reader, const std::vector<std::string>& outlets,
                                     std::string_view key) {
  std::vector<EventConfig> events;
  const yaml::Node* node = reader.find(key);
  if (node == nullptr) return events;
  if (!node->is_sequence()) {
    yaml::complain_kind(*node, reader.path_of(key), "list", reader.diagnostics());
    return events;
  }
  std::set<std::string> ids;
  for (const yaml::Node& item : node->items) {
    yaml::MapReader entry(&item, reader.path_of(key) + "[" + std::to_string(events.size() + 1) + "]",
                          reader.diagnostics());
    events.push_back(read_event(entry, outlets));
    if (!events.back().id.empty() && !ids.insert(events.back().id).second)
      yaml::complain_form(item, entry.path_of("id"), "不重复的名字", "an id of its own", reader.diagnostics());
  }
  return events;
}

}  // namespace qianzhi::desk
