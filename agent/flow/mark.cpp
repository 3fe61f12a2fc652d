#include "agent/flow/mark.h"

#include <algorithm>
#include <map>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

void write_clauses(const Entitlement& entitlement, google::protobuf::RepeatedPtrField<record::Clause>& written) {
  for (const Entitlement::Clause& clause : entitlement.clauses()) {
    record::Clause& added = *written.Add();
    write_value(clause.groups, *added.mutable_groups());
    for (const std::string& item : clause.items) added.add_items(item);
  }
}

Entitlement read_clauses(const google::protobuf::RepeatedPtrField<record::Clause>& written) {
  std::vector<Entitlement::Clause> clauses;
  for (const record::Clause& clause : written)
    clauses.push_back({read_value(clause.groups()), {clause.items().begin(), clause.items().end()}});
  return Entitlement(std::move(clauses));
}

}  // namespace

Bytes encode(const MarkState& state) {
  record::MarkState message;
  message.set_directory_version(state.directory_version);
  if (!state.receipt.empty()) QZ_ASSERT(message.mutable_receipt()->ParseFromString(state.receipt));
  if (!state.newest.empty()) QZ_ASSERT(message.mutable_newest()->ParseFromString(state.newest));
  write_value(state.complete, *message.mutable_complete());
  message.set_tracked_begin(state.tracked_begin.bytes());
  write_value(state.tracked, *message.mutable_tracked());
  write_clauses(state.scope, *message.mutable_scope());
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
  write_clauses(state.former, *message.mutable_former());
  message.set_narrowed(state.narrowed);
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
  state.scope = read_clauses(message.scope());
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
  state.former = read_clauses(message.former());
  state.narrowed = message.narrowed();
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

// Stands for all groups that no clause lists; no partition value holds a line feed.
constexpr std::string_view any_other = "\n";

std::set<std::string> groups_named(const Entitlement& a, const Entitlement& b) {
  std::set<std::string> named;
  for (const Entitlement* entitlement : {&a, &b})
    for (const Entitlement::Clause& clause : entitlement->clauses())
      named.insert(clause.groups.groups().begin(), clause.groups.groups().end());
  if (a.groups().is_every()) named.emplace(any_other);
  return named;
}

std::string listed(const std::set<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  std::size_t told = 0;
  for (const std::string& name : names) {
    if (told++ == most) return text + ", ...";
    text += (text.empty() ? "" : ", ") + (name == any_other ? "*" : name);
  }
  return text;
}

// What was granted before this narrowing, and before earlier ones that still take something away.
Entitlement both(const MarkState& state, const Entitlement& granted) {
  if (no_longer_covered(state.former, granted).empty()) return state.scope;
  std::vector<Entitlement::Clause> clauses = state.former.clauses();
  for (const Entitlement::Clause& clause : state.scope.clauses())
    if (std::find(clauses.begin(), clauses.end(), clause) == clauses.end()) clauses.push_back(clause);
  return Entitlement(std::move(clauses));
}

}  // namespace

std::string no_longer_covered(const Entitlement& former, const Entitlement& granted) {
  std::set<std::string> groups;
  std::map<std::set<std::string>, std::set<std::string>> items;  // gone items: of these groups
  for (const std::string& group : groups_named(former, granted)) {
    const std::set<std::string> now = granted.items_in(group);
    const std::set<std::string> gone = minus(former.items_in(group), now);
    if (gone.empty()) continue;
    if (now.empty())
      groups.insert(group);
    else
      items[gone].insert(group);
  }
  std::string text = groups.empty() ? std::string() : "groups " + listed(groups);
  for (const auto& [gone, where] : items)
    text += (text.empty() ? "" : "; ") + std::string("items ") + listed(gone) + " in groups " + listed(where);
  return text;
}

std::vector<adapter::Step> settle(MarkState& state, const Entitlement& granted, std::uint64_t directory_version,
                                  const Topic& topic, Micros now) {
  std::vector<adapter::Step> steps;
  state.directory_version = directory_version;
  if (state.scope == granted) return steps;
  if (!no_longer_covered(state.scope, granted).empty()) {
    state.former = both(state, granted);
    state.narrowed = now;
  } else if (no_longer_covered(state.former, granted).empty()) {
    state.former = {};
  }
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
