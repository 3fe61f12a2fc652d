#include <algorithm>
#include <array>
#include <optional>

#include "agent/config/parts.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::config {

namespace {

using yaml::Entry;
using yaml::MapReader;
using yaml::Node;

constexpr std::size_t max_name = 128;  // characters of a table or column
constexpr std::uint64_t most_rows = 100'000;
constexpr std::uint64_t least_octets = 4ULL << 10U;
constexpr std::uint64_t most_octets = 1ULL << 20U;
constexpr Micros most_linger = 3'600'000'000;
constexpr Micros least_interval = 1'000'000;
constexpr Micros least_cycle = 60'000'000;

std::string name(MapReader& reader, std::string_view key) {
  const Node* node = reader.find(key);
  return node == nullptr ? std::string() : read_name(*node, reader.path_of(key), reader.diagnostics());
}

std::map<std::string, std::string> table_of(MapReader& reader, std::string_view key) {
  std::map<std::string, std::string> table;
  const Node* node = reader.find(key);
  if (node == nullptr) return table;
  if (!node->is_map()) {
    complain_kind(*node, reader.path_of(key), "map", reader.diagnostics());
    return table;
  }
  for (const Entry& entry : node->entries) {
    if (entry.value.is_scalar()) {
      table.emplace(entry.key, entry.value.text);
    } else {
      complain_kind(entry.value, reader.path_of(key) + "." + entry.key, "text", reader.diagnostics());
    }
  }
  return table;
}

std::vector<Normalise> normalise_of(MapReader& reader) {
  static const std::vector<std::pair<std::string, Normalise>> words = {{"trim", Normalise::trim},
                                                                       {"width", Normalise::width},
                                                                       {"collapse_spaces", Normalise::collapse_spaces},
                                                                       {"upper", Normalise::upper},
                                                                       {"date", Normalise::date}};
  std::vector<std::string> names;
  names.reserve(words.size());
  for (const auto& [word, step] : words) names.push_back(word);
  reader.words("normalise", names);
  std::vector<Normalise> steps;
  for (const Node* node : reader.list("normalise", true)) {
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto& w) { return w.first == node->text; });
    if (found != words.end()) {
      steps.push_back(found->second);
      continue;
    }
    const std::string guess = yaml::nearest(node->text, names);
    reader.diagnostics().error(
        "QZ-CFG-017", node->place,
        "没有规范化方法 \"" + node->text + "\"" + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
        "no such step: \"" + node->text + "\"" + (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"),
        "可用 (allowed): trim width collapse_spaces upper date");
  }
  return steps;
}

void read_area_rule(MapReader& rule, ItemRule& item) {
  item.kind = ItemRule::Kind::area;
  MapReader area = rule.map("area", true);
  item.column = name(area, "column");
  item.authority_column = name(area, "authority_column");
  item.authority_table = table_of(area, "authority_table");
  item.registration_number_column = name(area, "registration_number_column");
  area.finish();
  if (!area.is_map()) return;
  if (item.column.empty() && item.authority_column.empty() && item.registration_number_column.empty()) {
    area.diagnostics().error(
        "QZ-CFG-013", area.place(), area.path() + " 至少要写 column、authority_column、registration_number_column 之一",
        area.path() + " needs at least one of column, authority_column, registration_number_column");
  }
  if (item.authority_column.empty() != item.authority_table.empty()) {
    area.diagnostics().error("QZ-CFG-013", area.place(),
                             area.path() + " 中 authority_column 和 authority_table 要一起写",
                             area.path() + ": authority_column and authority_table go together");
  }
}

ItemRule read_rule(const Entry& entry, const std::string& path, yaml::Diagnostics& diagnostics) {
  ItemRule item;
  item.place = entry.key_place;
  if (!entry.value.is_map()) {
    item.column = read_name(entry.value, path, diagnostics);
    return item;
  }
  MapReader rule(&entry.value, path, diagnostics);
  const int sources = (rule.find("column") != nullptr ? 1 : 0) + (rule.find("constant") != nullptr ? 1 : 0) +
                      (rule.find("area") != nullptr ? 1 : 0);
  // Asked for whatever the kind is, so that a misspelt key is answered with all that are allowed.
  item.normalise = normalise_of(rule);
  item.code_table = table_of(rule, "code_table");
  item.code_table_strict = rule.boolean("strict", false);
  if (rule.find("area") != nullptr) {
    read_area_rule(rule, item);
  } else if (rule.find("constant") != nullptr) {
    item.kind = ItemRule::Kind::constant;
    item.constant = rule.text("constant");
  } else {
    item.column = name(rule, "column");
  }
  const std::size_t errors = diagnostics.errors();
  rule.finish();
  if (sources != 1 && diagnostics.errors() == errors) {
    diagnostics.error("QZ-CFG-013", entry.value.place, path + " 要写 column、constant、area 其中之一",
                      path + " takes exactly one of column, constant and area");
  }
  const bool has_steps = !item.normalise.empty() || !item.code_table.empty();
  if (item.kind == ItemRule::Kind::constant && has_steps) {
    diagnostics.error("QZ-CFG-036", entry.value.place, path + " 是常量，不能再写 normalise 或 code_table",
                      path + " is a constant; normalise and code_table do not apply");
  }
  if (item.code_table_strict && item.code_table.empty()) {
    diagnostics.error("QZ-CFG-036", entry.value.place, path + " 写了 strict，但没有 code_table",
                      path + " is strict but has no code_table");
  }
  return item;
}

