#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::Node;
using yaml::Place;

// Entries of a list in the file; config.publications and config.subscriptions are in the same order.
const Node* entry_of(const Node& root, std::string_view list, std::size_t index) {
  const Node* node = root.find(list);
  return node != nullptr && index < node->items.size() ? &node->items[index] : nullptr;
}

Place place_of(const Node* entry, std::string_view key) {
  if (entry == nullptr) return {};
  const Node* found = entry->find(key);
  return found == nullptr ? entry->place : found->place;
}

Place key_place(const Node& root, std::string_view map, std::string_view key) {
  if (const Node* node = root.find(map)) {
    for (const yaml::Entry& entry : node->entries) {
      if (entry.key == key) return entry.key_place;
    }
  }
  return root.place;
}

template <typename Databases>
void check_defined(const std::string& name, const Databases& defined, const Place& place, std::string_view zh,
                   std::string_view en, const Node* section, yaml::Diagnostics& diagnostics) {
  if (name.empty() || defined.count(name) != 0) return;
  std::vector<std::string> names;
  names.reserve(defined.size());
  std::string list;
  for (const auto& [id, database] : defined) names.push_back(id);
  if (section != nullptr) {
    for (const yaml::Entry& entry : section->entries) {
      list += (list.empty() ? "" : "、") + entry.key + "（第 " + std::to_string(entry.key_place.line) + " 行）";
    }
  }
  const std::string guess = yaml::nearest(name, names);
  diagnostics.error(
      "QZ-CFG-030", place,
      std::string(zh) + " \"" + name + "\" 未定义" + (guess.empty() ? "" : "，是否想写 \"" + guess + "\"？"),
      std::string(en) + " \"" + name + "\" is not defined" + (guess.empty() ? "" : "; did you mean \"" + guess + "\"?"),
      list.empty() ? "" : "已定义 (defined): " + list);
}

void check_unused(const Node& root, const Config& config, yaml::Diagnostics& diagnostics) {
  const auto warn = [&](std::string_view section, const std::string& id) {
    diagnostics.warning("QZ-CFG-038", key_place(root, section, id), std::string(section) + "." + id + " 没有被使用",
                        std::string(section) + "." + id + " is not used");
  };
  for (const auto& [id, source] : config.sources) {
    const bool is_used = std::any_of(config.publications.begin(), config.publications.end(),
                                     [&, &name = id](const auto& p) { return p.source == name; }) ||
                         std::any_of(config.answers.begin(), config.answers.end(),
                                     [&, &name = id](const auto& a) { return a.source == name; }) ||
                         std::any_of(config.asks.begin(), config.asks.end(),
                                     [&, &name = id](const auto& a) { return a.source == name; });
    if (!is_used) warn("sources", id);
  }
  for (const auto& [id, target] : config.targets) {
    const bool is_used = std::any_of(config.subscriptions.begin(), config.subscriptions.end(),
                                     [&, &name = id](const auto& s) { return s.target == name; }) ||
                         std::any_of(config.asks.begin(), config.asks.end(),
                                     [&, &name = id](const auto& a) { return a.target == name; });
    if (!is_used) warn("targets", id);
  }
}

bool is_same_database(const DatabaseConfig& a, const DatabaseConfig& b) {
  return a.type == b.type && a.options == b.options;
}

