#include "hub-protocol/model/topic.h"

#include <algorithm>
#include <array>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

constexpr std::array<std::string_view, 10> type_names = {"text", "code", "digits",    "integer", "decimal",
                                                         "date", "year", "timestamp", "boolean", "bytes"};
constexpr std::array<std::string_view, 3> sharing_names = {"must", "conditional", "none"};
constexpr std::array<std::string_view, 3> sharing_titles = {
    "无条件共享 / shared without conditions", "有条件共享 / shared on conditions", "不予共享 / not shared"};
constexpr std::array<std::string_view, 3> grade_names = {"general", "important", "core"};
constexpr std::array<std::string_view, 3> grade_titles = {"一般数据 / general", "重要数据 / important",
                                                          "核心数据 / core"};
constexpr std::array<std::string_view, 5> rule_names = {"none", "registration_number", "organisation_code",
                                                        "credit_code", "citizen_id"};

template <typename Names, typename Value>
std::string_view word_of(const Names& names, Value value) {
  return names[static_cast<std::size_t>(value)];
}

}  // namespace

const Item* Topic::find(std::string_view item) const {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& i) { return i.id == item; });
  return found == items.end() ? nullptr : &*found;
}

std::size_t Topic::index_of(std::string_view item) const {
  const Item* found = find(item);
  if (found == nullptr) throw Error(ErrorKind::misuse, "QZ-CFG-100", id + " has no item " + std::string(item));
  return static_cast<std::size_t>(found - items.data());
}

bool Topic::is_key(std::string_view item) const { return std::find(key.begin(), key.end(), item) != key.end(); }

const Topic* Catalogue::find(std::string_view id) const {
  const auto found = topics.find(id);
  return found == topics.end() ? nullptr : &found->second;
}

std::string_view name_of(ItemType type) { return word_of(type_names, type); }
std::string_view name_of(Sharing sharing) { return word_of(sharing_names, sharing); }
std::string_view name_of(Grade grade) { return word_of(grade_names, grade); }
std::string_view name_of(CheckRule rule) { return word_of(rule_names, rule); }
std::string_view name_of(TopicMode mode) {
  if (mode == TopicMode::answer) return "answer";
  return mode == TopicMode::state ? "state" : "event";
}
std::string_view title_of(Sharing sharing) { return word_of(sharing_titles, sharing); }
std::string_view title_of(Grade grade) { return word_of(grade_titles, grade); }

std::string type_text(const Item& item) {
  std::string text(name_of(item.type));
  if (item.type == ItemType::decimal)
    return text + "(" + std::to_string(item.length) + "," + std::to_string(item.scale) + ")";
  return item.length == 0 ? text : text + "(" + std::to_string(item.length) + ")";
}

std::string cycle_text(Micros cycle) {
  struct Unit {
    std::string_view name;
    Micros size;
  };
  static constexpr std::array<Unit, 6> units = {
      {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}}};
  for (const Unit& unit : units)
    if (cycle > 0 && cycle % unit.size == 0) return std::to_string(cycle / unit.size) + std::string(unit.name);
  return {};
}

std::string fault_of(const TopicTerms& terms) {
  if (terms.sharing != Sharing::must && terms.basis.empty())
    return "sharing that is conditional or refused needs a legal basis";
  if (terms.purposes.size() > most_purposes) return "there are more than 100 purposes";
  for (const std::string* text : {&terms.code, &terms.basis, &terms.conditions, &terms.contact, &terms.summary})
    if (text->size() > longest_term) return "a term is longer than 4000 octets";
  for (const std::string& purpose : terms.purposes)
    if (purpose.empty() || purpose.size() > longest_term) return "a purpose is empty or longer than 4000 octets";
  if (terms.update_cycle < 0) return "an update cycle is negative";
  return {};
}

std::optional<ItemType> item_type_of(std::string_view name) {
  const auto* found = std::find(type_names.begin(), type_names.end(), name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<ItemType>(found - type_names.begin());
}

}  // namespace qianzhi
