// Short ways to write topics, rules and columns in tests of the mapping.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/mapping/mapper.h"

namespace qianzhi::mapping::test {

using config::ItemRule;
using config::Normalise;
using config::PublicationConfig;

inline ItemRule from(const std::string& column, std::vector<Normalise> normalise = {}) {
  ItemRule rule;
  rule.column = column;
  rule.normalise = std::move(normalise);
  return rule;
}

inline ItemRule constant(const std::string& text) {
  ItemRule rule;
  rule.kind = ItemRule::Kind::constant;
  rule.constant = text;
  return rule;
}

inline Item item(const std::string& id, ItemType type = ItemType::text, std::uint32_t length = 0) {
  Item result;
  result.id = id;
  result.type = type;
  result.length = length;
  return result;
}

// nullopt: null
inline Column column(std::initializer_list<std::optional<std::string>> values) {
  Column result;
  for (const auto& value : values) {
    if (value) {
      result.append(*value);
    } else {
      result.append_null();
    }
  }
  return result;
}

inline std::vector<Operation> upserts(std::size_t rows) { return std::vector<Operation>(rows, Operation::upsert); }

// A topic of a key "id" and one item "value", mapped from columns "k" and "v".
struct OneItem {
  Topic topic;
  PublicationConfig publication;

  explicit OneItem(const Item& value, ItemRule rule = from("v")) {
    topic.id = "test.one";
    topic.items = {item("id"), value};
    topic.items[1].id = "value";
    topic.key = {"id"};
    publication.items["id"] = from("k");
    publication.items["value"] = std::move(rule);
  }
  Mapped map(const Column& values) const {
    Column keys;
    for (std::size_t row = 0; row < values.size(); ++row) keys.append("k" + std::to_string(row));
    return Mapper(publication, topic).map(upserts(values.size()), {keys, values}, {});
  }
  // The canonical text of one value; its fault's code if it has one.
  std::string one(const std::string& value) const {
    const Mapped mapped = map(column({value}));
    if (!mapped.faults.empty()) return mapped.faults.front().code;
    if (mapped.items[1].presence(0) == Presence::null) return "(null)";
    if (mapped.items[1].presence(0) == Presence::invalid) return "(invalid)" + std::string(mapped.items[1].text(0));
    return std::string(mapped.items[1].text(0));
  }
};

}  // namespace qianzhi::mapping::test