// Under the key `schedule` realtime may be said.
Schedule read_schedule(MapReader& publication, std::string_view key) {
  Schedule schedule;
  const Node* node = publication.find(key);
  const bool may_be_live = key == "schedule";
  if (may_be_live) publication.form(key, "^realtime$");
  if (node == nullptr || (may_be_live && node->is_scalar() && node->text == "realtime")) return schedule;
  const std::string path = publication.path_of(key);
  yaml::Diagnostics& diagnostics = publication.diagnostics();
  if (!node->is_map()) {
    complain_form(
        *node, path, std::string(may_be_live ? " realtime、" : " ") + "{every: 1h} 或 {at: \"02:00\", on: [mon]}",
        std::string(may_be_live ? "realtime, " : "") + "{every: 1h} or {at: \"02:00\", on: [mon]}", diagnostics);
    return schedule;
  }
  MapReader reader(node, path, diagnostics);
  schedule.interval = reader.duration("every", least_interval);
  const Node* at = reader.find("at");
  const int minute = minute_of_day(reader, "at");
  const std::set<int> weekdays = weekdays_of(reader, "on");
  const std::size_t errors = diagnostics.errors();
  reader.finish();
  if (diagnostics.errors() != errors) return schedule;
  if ((reader.find("every") != nullptr) == (at != nullptr)) {
    diagnostics.error("QZ-CFG-013", node->place, path + " 要写 every 或 at 其中之一",
                      path + " takes exactly one of every and at");
    return schedule;
  }
  if (at == nullptr) {
    schedule.kind = Schedule::Kind::interval;
    if (schedule.interval < least_interval) {
      complain_form(*reader.find("every"), path + ".every", "至少 1s", "at least 1s", diagnostics);
    }
    return schedule;
  }
  schedule.kind = Schedule::Kind::calendar;
  schedule.hour = minute / 60;
  schedule.minute = minute % 60;
  schedule.weekdays = weekdays;
  return schedule;
}

Micros read_cycle(MapReader& reader) {
  const Micros cycle = reader.duration("update_cycle", 0);
  if (reader.find("update_cycle") != nullptr && cycle < least_cycle)
    complain_form(*reader.find("update_cycle"), reader.path_of("update_cycle"), "至少 1m", "at least 1m",
                  reader.diagnostics());
  return cycle;
}

BatchConfig read_batch(MapReader& publication) {
  BatchConfig batch;
  MapReader reader = publication.map("batch", false);
  batch.rows = reader.integer("rows", 1, most_rows, batch.rows);
  batch.octets = reader.size("size", batch.octets);
  batch.linger = reader.duration("linger", batch.linger);
  reader.finish();
  if (batch.octets < least_octets || batch.octets > most_octets) {
    complain_form(*reader.find("size"), reader.path_of("size"), "4KiB 到 1MiB", "between 4KiB and 1MiB",
                  reader.diagnostics());
  }
  if (batch.linger > most_linger) {
    complain_form(*reader.find("linger"), reader.path_of("linger"), "最多 1h", "at most 1h", reader.diagnostics());
  }
  return batch;
}

std::string read_topic(MapReader& reader, yaml::Place& place) {
  std::string topic = reader.id("topic");
  place = reader.find("topic") != nullptr ? reader.find("topic")->place : reader.place();
  return topic;
}

