// The parts of rules and reports.
#include <algorithm>

#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/rule_reader.h"

namespace qianzhi::desk {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr Micros micros_a_day = 24 * Micros{3'600'000'000};
constexpr Micros most_days = 3660;

std::vector<std::string> values_of(const Node& node, const std::string& path, yaml::Diagnostics& diagnostics) {
  std::vector<std::string> values;
  if (node.is_scalar()) return {node.text};
  for (const Node& item : node.items) {
    if (item.is_scalar())
      values.push_back(item.text);
    else
      complain_kind(item, path, "text", diagnostics);
  }
  if (!node.is_sequence() || values.empty()) complain_kind(node, path, "list", diagnostics);
  return values;
}

void add_conditions(MapReader& reader, std::string_view key, bool negated, Filter& filter) {
  const Node* node = reader.find(key);
  if (node == nullptr) return;
  if (!node->is_map()) return complain_kind(*node, reader.path_of(key), "map", reader.diagnostics());
  for (const yaml::Entry& entry : node->entries)
    filter.push_back(
        {entry.key, values_of(entry.value, reader.path_of(key) + "." + entry.key, reader.diagnostics()), negated});
}

void read_join(const Node& node, const std::string& path, const DeskConfig& config, yaml::Diagnostics& diagnostics,
               std::vector<Join>& joins) {
  if (node.is_scalar()) {
    joins.push_back({node.text, node.text, {}, {}, {}});
    return;
  }
  MapReader reader(&node, path, diagnostics);
  Join join;
  join.base = reader.text("base");
  join.item = reader.text("item");
  if (reader.find("through") != nullptr) {
    MapReader through = reader.map("through", true);
    join.through = read_table_id(through, config);
    join.enters = through.text("enters");
    join.leaves = through.text("leaves");
    through.finish();
  }
  reader.finish();
  joins.push_back(std::move(join));
}

}  // namespace

std::string read_table_id(MapReader& reader, const DeskConfig& config) {
  std::string id = reader.text("table");
  if (id.empty() || id == finding_table || config.find_table(id) != nullptr) return id;
  std::vector<std::string> names;
  for (const TableConfig& table : config.tables) names.push_back(table.id);
  const std::string guess = yaml::nearest(id, names);
  reader.diagnostics().error(
      "QZ-CFG-030", reader.find("table")->place,
      "表 \"" + id + "\" 未定义" + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
      "table \"" + id + "\" is not defined" + (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"));
  return id;
}

void check_unique(MapReader& reader, const std::string& id, std::vector<std::string>& used) {
  if (std::find(used.begin(), used.end(), id) != used.end())
    reader.diagnostics().error("QZ-CFG-031", reader.place(), "\"" + id + "\" 重复定义",
                               "\"" + id + "\" is defined twice");
  used.push_back(id);
}

Filter read_filter(MapReader& reader) {
  Filter filter;
  add_conditions(reader, "where", false, filter);
  add_conditions(reader, "unless", true, filter);
  return filter;
}

int read_days(MapReader& reader, std::string_view key) {
  const Node* node = reader.find(key);
  if (node == nullptr) return -1;
  const Micros duration = reader.duration(key);
  if (duration % micros_a_day != 0 || duration > most_days * micros_a_day)
    complain_form(*node, reader.path_of(key), "天数，例如 30d", "days such as 30d", reader.diagnostics());
  return static_cast<int>(duration / micros_a_day);
}

Base read_base(MapReader& reader, const DeskConfig& config, bool needs_subject) {
  Base base;
  base.table = read_table_id(reader, config);
  base.subject = needs_subject ? reader.text("subject") : reader.text("subject", {});
  base.since = reader.text("since", {});
  base.area = reader.text("area", {});
  base.name = reader.text("name", {});
  base.detail = texts_of(reader, "detail");
  base.filter = read_filter(reader);
  return base;
}

Linked read_linked(MapReader& reader, const DeskConfig& config) {
  Linked linked;
  linked.table = read_table_id(reader, config);
  const Node* join = reader.require("join");
  if (join != nullptr && join->is_sequence()) {
    for (const Node& node : join->items)
      read_join(node, reader.path_of("join"), config, reader.diagnostics(), linked.joins);
  } else if (join != nullptr) {
    read_join(*join, reader.path_of("join"), config, reader.diagnostics(), linked.joins);
  }
  linked.filter = read_filter(reader);
  return linked;
}

}  // namespace qianzhi::desk
