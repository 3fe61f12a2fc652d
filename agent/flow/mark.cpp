#include "agent/flow/mark.h"

#include <algorithm>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

Bytes encode(const MarkState& state) {
  record::MarkState message;
  message.set_directory_version(state.directory_version);
  if (!state.receipt.empty()) QZ_ASSERT(message.mutable_receipt()->ParseFromString(state.receipt));
  if (!state.newest.empty()) QZ_ASSERT(message.mutable_newest()->ParseFromString(state.newest));
  write_value(state.complete, *message.mutable_complete());
  message.set_tracked_begin(state.tracked_begin.bytes());
  write_value(state.tracked, *message.mutable_tracked());
  for (const Entitlement::Clause& clause : state.scope.clauses()) {
    record::Clause& written = *message.add_scope();
    write_value(clause.groups, *written.mutable_groups());
    for (const std::string& item : clause.items) written.add_items(item);
  }
  message.set_upserted(state.upserted);
  message.set_removed(state.removed);
  message.set_quarantined(state.quarantined);
  message.set_dropped_partial(state.dropped_partial);
  message.set_applied(state.applied);
  message.set_begun(state.begun);
  message.set_alive(state.alive);
  message.set_changed(state.changed);
  for (const std::string& key : state.keys.present) message.add_present_keys(key);
  for (const std::string& key : state.keys.ended) message.add_ended_keys(key);
  return message.SerializeAsString();
}

namespace {

MarkState read_state(const record::MarkState& message) {
  MarkState state;
  state.directory_version = message.directory_version();
  if (message.has_receipt()) state.receipt = message.receipt().SerializeAsString();
  if (message.has_newest()) state.newest = message.newest().SerializeAsString();
  state.complete = read_value(message.complete());
  state.tracked_begin = Digest::from_bytes(message.tracked_begin());
  state.tracked = read_value(message.tracked());
  std::vector<Entitlement::Clause> clauses;
  for (const record::Clause& clause : message.scope())
    clauses.push_back({read_value(clause.groups()), {clause.items().begin(), clause.items().end()}});
  state.scope = Entitlement(std::move(clauses));
  state.upserted = message.upserted();
  state.removed = message.removed();
  state.quarantined = message.quarantined();
  state.dropped_partial = message.dropped_partial();
  state.applied = message.applied();
  state.begun = message.begun();
  state.alive = message.alive();
  state.changed = message.changed();
  state.keys.present = {message.present_keys().begin(), message.present_keys().end()};
  state.keys.ended = {message.ended_keys().begin(), message.ended_keys().end()};
  return state;
}

}  // namespace

MarkState decode_mark(std::string_view octets) {
  record::MarkState message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size())))
    throw Error(ErrorKind::corrupt, "QZ-AGT-050", "mark state");
  try {
    return read_state(message);
  } catch (const Error& error) {
    // A value inside is malformed: what is wrong is the mark row, not something that came just now.
    throw Error(ErrorKind::corrupt, "QZ-AGT-050", "mark state: " + error.detail());
  }
}

namespace {

std::set<std::string> minus(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> difference;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(difference, difference.end()));
  return difference;
}

// One item set for all of its groups: the common case.
bool is_even(const Entitlement& entitlement) { return entitlement.clauses().size() <= 1; }

}  // namespace

std::vector<adapter::Step> settle(MarkState& state, const Entitlement& granted, std::uint64_t directory_version,
                                  const Topic& topic) {
  std::vector<adapter::Step> steps;
  state.directory_version = directory_version;
  if (state.scope == granted) return steps;
  const bool even = is_even(state.scope) && is_even(granted);
  adapter::Step keep;
  keep.kind = adapter::Step::Kind::keep_groups;
  keep.groups = even ? granted.groups() : GroupSet::none();
  steps.push_back(std::move(keep));
  const std::set<std::string> lost = minus(state.scope.items(), granted.items());
  if (even && !lost.empty() && !granted.is_empty()) {
    adapter::Step clear;
    clear.kind = adapter::Step::Kind::clear_columns;
    for (const std::string& item : lost)
      if (topic.find(item) != nullptr) clear.indexes.push_back(topic.index_of(item));
    steps.push_back(std::move(clear));
  }
  const bool widened = !minus(granted.items(), state.scope.items()).empty();
  if (!even || widened) {
    // The rows that are here lack items: only a refill that began under the wider grant brings them.
    state.complete = GroupSet::none();
    state.tracked_begin = {};
  }
  state.complete = state.complete.intersect(granted.groups());
  state.tracked = state.tracked.intersect(granted.groups());
  if (state.tracked.is_empty()) state.tracked_begin = {};
  if (!state.is_tracking()) state.tracked = GroupSet::none();
  state.scope = granted;
  return steps;
}

}  // namespace qianzhi::flow