// A table that is captured by diff and received into would send out what it received.
void check_circles(const SubscriptionConfig& subscription, const Place& place, const Config& config,
                   yaml::Diagnostics& diagnostics) {
  const auto target = config.targets.find(subscription.target);
  if (target == config.targets.end()) return;
  for (const PublicationConfig& publication : config.publications) {
    const auto source = config.sources.find(publication.source);
    if (source == config.sources.end()) continue;
    if (source->second.database.type == "files" && target->second.type == "files" &&
        source->second.database.options.at("folder") == target->second.options.at("folder")) {
      diagnostics.error("QZ-CFG-032", place, "接收文件夹就是来源 " + publication.source + " 的投放文件夹",
                        "received files would be written to the drop folder of source " + publication.source);
      return;
    }
    // What the agent wrote itself is told from the department's own changes by log and journal only.
    const bool blind = source->second.capture == Capture::diff || source->second.capture == Capture::watermark;
    if (!blind && !publication.reconcile) continue;
    const std::string how = !blind ? "reconcile" : source->second.capture == Capture::diff ? "diff" : "watermark";
    if (publication.table != subscription.table || !is_same_database(source->second.database, target->second)) continue;
    diagnostics.error(
        "QZ-CFG-032", place,
        "表 \"" + subscription.table + "\" 正以 " + how + " 方式采集（" + publication.topic + "），不能同时接收数据",
        "table \"" + subscription.table + "\" is captured by " + how + " (" + publication.topic +
            ") and cannot receive as well");
  }
}

// A table of files exists by its configuration only.
void check_files(const PublicationConfig& publication, const Place& place, const Config& config,
                 yaml::Diagnostics& diagnostics) {
  const auto source = config.sources.find(publication.source);
  if (source == config.sources.end() || source->second.database.type != "files" || publication.table.empty()) return;
  const std::string prefix = "table." + publication.table + ".";
  const auto option = source->second.database.options.lower_bound(prefix);
  if (option != source->second.database.options.end() && option->first.rfind(prefix, 0) == 0) return;
  diagnostics.error("QZ-CFG-030", place,
                    "来源 " + publication.source + " 的 tables 中没有表 \"" + publication.table + "\"",
                    "table \"" + publication.table + "\" is not among the tables of source " + publication.source);
}

// What an adapter that we do not know can do, it says itself: check --live.
void check_answers(const Node& root, const Config& config, yaml::Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < config.answers.size(); ++i) {
    const AnswerConfig& answer = config.answers[i];
    const Place place = place_of(entry_of(root, "answers", i), "source");
    check_defined(answer.source, config.sources, place, "数据源", "source", root.find("sources"), diagnostics);
    const auto source = config.sources.find(answer.source);
    if (source != config.sources.end() && is_read_whole(source->second.database.type))
      diagnostics.error("QZ-CFG-037", place,
                        "来源 " + answer.source + " 是文件夹（" + source->second.database.type + "），不能答复请求",
                        "source " + answer.source + " is a folder of files, which answers no requests",
                        "改用数据库来源 (name a source that is a database)");
  }
}

// What a way of capture needs of a publication, and what it makes pointless.
void check_capture(const PublicationConfig& publication, const Node* entry, const Config& config,
                   yaml::Diagnostics& diagnostics) {
  const auto source = config.sources.find(publication.source);
  if (source == config.sources.end()) return;
  const Capture capture = source->second.capture;
  if (capture == Capture::watermark && publication.watermark.empty())
    diagnostics.error("QZ-CFG-037", place_of(entry, "topic"),
                      "来源 " + publication.source + " 以水位方式采集，发布要写 watermark（水位列）",
                      "source " + publication.source + " captures by watermark: the publication needs watermark",
                      "例如 (for example): watermark: qianzhi_tx");
  if (capture != Capture::watermark && !publication.watermark.empty())
    diagnostics.error("QZ-CFG-037", place_of(entry, "watermark"),
                      "来源 " + publication.source + " 不以水位方式采集，watermark 没有作用",
                      "source " + publication.source + " does not capture by watermark",
                      "删去这一行 (remove this line)");
  if (capture == Capture::diff && publication.reconcile)
    diagnostics.error("QZ-CFG-037", place_of(entry, "reconcile"), "diff 方式本身就是对账，不需要 reconcile",
                      "capture by diff compares already: no reconcile is needed", "删去这一行 (remove this line)");
  if (capture == Capture::watermark && !publication.reconcile && !publication.watermark.empty())
    diagnostics.warning("QZ-CFG-039", place_of(entry, "watermark"),
                        "水位方式看不到删除；没有 reconcile，删除的行不会传出",
                        "a watermark sees no deletes; without reconcile deleted rows stay at the receivers",
                        "例如 (for example): reconcile: {at: \"02:00\"}");
}

