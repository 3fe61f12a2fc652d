#include <algorithm>
#include <map>
#include <set>

#include "agent/config/loader.h"
#include "agent/config/parts.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::config {

namespace {

using yaml::Diagnostics;

constexpr std::size_t area_digits = 6;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!is_digits(text.substr(0, 4)) || !is_digits(text.substr(5, 2)) || !is_digits(text.substr(8, 2))) return false;
  const int year = number(text.substr(0, 4));
  const int month = number(text.substr(5, 2));
  const int day = number(text.substr(8, 2));
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int february = is_leap ? 29 : 28;
  const int days[] = {31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

bool is_decimal(const Item& item, std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (!is_digits(whole) || part.size() != item.scale || (item.scale > 0 && !is_digits(part))) return false;
  return point != std::string_view::npos || item.scale == 0;
}

bool is_integer(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return is_digits(text) && (text.size() == 1 || text.front() != '0');
}

std::string guess_text(const std::string& guess, bool zh) {
  if (guess.empty()) return {};
  return zh ? "，是否想写 \"" + guess + "\"？" : "; did you mean \"" + guess + "\"?";
}

const Topic* find_topic(const std::string& id, const yaml::Place& place, const Catalogue& catalogue,
                        Diagnostics& diagnostics) {
  if (id.empty()) return nullptr;
  if (const Topic* topic = catalogue.find(id)) return topic;
  std::vector<std::string> known;
  for (const auto& [name, topic] : catalogue.topics) known.push_back(name);
  const std::string guess = yaml::nearest(id, known);
  const std::string version = std::to_string(catalogue.version);
  diagnostics.error("QZ-CFG-033", place,
                    "目录（版本 " + version + "）中没有主题 \"" + id + "\"" + guess_text(guess, true),
                    "catalogue version " + version + " has no topic \"" + id + "\"" + guess_text(guess, false));
  return nullptr;
}

void complain_mode(const Topic& topic, const yaml::Place& place, Diagnostics& diagnostics) {
  const bool is_answered = topic.mode == TopicMode::answer;
  diagnostics.error(
      "QZ-CFG-036", place,
      "主题 " + topic.id + (is_answered ? " 只按请求答复，不能发布或订阅" : " 不是答复类主题，不能写在 answers 中"),
      "topic " + topic.id +
          (is_answered ? " is answered when asked, and neither published nor received"
                       : " is not an answered one and has no place in answers"));
}

void complain_unknown(const Topic& topic, const std::string& id, const yaml::Place& place, Diagnostics& diagnostics) {
  std::vector<std::string> known;
  std::string list;
  for (const Item& item : topic.items) {
    known.push_back(item.id);
    list += (list.empty() ? "" : " ") + item.id;
  }
  const std::string guess = yaml::nearest(id, known);
  diagnostics.error("QZ-CFG-034", place, "主题 " + topic.id + " 没有数据项 \"" + id + "\"" + guess_text(guess, true),
                    "topic " + topic.id + " has no item \"" + id + "\"" + guess_text(guess, false),
                    "可用 (allowed): " + list);
}

void complain_rule(const ItemRule& rule, const Item& item, const std::string& zh, const std::string& en,
                   Diagnostics& diagnostics) {
  diagnostics.error("QZ-CFG-036", rule.place, item.id + "（" + item.title + "，" + type_text(item) + "）" + zh,
                    item.id + " (" + type_text(item) + ") " + en);
}

void check_rule(const Topic& topic, const Item& item, const ItemRule& rule, Diagnostics& diagnostics) {
  const auto complain = [&](const std::string& zh, const std::string& en) {
    complain_rule(rule, item, zh, en, diagnostics);
  };
  if (rule.kind == ItemRule::Kind::constant) {
    if (topic.is_key(item.id)) complain("是主键，不能是常量", "is a key item and cannot be constant");
    if (!fits(item, rule.constant)) complain("的常量不符合类型", "has a constant that does not fit the type");
  }
  if (rule.kind == ItemRule::Kind::area) {
    if (topic.partition != item.id)
      complain("不是分区数据项，不能用 area", "is not the partition item; area does not apply");
    const bool is_good = std::all_of(rule.authority_table.begin(), rule.authority_table.end(), [](const auto& entry) {
      return entry.second.size() == area_digits && is_digits(entry.second);
    });
    if (!is_good) complain("的 authority_table 要对应 6 位区划代码", "needs 6-digit codes in authority_table");
  }
  const auto bad = std::find_if(rule.code_table.begin(), rule.code_table.end(),
                                [&](const auto& entry) { return !fits(item, entry.second); });
  if (bad != rule.code_table.end()) {
    complain("的代码表中 \"" + bad->first + "\" 对应的值不符合类型",
             "has a code_table whose value for \"" + bad->first + "\" does not fit the type");
  }
  const bool has_date =
      std::find(rule.normalise.begin(), rule.normalise.end(), Normalise::date) != rule.normalise.end();
  const bool takes_date =
      item.type == ItemType::date || item.type == ItemType::timestamp || item.type == ItemType::year;
  if (has_date && !takes_date)
    complain("不是日期，不能用 normalise: date", "is no date; normalise: date does not apply");
}

void check_publication(const PublicationConfig& publication, const Catalogue& catalogue, Diagnostics& diagnostics) {
  const Topic* topic = find_topic(publication.topic, publication.place, catalogue, diagnostics);
  if (topic == nullptr) return;
  if (topic->mode == TopicMode::answer) return complain_mode(*topic, publication.place, diagnostics);
  for (const auto& [id, rule] : publication.items) {
    const Item* item = topic->find(id);
    if (item == nullptr) {
      complain_unknown(*topic, id, rule.place, diagnostics);
    } else {
      check_rule(*topic, *item, rule, diagnostics);
    }
  }
  for (const Item& item : topic->items) {
    const bool is_needed = item.required || topic->is_key(item.id);
    if (!is_needed || publication.items.count(item.id) != 0) continue;
    diagnostics.error("QZ-CFG-035", publication.place,
                      "主题 " + topic->id + " 必填的 " + item.id + "（" + item.title + "）没有写在 items 中",
                      "topic " + topic->id + " requires " + item.id + ", which is not in items");
  }
  if (publication.area.is_every()) return;
  const Item* partition = topic->find(topic->partition);
  if (partition == nullptr) {
    diagnostics.error("QZ-CFG-036", publication.area_place, "主题 " + topic->id + " 不分区，不能写 area",
                      "topic " + topic->id + " has no partition item; area does not apply");
    return;
  }
  if (publication.items.count(topic->partition) == 0) {
    diagnostics.error("QZ-CFG-035", publication.area_place, "写了 area，但 items 中没有 " + topic->partition,
                      "area is set, but " + topic->partition + " is not in items");
  }
  for (const Group& group : publication.area.groups()) {
    if (fits(*partition, group) && (partition->type != ItemType::digits || group.size() == partition->length)) continue;
    diagnostics.error("QZ-CFG-036", publication.area_place,
                      "area 中的 \"" + group + "\" 不符合 " + type_text(*partition),
                      "\"" + group + "\" in area does not fit " + type_text(*partition));
  }
}

void check_subscription(const SubscriptionConfig& subscription, const Catalogue& catalogue, Diagnostics& diagnostics) {
  const Topic* topic = find_topic(subscription.topic, subscription.place, catalogue, diagnostics);
  if (topic == nullptr) return;
  if (topic->mode == TopicMode::answer) return complain_mode(*topic, subscription.place, diagnostics);
  for (const auto& [id, column] : subscription.rename) {
    if (topic->find(id) == nullptr) complain_unknown(*topic, id, subscription.place, diagnostics);
  }
  std::map<std::string, std::string> columns;
  for (const Item& item : topic->items) {
    const auto renamed = subscription.rename.find(item.id);
    const std::string column = renamed == subscription.rename.end() ? item.id : renamed->second;
    const auto [first, is_new] = columns.emplace(column, item.id);
    if (is_new) continue;
    diagnostics.error("QZ-CFG-031", subscription.place,
                      first->second + " 和 " + item.id + " 都写入列 \"" + column + "\"",
                      first->second + " and " + item.id + " both go to column \"" + column + "\"");
  }
}

void check_answer(const AnswerConfig& answer, const Catalogue& catalogue, Diagnostics& diagnostics) {
  const Topic* topic = find_topic(answer.service, answer.place, catalogue, diagnostics);
  if (topic == nullptr) return;
  if (topic->mode != TopicMode::answer) return complain_mode(*topic, answer.place, diagnostics);
  for (const auto& [id, column] : answer.items)
    if (topic->find(id) == nullptr) complain_unknown(*topic, id, answer.place, diagnostics);
  for (const auto& [id, column] : answer.match)
    if (!topic->is_key(id)) complain_unknown(*topic, id, answer.place, diagnostics);
  if (answer.statement.empty())
    for (const std::string& id : topic->key)
      if (answer.match.count(id) == 0)
        diagnostics.error("QZ-CFG-035", answer.place, "服务 " + topic->id + " 的问项 " + id + " 没有写在 match 中",
                          "service " + topic->id + " is asked " + id + ", which is not in match");
}

void check_ask(const AskConfig& ask, const Catalogue& catalogue, Diagnostics& diagnostics) {
  std::set<std::string> asked;
  std::set<std::string> answered;
  bool is_whole = true;
  for (const std::string& service : ask.services) {
    const Topic* topic = find_topic(service, ask.place, catalogue, diagnostics);
    is_whole = is_whole && topic != nullptr;
    if (topic == nullptr) continue;
    if (topic->mode != TopicMode::answer) return complain_mode(*topic, ask.place, diagnostics);
    for (const Item& item : topic->items) (topic->is_key(item.id) ? asked : answered).insert(item.id);
    for (const std::string& id : topic->key)
      if (ask.items.count(id) == 0)
        diagnostics.error("QZ-CFG-035", ask.place, "服务 " + topic->id + " 的问项 " + id + " 没有写在 items 中",
                          "service " + topic->id + " is asked " + id + ", which is not in items");
  }
  if (!is_whole) return;
  const auto check = [&](const std::map<std::string, std::string>& columns, const std::set<std::string>& known) {
    for (const auto& [id, column] : columns)
      if (known.count(id) == 0)
        diagnostics.error("QZ-CFG-034", ask.place, "asks " + ask.name + " 的服务没有数据项 \"" + id + "\"",
                          "no service of asks " + ask.name + " has item \"" + id + "\" there");
  };
  check(ask.items, asked);
  check(ask.rename, answered);
}

}  // namespace

