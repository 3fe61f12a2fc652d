#include <algorithm>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;
using yaml::Node;

// null without quotes is no value; everything else is text.
TrialConfig::Row row_of(MapReader& reader, std::string_view key) {
  TrialConfig::Row row;
  const Node* node = reader.find(key);
  if (node == nullptr) return row;
  MapReader map(node, reader.path_of(key), reader.diagnostics());
  map.any_key();
  if (!map.is_map()) return row;
  for (const yaml::Entry& entry : node->entries) {
    map.find(entry.key);
    if (entry.value.is_empty())
      row[entry.key] = std::nullopt;
    else if (!entry.value.is_scalar())
      complain_kind(entry.value, map.path_of(entry.key), "text", reader.diagnostics());
    else
      row[entry.key] = entry.value.text;
  }
  return row;
}

void read_operations(MapReader& expect, TrialConfig& trial) {
  const std::vector<std::string> words = {"upsert", "remove", "withheld", "nothing"};
  expect.words("operation", words);
  if (expect.find("operation") == nullptr) return;
  trial.operations.emplace();
  for (const Node* node : expect.list("operation", true)) {
    if (std::find(words.begin(), words.end(), node->text) == words.end())
      complain_form(*node, expect.path_of("operation"), "upsert remove withheld nothing",
                    "one of upsert remove withheld nothing", expect.diagnostics());
    else if (node->text != "nothing")
      trial.operations->push_back(node->text);
  }
}

void read_expected(MapReader expect, TrialConfig& trial) {
  read_operations(expect, trial);
  if (expect.find("group") != nullptr) trial.group = expect.text("group");
  trial.quarantine = expect.text("quarantine", {});
  expect.form("quarantine", "^QZ-[A-Z]+-[0-9]+$");
  trial.values = row_of(expect, "values");
  expect.finish();
  const bool is_empty = !trial.operations && !trial.group && trial.quarantine.empty() && trial.values.empty();
  if (expect.is_map() && is_empty)
    expect.diagnostics().error("QZ-CFG-013", expect.place(),
                               expect.path() + " 至少要写 operation、group、quarantine、values 之一",
                               expect.path() + " needs at least one of operation, group, quarantine, values");
}

template <typename List>
void check_topic(MapReader& reader, std::string_view key, const List& list, const std::string& topic) {
  if (topic.empty() || std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.topic == topic; }))
    return;
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const auto& one : list) names.push_back(one.topic);
  const std::string guess = yaml::nearest(topic, names);
  reader.diagnostics().error(
      "QZ-CFG-030", reader.find(key)->place,
      reader.path_of(key) + ": \"" + topic + "\" 未定义" + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
      reader.path_of(key) + ": \"" + topic + "\" is not defined" +
          (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"));
}

void read_trial(const Node& node, const std::string& path, Config& config, yaml::Diagnostics& diagnostics) {
  MapReader reader(&node, path, diagnostics);
  TrialConfig trial;
  trial.place = reader.place();
  trial.name = reader.text("name");
  trial.received = reader.find("subscription") != nullptr;
  const std::string sent = reader.text("publication", {});
  const std::string received = reader.text("subscription", {});
  trial.topic = trial.received ? received : sent;
  if (reader.is_map() && (reader.find("publication") != nullptr) == trial.received)
    diagnostics.error("QZ-CFG-013", reader.place(), path + " 要写 publication 或 subscription 其中之一",
                      path + " takes exactly one of publication and subscription");
  else if (trial.received)
    check_topic(reader, "subscription", config.subscriptions, trial.topic);
  else
    check_topic(reader, "publication", config.publications, trial.topic);
  trial.removed = reader.choice<bool>("operation", {{"upsert", false}, {"remove", true}}, false);
  reader.require("given");
  trial.given = row_of(reader, "given");
  if (reader.find("before") != nullptr) trial.before = row_of(reader, "before");
  read_expected(reader.map("expect", true), trial);
  reader.finish();
  config.trials.push_back(std::move(trial));
}

}  // namespace

void read_trials(MapReader& root, Config& config) {
  const Node* node = root.find("tests");
  if (node == nullptr) return;
  if (!node->is_sequence()) return complain_kind(*node, "tests", "list", root.diagnostics());
  for (std::size_t i = 0; i < node->items.size(); ++i)
    read_trial(node->items[i], "tests[" + std::to_string(i + 1) + "]", config, root.diagnostics());
}

}  // namespace qianzhi::config
