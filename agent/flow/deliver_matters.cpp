// Accepted objections end when the corrected row comes.
#include <algorithm>

#include "agent/flow/deliver.h"

namespace qianzhi::flow {

namespace {

// Where the step holds this item; nothing if it does not.
std::optional<std::size_t> place_of(const adapter::RowsStep& rows, const Topic& topic, std::string_view item) {
  for (std::size_t i = 0; i < rows.indexes.size(); ++i)
    if (topic.items[rows.indexes[i]].id == item) return i;
  return std::nullopt;
}

// Another value than the one that was objected to; or, if that was not said, the one that was claimed. An objection to
// a row as such: it is gone. What a refill says again is no correction.
bool corrects(const wire::Objection& objection, const adapter::RowsStep& rows, const Topic& topic, std::size_t row) {
  const bool removed = rows.meta[row].operation == Operation::remove;
  if (objection.item().empty() || removed) return removed;
  const auto place = place_of(rows, topic, objection.item());
  if (!place || rows.columns[*place].presence(row) == Presence::unchanged) return false;
  const bool has = rows.columns[*place].presence(row) == Presence::value;
  const std::string_view now = has ? rows.columns[*place].text(row) : std::string_view();
  if (!objection.held().empty()) return now != objection.held();
  return !objection.claimed().empty() && now == objection.claimed();
}

}  // namespace

void Deliver::note_corrections(const Lane& lane, const adapter::TargetTransaction& transaction) {
  if (parts_.matters == nullptr) return;
  const auto awaited = parts_.matters->awaited({lane.origin, lane.topic});
  if (awaited.empty()) return;
  for (const adapter::Step& step : transaction.steps) {
    if (step.kind != adapter::Step::Kind::rows) continue;
    for (std::size_t row = 0; row < step.rows.meta.size(); ++row) {
      const auto [first, last] = awaited.equal_range(key_of(*lane.definition, step.rows, row));
      for (auto entry = first; entry != last; ++entry)
        if (corrects(entry->second.objection, step.rows, *lane.definition, row))
          parts_.matters->corrected(entry->second.matter);
    }
  }
}

}  // namespace qianzhi::flow
