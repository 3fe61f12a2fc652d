// Rows that a target refuses are set aside before the rest is committed, and released by the transaction that
// supersedes them. Target and store do not commit together: what a transaction will release is noted before it, so that
// after a crash the mark row tells whether it did. A row that stayed aside by mistake would come back over newer
// values.
#include <algorithm>

#include "agent/flow/aside.h"
#include "agent/flow/deliver.h"
#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

std::string note_name(const std::string& topic, const std::string& origin) { return "passing/" + origin + "/" + topic; }

}  // namespace

bool Deliver::is_of(const Lane& lane, const store::QuarantineEntry& entry) {
  return entry.side == store::QuarantineSide::apply && entry.topic == lane.topic && entry.origin == lane.origin;
}

// The entries of this stream, if the transaction may touch one.
std::vector<store::QuarantineEntry> Deliver::entries_for(const Lane& lane,
                                                         const adapter::TargetTransaction& transaction) const {
  bool touched = false;
  for (const adapter::Step& step : transaction.steps) {
    touched = touched || step.kind == adapter::Step::Kind::sweep;
    for (std::size_t row = 0; row < step.rows.meta.size() && !touched && !lane.aside.empty(); ++row)
      touched = lane.aside.count(key_of(*lane.definition, step.rows, row)) != 0;
  }
  std::vector<store::QuarantineEntry> entries;
  if (!touched || lane.aside.empty()) return entries;
  for (store::QuarantineEntry& entry : parts_.store.quarantine(true))
    if (is_of(lane, entry)) entries.push_back(std::move(entry));
  return entries;
}

// A retry does not move the mark, which then tells nothing; nor has its row anything newer to overwrite.
void Deliver::keep(Lane& lane, const adapter::TargetTransaction& transaction, const Aside& aside) {
  if (aside.empty()) return;
  const Position from = transaction.expected.position;
  const Position to = transaction.next.head.position;
  record::Passing passing;
  passing.set_from_epoch(from.epoch);
  passing.set_from_sequence(from.sequence);
  passing.set_to_epoch(to.epoch);
  passing.set_to_sequence(to.sequence);
  for (const auto& [key, kept] : aside)
    if (!kept) passing.add_keys(key);
  const std::string octets = passing.SerializeAsString();
  parts_.store.update([&](store::StoreTransaction& update) {
    for (const auto& [key, kept] : aside)
      if (kept) parts_.store.set_aside(update, *kept);
    if (passing.keys_size() != 0 && to != from) update.put_value(note_name(lane.topic, lane.origin), octets);
  });
  for (const auto& [key, kept] : aside)
    if (kept) lane.aside.insert(key);
}

void Deliver::release(Lane& lane, const Aside& aside) {
  if (aside.empty()) return;
  parts_.store.update([&](store::StoreTransaction& update) {
    for (const auto& [key, kept] : aside)
      if (!kept) update.release_key(store::QuarantineSide::apply, lane.topic, lane.origin, key);
    update.erase_value(note_name(lane.topic, lane.origin));
  });
  for (const auto& [key, kept] : aside)
    if (!kept) lane.aside.erase(key);
}

void Deliver::release_noted(Lane& lane) {
  const std::string name = note_name(lane.topic, lane.origin);
  const auto octets = parts_.store.value(name);
  if (!octets) return;
  record::Passing passing;
  if (!passing.ParseFromString(*octets)) throw Error(ErrorKind::corrupt, "QZ-AGT-050", name);
  const Position from{passing.from_epoch(), passing.from_sequence()};
  const bool committed = lane.has_row && lane.row.head.position >= Position{passing.to_epoch(), passing.to_sequence()};
  Aside aside;
  for (const store::QuarantineEntry& entry : parts_.store.quarantine(false)) {
    const bool is_noted = std::find(passing.keys().begin(), passing.keys().end(), entry.key) != passing.keys().end();
    // Refused again within that transaction, it is at a later position.
    if (committed && is_of(lane, entry) && is_noted && entry.position <= from) aside[entry.key] = std::nullopt;
  }
  release(lane, aside);
  if (aside.empty()) parts_.store.update([&](store::StoreTransaction& update) { update.erase_value(name); });
}

}  // namespace qianzhi::flow
