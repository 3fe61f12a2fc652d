#include "hub-protocol/model/stream.h"

#include <algorithm>
#include <array>

namespace qianzhi {

std::string to_text(const StreamId& stream) { return stream.agent + "/" + stream.topic; }

std::string to_text(const Position& position) {
  return std::to_string(position.epoch) + "." + std::to_string(position.sequence);
}

std::string_view name_of(BatchKind kind) {
  static constexpr std::array<std::string_view, 4> names = {"change", "begin", "rows", "end"};
  return names[static_cast<std::size_t>(kind)];
}

bool GroupSet::covers(const GroupSet& other) const {
  if (every_) return true;
  if (other.every_) return false;
  return std::includes(groups_.begin(), groups_.end(), other.groups_.begin(), other.groups_.end());
}

GroupSet GroupSet::unite(const GroupSet& other) const {
  if (every_ || other.every_) return every();
  GroupSet result = *this;
  result.groups_.insert(other.groups_.begin(), other.groups_.end());
  return result;
}

GroupSet GroupSet::intersect(const GroupSet& other) const {
  if (every_) return other;
  if (other.every_) return *this;
  GroupSet result;
  std::set_intersection(groups_.begin(), groups_.end(), other.groups_.begin(), other.groups_.end(),
                        std::inserter(result.groups_, result.groups_.end()));
  return result;
}

GroupSet GroupSet::without(const GroupSet& other) const {
  if (other.every_) return none();
  if (every_) return every();
  GroupSet result;
  std::set_difference(groups_.begin(), groups_.end(), other.groups_.begin(), other.groups_.end(),
                      std::inserter(result.groups_, result.groups_.end()));
  return result;
}

std::string to_text(const GroupSet& groups) {
  if (groups.is_every()) return "*";
  std::string text;
  for (const Group& group : groups.groups()) {
    if (!text.empty()) text += ',';
    text += group.empty() ? "(unknown)" : group;
  }
  return text.empty() ? "(none)" : text;
}

}  // namespace qianzhi