void read_publication(const Node& node, const std::string& path, Config& config, yaml::Diagnostics& diagnostics) {
  MapReader reader(&node, path, diagnostics);
  PublicationConfig publication;
  publication.topic = read_topic(reader, publication.place);
  publication.source = reader.text("source");
  reader.require("table");
  publication.table = name(reader, "table");
  const Node* items = reader.require("items");
  if (items != nullptr && !items->is_map()) {
    complain_kind(*items, reader.path_of("items"), "map", diagnostics);
  } else if (items != nullptr) {
    for (const Entry& entry : items->entries) {
      publication.items.emplace(entry.key, read_rule(entry, reader.path_of("items." + entry.key), diagnostics));
    }
  }
  if (const Node* where = reader.find("where")) {
    if (!where->is_map()) complain_kind(*where, reader.path_of("where"), "map", diagnostics);
    MapReader conditions(where->is_map() ? where : nullptr, reader.path_of("where"), diagnostics);
    conditions.any_key();
    for (const Entry& entry : where->entries) {
      std::set<std::string>& accepted = publication.where[entry.key];
      for (const Node* value : conditions.list(entry.key, true)) accepted.insert(value->text);
      if (entry.value.is_sequence() && entry.value.items.empty()) {
        complain_form(entry.value, conditions.path_of(entry.key), "至少一个值", "at least one value", diagnostics);
      }
    }
  }
  if (const Node* area = reader.find("area")) {
    publication.area_place = area->place;
    std::set<Group> groups;
    for (const Node* group : reader.list("area")) groups.insert(group->text);
    if (area->is_sequence() && groups.empty() && area->items.empty()) {
      complain_form(*area, reader.path_of("area"), "至少一个区划；全部区划请删去这一行",
                    "at least one area; leave the line out for all of them", diagnostics);
    }
    publication.area = GroupSet::of(groups);
  }
  publication.watermark = name(reader, "watermark");
  if (reader.find("reconcile") != nullptr) publication.reconcile = read_schedule(reader, "reconcile");
  publication.schedule = read_schedule(reader, "schedule");
  publication.update_cycle = read_cycle(reader);
  publication.batch = read_batch(reader);
  reader.finish();
  config.publications.push_back(std::move(publication));
}

void read_subscription(const Node& node, const std::string& path, Config& config, yaml::Diagnostics& diagnostics) {
  MapReader reader(&node, path, diagnostics);
  SubscriptionConfig subscription;
  subscription.topic = read_topic(reader, subscription.place);
  subscription.target = reader.text("target");
  subscription.table = name(reader, "table");
  if (reader.find("table") == nullptr) {
    subscription.table = subscription.topic;
    std::replace(subscription.table.begin(), subscription.table.end(), '.', '_');
  }
  subscription.apply = reader.choice<Apply>(
      "apply", {{"upsert", Apply::upsert}, {"soft_delete", Apply::soft_delete}, {"history", Apply::history}},
      Apply::upsert);
  subscription.update_cycle = read_cycle(reader);
  if (reader.find("compare") != nullptr) subscription.compare = read_schedule(reader, "compare");
  subscription.compare_report_only = reader.boolean("compare_report_only", false);
  if (const Node* rename = reader.find("rename")) {
    if (!rename->is_map()) complain_kind(*rename, reader.path_of("rename"), "map", diagnostics);
    for (const Entry& entry : rename->entries) {
      subscription.rename.emplace(entry.key,
                                  read_name(entry.value, reader.path_of("rename." + entry.key), diagnostics));
    }
  }
  reader.finish();
  config.subscriptions.push_back(std::move(subscription));
}

}  // namespace

// Names go to the database quoted; only what no database takes is refused here.
std::string read_name(const Node& node, std::string_view path, yaml::Diagnostics& diagnostics) {
  if (!node.is_scalar() || node.text.empty()) {
    complain_kind(node, path, "text", diagnostics);
    return {};
  }
  const bool has_control = std::any_of(node.text.begin(), node.text.end(),
                                       [](unsigned char c) { return c < 0x20 || c == '"' || c == ';' || c == 0x7F; });
  if (has_control || yaml::count_characters(node.text) > max_name) {
    complain_form(node, path, "表名或列名，最多 128 个字符", "a table or column name of at most 128 characters",
                  diagnostics);
    return {};
  }
  return node.text;
}

void read_exchanges(MapReader& root, Config& config) {
  yaml::Diagnostics& diagnostics = root.diagnostics();
  for (const std::string_view key : {"publications", "subscriptions"}) {
    const Node* node = root.find(key);
    if (node == nullptr) continue;
    if (!node->is_sequence()) {
      complain_kind(*node, key, "list", diagnostics);
      continue;
    }
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      const std::string path = std::string(key) + "[" + std::to_string(i + 1) + "]";
      if (key == "publications") {
        read_publication(node->items[i], path, config, diagnostics);
      } else {
        read_subscription(node->items[i], path, config, diagnostics);
      }
    }
  }
}

}  // namespace qianzhi::config
