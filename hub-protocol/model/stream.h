// Streams, positions in them and sets of groups: the vocabulary of protocol-rules R0.
#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi {

// One agent's batches of one topic.
struct StreamId {
  std::string agent;
  std::string topic;
  auto operator<=>(const StreamId&) const = default;
};

// "agent/topic", for people and logs.
std::string to_text(const StreamId& stream);

// Number of a batch in its stream. (0, 0) is before every batch.
struct Position {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  auto operator<=>(const Position&) const = default;
};

// "epoch.sequence", for people and logs.
std::string to_text(const Position& position);

// A position together with what proves it: the digest of the exact header bytes. Zero digest: nothing yet.
struct Head {
  Position position;
  Digest digest;
  bool is_none() const { return digest.is_zero(); }
  bool operator==(const Head&) const = default;
};

// Frozen: on the wire.
enum class BatchKind : std::uint8_t { change = 0, begin = 1, rows = 2, end = 3 };

std::string_view name_of(BatchKind kind);

// A group is named by its partition value; rows whose partition value is unknown, and all rows of a topic without
// a partition item, are in the group with the empty name, which only whole-topic grants receive.
using Group = std::string;

// `*` (every group, also empty, unknown and future ones) or a list. `*` is never expanded (R0).
class GroupSet {
 public:
  static GroupSet every() { return GroupSet(true, {}); }
  static GroupSet none() { return {}; }
  static GroupSet of(const std::set<Group>& groups) { return GroupSet(false, groups); }
  GroupSet() = default;

  bool is_every() const { return every_; }
  bool is_empty() const { return !every_ && groups_.empty(); }
  bool contains(std::string_view group) const { return every_ || groups_.find(group) != groups_.end(); }
  // True if each group of other is in this set; `*` is only in `*`.
  bool covers(const GroupSet& other) const;
  GroupSet unite(const GroupSet& other) const;
  GroupSet intersect(const GroupSet& other) const;
  // Groups of this set that are not in other. `*` without anything but `*` stays `*` (a wish may name too much).
  GroupSet without(const GroupSet& other) const;
  // Empty for `*`.
  const auto& groups() const { return groups_; }

  bool operator==(const GroupSet&) const = default;

 private:
  GroupSet(bool every, const std::set<Group>& groups) : every_(every), groups_(groups.begin(), groups.end()) {}

  bool every_ = false;
  std::set<Group, std::less<>> groups_;
};

// "*" or "440103,440104", for people and logs.
std::string to_text(const GroupSet& groups);

// A hub's life between two recoveries (R6.5, R6.6).
struct Incarnation {
  std::uint64_t counter = 0;
  std::uint64_t random = 0;
  auto operator<=>(const Incarnation&) const = default;
};

}  // namespace qianzhi
