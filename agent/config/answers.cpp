#include <algorithm>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr std::uint64_t most_rows_each = 1'000;
constexpr std::uint64_t most_each_minute = 10'000'000;
constexpr std::uint64_t most_statement = 64U << 10U;
constexpr Micros longest_timeout = 600'000'000;

std::map<std::string, std::string> columns_of(MapReader& reader, std::string_view key) {
  std::map<std::string, std::string> columns;
  const Node* node = reader.find(key);
  if (node == nullptr) return columns;
  if (!node->is_map()) {
    complain_kind(*node, reader.path_of(key), "map", reader.diagnostics());
    return columns;
  }
  for (const yaml::Entry& entry : node->entries)
    columns.emplace(entry.key, read_name(entry.value, reader.path_of(key) + "." + entry.key, reader.diagnostics()));
  return columns;
}

void read_least_group(MapReader& reader, AnswerConfig& answer) {
  const Node* node = reader.find("least_group");
  if (node == nullptr) return;
  MapReader group(node, reader.path_of("least_group"), reader.diagnostics());
  group.require("column");
  answer.group_column = group.text("column");
  answer.group_least = group.integer("least", 2, most_each_minute);
  group.finish();
}

// Either a table and what to look for in it, or a statement of the department's DBA.
void check_way(MapReader& reader, const AnswerConfig& answer) {
  const bool by_table = reader.find("table") != nullptr;
  const bool by_statement = reader.find("statement") != nullptr;
  if (by_table == by_statement || by_table != (reader.find("match") != nullptr))
    reader.diagnostics().error("QZ-CFG-013", reader.place(), reader.path() + " 要写 table 和 match，或者只写 statement",
                               reader.path() + " takes table and match together, or statement alone");
  if (answer.statement.size() > most_statement)
    complain_form(*reader.find("statement"), reader.path_of("statement"), "最长 64KiB", "at most 64KiB",
                  reader.diagnostics());
}

AnswerConfig read_answer(const Node& node, const std::string& path, yaml::Diagnostics& diagnostics) {
  MapReader reader(&node, path, diagnostics);
  AnswerConfig answer;
  answer.service = reader.id("service");
  answer.place = reader.find("service") != nullptr ? reader.find("service")->place : reader.place();
  answer.source = reader.text("source");
  if (const Node* table = reader.find("table")) answer.table = read_name(*table, reader.path_of("table"), diagnostics);
  answer.match = columns_of(reader, "match");
  answer.statement = reader.text("statement", {});
  answer.items = columns_of(reader, "items");
  answer.rows_each = reader.integer("rows", 1, most_rows_each, answer.rows_each);
  answer.questions_a_minute = reader.integer("questions_a_minute", 1, most_each_minute, answer.questions_a_minute);
  answer.timeout = reader.duration("timeout", answer.timeout);
  if (answer.timeout < 1'000 || answer.timeout > longest_timeout)
    complain_form(*reader.find("timeout"), reader.path_of("timeout"), "1ms 到 10m", "between 1ms and 10m", diagnostics);
  read_least_group(reader, answer);
  check_way(reader, answer);
  reader.finish();
  return answer;
}

}  // namespace

void read_answers(MapReader& root, Config& config) {
  const Node* node = root.find("answers");
  if (node == nullptr) return;
  if (!node->is_sequence()) return complain_kind(*node, "answers", "list", root.diagnostics());
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    AnswerConfig answer = read_answer(node->items[i], "answers[" + std::to_string(i + 1) + "]", root.diagnostics());
    const bool is_twice = std::any_of(config.answers.begin(), config.answers.end(),
                                      [&](const AnswerConfig& other) { return other.service == answer.service; });
    if (is_twice && !answer.service.empty())
      root.diagnostics().error("QZ-CFG-031", answer.place, "服务 " + answer.service + " 写了两次",
                               "service " + answer.service + " is answered twice");
    config.answers.push_back(std::move(answer));
  }
}

}  // namespace qianzhi::config
