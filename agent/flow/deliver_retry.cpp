// Rows that a target refused: tried again when an operator says so, or by themselves when the reason may have passed
// (a foreign key whose row came later, a unique value that was freed).
#include <algorithm>

#include "agent/flow/deliver.h"
#include "agent/flow/quarantine.h"
#include "agent/flow/record.pb.h"

namespace qianzhi::flow {

namespace {

constexpr Micros heal_interval = 10'000'000;

bool may_heal(const store::QuarantineEntry& entry) {
  record::Row row;
  return row.ParseFromString(entry.row) && row.may_heal();
}

adapter::Step step_of(const store::QuarantineEntry& entry, const Topic& topic) {
  record::Row row;
  if (!row.ParseFromString(entry.row)) throw Error(ErrorKind::corrupt, "QZ-AGT-050", "quarantined row");
  adapter::Step step;
  step.rows.meta.push_back({static_cast<Operation>(row.operation()), entry.ordinal, 0, 0});
  step.rows.groups.push_back(row.group());
  // As it was tagged then: under the tag of a later refill it would outlive that refill's end without being in it.
  step.rows.seen = row.seen();
  step.rows.batch = entry.position;
  for (const record::Cell& cell : row.cells()) {
    if (topic.find(cell.name()) == nullptr) continue;
    step.rows.indexes.push_back(topic.index_of(cell.name()));
    Column column;
    column.add(static_cast<Presence>(cell.presence()), cell.text());
    step.rows.columns.push_back(std::move(column));
  }
  return step;
}

}  // namespace

void Deliver::retry_rows() {
  std::vector<store::QuarantineEntry> entries = take_retries(parts_.store, store::QuarantineSide::apply);
  const bool any_aside =
      std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return !lane.aside.empty(); });
  if (any_aside && parts_.clock.steady() >= heal_at_) {
    heal_at_ = parts_.clock.steady() + heal_interval;
    for (store::QuarantineEntry& entry : parts_.store.quarantine(true))
      if (entry.side == store::QuarantineSide::apply && may_heal(entry)) entries.push_back(std::move(entry));
  }
  for (const store::QuarantineEntry& entry : entries) {
    const auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& l) { return is_of(l, entry); });
    if (lane == lanes_.end() || !lane->has_row || lane->aside.count(entry.key) == 0) continue;
    // Only what is still granted may be written.
    record::Row row;
    if (!row.ParseFromString(entry.row) || !lane->granted.groups().contains(row.group())) continue;
    write(*lane, lane->row.head, lane->state, {step_of(entry, *lane->definition)});
  }
}

void Deliver::ask_again_where_told() {
  std::set<std::string> topics;
  for (const Lane& lane : lanes_) topics.insert(lane.topic);
  for (const std::string& topic : topics) {
    if (!take_ask_again(parts_.store, topic)) continue;
    for (Lane& lane : lanes_) {
      if (lane.topic != topic || !lane.has_row) continue;
      MarkState state = lane.state;
      state.complete = GroupSet::none();
      lane.asked = 0;
      write(lane, lane.row.head, state, {});
    }
  }
}

}  // namespace qianzhi::flow
