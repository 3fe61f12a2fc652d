#include "hub-protocol/model/topic.h"

#include <algorithm>
#include <array>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

constexpr std::array<std::string_view, 10> type_names = {"text", "code", "digits",    "integer", "decimal",
                                                         "date", "year", "timestamp", "boolean", "bytes"};

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

std::string_view name_of(ItemType type) { return type_names[static_cast<std::size_t>(type)]; }

std::optional<ItemType> item_type_of(std::string_view name) {
  const auto* found = std::find(type_names.begin(), type_names.end(), name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<ItemType>(found - type_names.begin());
}

}  // namespace qianzhi