bool fits(const Item& item, std::string_view text) {
  if (text.empty()) return !item.required;
  switch (item.type) {
    case ItemType::text:
    case ItemType::code: return item.length == 0 || yaml::count_characters(text) <= item.length;
    case ItemType::digits: return is_digits(text) && (item.length == 0 || text.size() <= item.length);
    case ItemType::integer: return is_integer(text);
    case ItemType::decimal: return is_decimal(item, text);
    case ItemType::date: return is_date(text);
    case ItemType::year: return text.size() == 4 && is_digits(text);
    case ItemType::timestamp: return text.size() >= 19 && is_date(text.substr(0, 10)) && text[10] == 'T';
    case ItemType::boolean: return text == "true" || text == "false";
    case ItemType::bytes: return item.length == 0 || text.size() <= item.length;
  }
  return false;
}

void check_against(const Config& config, const Catalogue& catalogue, Diagnostics& diagnostics) {
  for (const PublicationConfig& publication : config.publications)
    check_publication(publication, catalogue, diagnostics);
  for (const SubscriptionConfig& subscription : config.subscriptions) {
    check_subscription(subscription, catalogue, diagnostics);
  }
  for (const AnswerConfig& answer : config.answers) check_answer(answer, catalogue, diagnostics);
  for (const AskConfig& ask : config.asks) check_ask(ask, catalogue, diagnostics);
}

}  // namespace qianzhi::config