// Nothing of the canary ever leaves the source.
void check_canary(const PublicationConfig& publication, const Place& place, const Config& config,
                  yaml::Diagnostics& diagnostics) {
  const auto source = config.sources.find(publication.source);
  if (source == config.sources.end() || source->second.canary.every == 0) return;
  if (publication.table != source->second.canary.table) return;
  diagnostics.error("QZ-CFG-037", place, "表 \"" + publication.table + "\" 是来源的探测表（canary），不能发布",
                    "table \"" + publication.table + "\" is the canary of its source and cannot be published");
}

void complain_twice(const Place& place, const std::string& what_zh, const std::string& what_en, const Place& first,
                    yaml::Diagnostics& diagnostics) {
  const std::string line = std::to_string(first.line);
  diagnostics.error("QZ-CFG-031", place, what_zh + " 重复，第 " + line + " 行已经写过",
                    what_en + " appears twice; the first is in line " + line);
}

}  // namespace

void check_references(const Node& root, const Config& config, yaml::Diagnostics& diagnostics) {
  std::map<std::string, Place> published;
  for (std::size_t i = 0; i < config.publications.size(); ++i) {
    const PublicationConfig& publication = config.publications[i];
    const Node* entry = entry_of(root, "publications", i);
    check_defined(publication.source, config.sources, place_of(entry, "source"), "数据源", "source",
                  root.find("sources"), diagnostics);
    check_files(publication, place_of(entry, "table"), config, diagnostics);
    check_capture(publication, entry, config, diagnostics);
    check_canary(publication, place_of(entry, "table"), config, diagnostics);
    if (publication.topic.empty()) continue;
    const auto [first, is_new] = published.emplace(publication.topic, publication.place);
    if (!is_new) {
      complain_twice(publication.place, "主题 " + publication.topic + " 的发布", "publication of " + publication.topic,
                     first->second, diagnostics);
    }
  }
  check_answers(root, config, diagnostics);
  if (!config.answers.empty() && config.exchange.encryption_key.file.empty() &&
      config.exchange.encryption_key.credential.empty())
    diagnostics.error("QZ-CFG-037", config.answers.front().place,
                      "答复请求需要 exchange.encryption_key（注册时生成的 encryption.key）",
                      "answering requests needs exchange.encryption_key (the encryption.key of enrolment)",
                      "encryption_key: {file: encryption.key}");
  check_asks(root, config, diagnostics);
  std::map<std::pair<std::string, std::string>, Place> received;
  std::map<std::string, Place> subscribed;
  for (std::size_t i = 0; i < config.subscriptions.size(); ++i) {
    const SubscriptionConfig& subscription = config.subscriptions[i];
    const Node* entry = entry_of(root, "subscriptions", i);
    check_defined(subscription.target, config.targets, place_of(entry, "target"), "目标库", "target",
                  root.find("targets"), diagnostics);
    if (subscription.topic.empty()) continue;
    const auto [topic, is_new_topic] = subscribed.emplace(subscription.topic, subscription.place);
    if (!is_new_topic) {
      complain_twice(subscription.place, "主题 " + subscription.topic + " 的订阅",
                     "subscription of " + subscription.topic, topic->second, diagnostics);
    }
    const Place table_place = place_of(entry, "table");
    const auto [table, is_new_table] =
        received.emplace(std::pair(subscription.target, subscription.table), table_place);
    if (!is_new_table && is_new_topic && !subscription.table.empty()) {
      complain_twice(table_place, "目标表 " + subscription.table, "target table " + subscription.table, table->second,
                     diagnostics);
    }
    check_circles(subscription, table_place, config, diagnostics);
  }
  // A misspelt name would only be reported twice.
  if (!diagnostics.has_errors()) check_unused(root, config, diagnostics);
}

}  // namespace qianzhi::config
