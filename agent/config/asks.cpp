#include <algorithm>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr std::uint64_t most_key_length = 190;
constexpr std::uint64_t most_rows_at_once = 1'000;
constexpr Micros least_time_to_answer = 1'000'000;
constexpr Micros most_time_to_answer = 90 * Micros{86'400'000'000};
constexpr Micros least_ask_poll = 100'000;
constexpr Micros most_ask_poll = Micros{3'600'000'000};

// Text, or {column: NAME}.
AskValue ask_value(MapReader& reader, std::string_view key, bool required) {
  AskValue value;
  const Node* node = required ? reader.require(key) : reader.find(key);
  if (node == nullptr) return value;
  if (node->is_scalar()) {
    value.constant = reader.text(key);
    return value;
  }
  MapReader map(node, reader.path_of(key), reader.diagnostics());
  const Node* column = map.require("column");
  if (column != nullptr) value.column = read_name(*column, map.path_of("column"), reader.diagnostics());
  map.finish();
  return value;
}

void read_service(MapReader& reader, AskConfig& ask) {
  const Node* node = reader.require("service");
  if (node == nullptr) return;
  if (node->is_scalar()) {
    ask.service.constant = reader.id("service");
    ask.services = {ask.service.constant};
    return;
  }
  MapReader map(node, reader.path_of("service"), reader.diagnostics());
  const Node* column = map.require("column");
  if (column != nullptr) ask.service.column = read_name(*column, map.path_of("column"), reader.diagnostics());
  if (map.require("among") != nullptr)
    for (const Node* one : map.list("among")) ask.services.push_back(one->text);
  map.finish();
}

std::map<std::string, std::string> ask_names_of(MapReader& reader, std::string_view key) {
  std::map<std::string, std::string> names;
  const Node* node = reader.find(key);
  if (node == nullptr) return names;
  if (!node->is_map()) {
    complain_kind(*node, reader.path_of(key), "map", reader.diagnostics());
    return names;
  }
  for (const yaml::Entry& entry : node->entries)
    names.emplace(entry.key, read_name(entry.value, reader.path_of(key) + "." + entry.key, reader.diagnostics()));
  return names;
}

void read_where(MapReader& reader, AskConfig& ask) {
  const Node* node = reader.find("where");
  if (node == nullptr) return;
  if (!node->is_map()) return complain_kind(*node, reader.path_of("where"), "map", reader.diagnostics());
  MapReader where(node, reader.path_of("where"), reader.diagnostics());
  for (const yaml::Entry& entry : node->entries)
    for (const Node* value : where.list(entry.key, true)) ask.where[entry.key].insert(value->text);
  where.finish();
}

void read_requests(MapReader& reader, AskConfig& ask) {
  MapReader requests = reader.map("requests", true);
  if (!requests.is_map()) return;
  const Node* table = requests.require("table");
  if (table != nullptr) ask.table = read_name(*table, requests.path_of("table"), reader.diagnostics());
  if (requests.require("key") != nullptr) {
    MapReader key = requests.map("key", true);
    const Node* column = key.require("column");
    if (column != nullptr) ask.key = read_name(*column, key.path_of("column"), reader.diagnostics());
    ask.key_type =
        key.choice<ItemType>("type", {{"integer", ItemType::integer}, {"text", ItemType::text}}, ItemType::text);
    ask.key_length = static_cast<std::uint32_t>(key.integer("length", 1, most_key_length, ask.key_length));
    key.finish();
  }
  read_where(requests, ask);
  requests.finish();
}

void read_answers_table(MapReader& reader, AskConfig& ask) {
  MapReader answers = reader.map("answers", true);
  if (!answers.is_map()) return;
  const Node* table = answers.require("table");
  if (table != nullptr) ask.answers = read_name(*table, answers.path_of("table"), reader.diagnostics());
  ask.rename = ask_names_of(answers, "rename");
  answers.finish();
}

void read_time(MapReader& reader, AskConfig& ask) {
  if (const Node* within = reader.find("within")) {
    ask.within = ask_value(reader, "within", false);
    if (ask.within.column.empty() && !time_to_answer(ask.within.constant))
      complain_form(*within, reader.path_of("within"), "1s 到 90d", "between 1s and 90d", reader.diagnostics());
  }
  ask.poll_interval = reader.duration("poll_interval", ask.poll_interval);
  if (ask.poll_interval < least_ask_poll || ask.poll_interval > most_ask_poll)
    complain_form(*reader.find("poll_interval"), reader.path_of("poll_interval"), "100ms 到 1h", "between 100ms and 1h",
                  reader.diagnostics());
}

AskConfig read_ask(const Node& node, const std::string& path, yaml::Diagnostics& diagnostics) {
  MapReader reader(&node, path, diagnostics);
  AskConfig ask;
  ask.name = reader.id("name");
  ask.place = reader.find("name") != nullptr ? reader.find("name")->place : reader.place();
  ask.source = reader.text("source");
  ask.target = reader.text("target");
  read_requests(reader, ask);
  read_service(reader, ask);
  if (reader.require("items") != nullptr) ask.items = ask_names_of(reader, "items");
  ask.to = ask_value(reader, "to", false);
  ask.purpose = ask_value(reader, "purpose", true);
  ask.basis = ask_value(reader, "basis", true);
  ask.case_number = ask_value(reader, "case", false);
  ask.person = ask_value(reader, "person", false);
  ask.appeal = ask_value(reader, "appeal", false);
  read_answers_table(reader, ask);
  read_time(reader, ask);
  ask.rows = reader.integer("rows", 1, most_rows_at_once, ask.rows);
  reader.finish();
  return ask;
}

}  // namespace

std::optional<Micros> time_to_answer(std::string_view text) {
  const auto time = yaml::parse_duration(text);
  if (!time || *time < least_time_to_answer || *time > most_time_to_answer) return std::nullopt;
  return time;
}

void read_asks(MapReader& root, Config& config) {
  const Node* node = root.find("asks");
  if (node == nullptr) return;
  if (!node->is_sequence()) return complain_kind(*node, "asks", "list", root.diagnostics());
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    AskConfig ask = read_ask(node->items[i], "asks[" + std::to_string(i + 1) + "]", root.diagnostics());
    const bool is_twice = std::any_of(config.asks.begin(), config.asks.end(),
                                      [&](const AskConfig& other) { return other.name == ask.name; });
    if (is_twice && !ask.name.empty())
      root.diagnostics().error("QZ-CFG-031", ask.place, "asks 中 " + ask.name + " 写了两次",
                               ask.name + " appears twice in asks");
    config.asks.push_back(std::move(ask));
  }
}

}  // namespace qianzhi::config
