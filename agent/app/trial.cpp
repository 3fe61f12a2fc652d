#include "agent/app/trial.h"

#include <algorithm>

#include "agent/config/names.h"
#include "agent/flow/deliver.h"
#include "agent/flow/publication.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::app {

namespace {

using config::TrialConfig;
using Value = std::optional<std::string>;

std::string shown(const Value& value, const Item* item) {
  if (!value) return "null";
  return "\"" + (item != nullptr && item->personal ? masked(*value) : *value) + "\"";
}

std::string joined_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "nothing" : text;
}

std::string name_of(Operation operation) {
  switch (operation) {
    case Operation::upsert: return "upsert";
    case Operation::remove: return "remove";
    case Operation::withheld: return "withheld";
  }
  return {};
}

// A name that is not among those there are is a mistake in the test and never a value that is missing.
void check_names(const TrialConfig::Row& row, const std::string& what, const std::vector<std::string>& names,
                 TrialResult& result) {
  for (const auto& [name, value] : row) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string guess = yaml::nearest(name, names);
    result.mismatches.push_back({what + "." + name, guess.empty() ? joined_words(names) : guess, "?"});
  }
}

void append(Column& column, const TrialConfig::Row& row, const std::string& name) {
  const auto found = row.find(name);
  if (found == row.end() || !found->second)
    column.append_null();
  else
    column.append(*found->second);
}

struct Cells {
  std::vector<Column> columns;
  std::vector<Column> old;
};

// As an adapter hands a change over: what was removed has its key columns only.
Cells cells_of(const TrialConfig& trial, const mapping::Mapper& mapper) {
  const TrialConfig::Row& before = trial.before ? *trial.before : trial.given;
  const std::vector<std::string>& keys = mapper.key_columns();
  Cells cells;
  for (const std::string& name : mapper.columns()) {
    Column& column = cells.columns.emplace_back();
    if (trial.removed && std::find(keys.begin(), keys.end(), name) == keys.end())
      column.append_unchanged();
    else
      append(column, trial.removed ? before : trial.given, name);
  }
  for (const std::string& name : mapper.old_columns()) append(cells.old.emplace_back(), before, name);
  return cells;
}

void compare_values(const TrialConfig& trial, const Topic& topic, const flow::Selection& selection,
                    TrialResult& result) {
  std::vector<std::string> names;
  for (const Item& item : topic.items) names.push_back(item.id);
  check_names(trial.values, "values", names, result);
  for (const auto& [name, expected] : trial.values) {
    const Item* item = topic.find(name);
    if (item == nullptr) continue;
    const Column& column = selection.mapped.items[topic.index_of(name)];
    const Value got = column.has_value(0) ? Value(std::string(column.text(0))) : std::nullopt;
    if (got != expected) result.mismatches.push_back({name, shown(expected, item), shown(got, item)});
  }
}

void compare_selection(const TrialConfig& trial, const flow::Selection& selection, TrialResult& result) {
  std::vector<std::string> operations;
  for (const flow::Line& line : selection.lines) operations.push_back(name_of(line.operation));
  if (trial.operations && *trial.operations != operations)
    result.mismatches.push_back({"operation", joined_words(*trial.operations), joined_words(operations)});
  const std::string code = selection.faults.empty() ? std::string() : selection.faults.front().code;
  if (code != trial.quarantine)
    result.mismatches.push_back({"quarantine", trial.quarantine.empty() ? "-" : trial.quarantine,
                                 code.empty() ? "-" : code + " " + selection.faults.front().detail});
  if (!trial.group) return;
  const std::string group = selection.lines.empty() ? "-" : selection.lines.back().group;
  if (group != *trial.group) result.mismatches.push_back({"group", *trial.group, group});
}

void try_sent(const TrialConfig& trial, const config::Config& config, const Catalogue& catalogue, TrialResult& result) {
  const auto found = std::find_if(config.publications.begin(), config.publications.end(),
                                  [&](const auto& publication) { return publication.topic == trial.topic; });
  const Topic* topic = catalogue.find(trial.topic);
  if (found == config.publications.end() || topic == nullptr) {
    result.mismatches.push_back({"publication", trial.topic, "?"});
    return;
  }
  const SystemClock clock;
  const flow::Publication publication(*found, *topic, found->area, catalogue.code_tables, &clock);
  check_names(trial.given, "given", publication.mapper().columns(), result);
  if (trial.before) check_names(*trial.before, "before", publication.mapper().columns(), result);
  const Cells cells = cells_of(trial, publication.mapper());
  const adapter::ChangeMeta meta{trial.removed ? Operation::remove : Operation::upsert};
  const flow::Selection selection = publication.select_changes({meta}, cells.columns, cells.old);
  compare_selection(trial, selection, result);
  compare_values(trial, *topic, selection, result);
}

void try_received(const TrialConfig& trial, const config::Config& config, const Catalogue& catalogue,
                  TrialResult& result) {
  const auto found = std::find_if(config.subscriptions.begin(), config.subscriptions.end(),
                                  [&](const auto& subscription) { return subscription.topic == trial.topic; });
  const Topic* topic = catalogue.find(trial.topic);
  if (found == config.subscriptions.end() || topic == nullptr) {
    result.mismatches.push_back({"subscription", trial.topic, "?"});
    return;
  }
  const adapter::TargetTable table =
      flow::Deliver::spec_of(config.targets.at(found->target), {*found}, catalogue, {}).tables.front();
  std::vector<std::string> items;
  std::vector<std::string> columns;
  std::map<std::string, Value> row;
  for (std::size_t i = 0; i < topic->items.size(); ++i) {
    const Item& item = topic->items[i];
    items.push_back(item.id);
    columns.push_back(table.columns[i].id);
    const auto given = trial.given.find(item.id);
    row[columns.back()] = given == trial.given.end() ? std::nullopt : given->second;
    if (row[columns.back()] && !config::fits(item, *row[columns.back()]))
      result.mismatches.push_back({"given." + item.id, type_text(item), shown(row[columns.back()], &item)});
  }
  check_names(trial.given, "given", items, result);
  check_names(trial.values, "values", columns, result);
  const std::vector<std::string> operation = {trial.removed ? "remove" : "upsert"};
  if (trial.operations && *trial.operations != operation)
    result.mismatches.push_back({"operation", joined_words(*trial.operations), operation.front()});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto expected = trial.values.find(columns[i]);
    if (expected == trial.values.end() || row[columns[i]] == expected->second) continue;
    const Item* item = &topic->items[i];
    result.mismatches.push_back({columns[i], shown(expected->second, item), shown(row[columns[i]], item)});
  }
}

}  // namespace

std::vector<TrialResult> run_trials(const config::Config& config, const Catalogue& catalogue) {
  std::vector<TrialResult> results;
  for (const TrialConfig& trial : config.trials) {
    TrialResult result{trial.name, trial.place.line, {}};
    if (trial.received)
      try_received(trial, config, catalogue, result);
    else
      try_sent(trial, config, catalogue, result);
    results.push_back(std::move(result));
  }
  return results;
}

std::string masked(std::string_view text) {
  std::size_t first = 1;
  while (first < text.size() && (static_cast<unsigned char>(text[first]) & 0xC0U) == 0x80U) ++first;
  return text.size() <= first ? std::string(text) : std::string(text.substr(0, first)) + "***";
}

}  // namespace qianzhi::app
