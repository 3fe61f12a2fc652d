// What request tables need of the rest of the configuration.
#include <algorithm>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::Node;
using yaml::Place;

Place place_in(const Node& root, std::size_t index, std::string_view key) {
  const Node* list = root.find("asks");
  if (list == nullptr || index >= list->items.size()) return {};
  const Node* found = list->items[index].find(key);
  return found == nullptr ? list->items[index].place : found->place;
}

template <typename Databases>
const typename Databases::mapped_type* defined(const std::string& id, const Databases& databases, const Place& place,
                                               const char* section, yaml::Diagnostics& diagnostics) {
  const auto found = databases.find(id);
  if (found != databases.end()) return &found->second;
  if (id.empty()) return nullptr;
  std::vector<std::string> names;
  names.reserve(databases.size());
  for (const auto& [name, database] : databases) names.push_back(name);
  const std::string guess = yaml::nearest(id, names);
  const std::string text = std::string(section) + "." + id;
  diagnostics.error("QZ-CFG-030", place, text + " 未定义" + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
                    text + " is not defined" + (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"));
  return nullptr;
}

void check_answer_table(const AskConfig& ask, std::size_t index, const Node& root, const Config& config,
                        yaml::Diagnostics& diagnostics) {
  bool is_taken = ask.table == ask.answers && !ask.answers.empty();
  for (const SubscriptionConfig& subscription : config.subscriptions)
    is_taken = is_taken || (subscription.target == ask.target && subscription.table == ask.answers);
  for (std::size_t other = 0; other < index; ++other)
    is_taken = is_taken || (config.asks[other].target == ask.target && config.asks[other].answers == ask.answers);
  if (is_taken)
    diagnostics.error("QZ-CFG-031", place_in(root, index, "answers"), "表 \"" + ask.answers + "\" 已有别的用途",
                      "table \"" + ask.answers + "\" is used for something else already");
}

void check_databases(const AskConfig& ask, std::size_t index, const Node& root, const Config& config,
                     yaml::Diagnostics& diagnostics) {
  const Place source_place = place_in(root, index, "source");
  const Place target_place = place_in(root, index, "target");
  const SourceConfig* source = defined(ask.source, config.sources, source_place, "sources", diagnostics);
  const DatabaseConfig* target = defined(ask.target, config.targets, target_place, "targets", diagnostics);
  if (source == nullptr || target == nullptr) return;
  if (is_read_whole(source->database.type))
    diagnostics.error("QZ-CFG-114", source_place, "文件来源没有请求表", "files hold no table of requests");
  else if (source->database.type != target->type)
    diagnostics.error("QZ-CFG-114", target_place, "source 和 target 必须是同一个数据库，现在类型不同",
                      "source and target must be the same database, but their types differ");
}

}  // namespace

void check_asks(const Node& root, const Config& config, yaml::Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < config.asks.size(); ++i) {
    check_databases(config.asks[i], i, root, config, diagnostics);
    check_answer_table(config.asks[i], i, root, config, diagnostics);
  }
  const SecretReference& own = config.exchange.encryption_key;
  if (!config.asks.empty() && own.file.empty() && own.credential.empty())
    diagnostics.error("QZ-CFG-037", config.asks.front().place,
                      "提出请求需要 exchange.encryption_key（注册时生成的 encryption.key）",
                      "asking needs exchange.encryption_key (the encryption.key of enrolment)",
                      "encryption_key: {file: encryption.key}");
}

}  // namespace qianzhi::config
