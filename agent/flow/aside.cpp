#include "agent/flow/aside.h"

#include <algorithm>
#include <set>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

using adapter::RowsStep;
using adapter::Step;
using store::QuarantineEntry;

record::Row row_of(const QuarantineEntry& entry) {
  record::Row row;
  if (!row.ParseFromString(entry.row)) throw Error(ErrorKind::corrupt, "QZ-AGT-050", "quarantined row");
  return row;
}

// Enough of a row to try it again.
record::Row row_of(const Topic& topic, const RowsStep& rows, std::size_t at) {
  record::Row row;
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    record::Cell& cell = *row.add_cells();
    cell.set_name(topic.items[rows.indexes[i]].id);
    cell.set_presence(static_cast<std::uint32_t>(rows.columns[i].presence(at)));
    cell.set_text(std::string(rows.columns[i].text(at)));
  }
  row.set_group(rows.groups[at]);
  row.set_operation(static_cast<std::uint32_t>(rows.meta[at].operation));
  row.set_seen(rows.seen);
  return row;
}

bool is_partial(const RowsStep& rows, std::size_t at) {
  return rows.meta[at].operation == Operation::upsert &&
         std::any_of(rows.columns.begin(), rows.columns.end(),
                     [&](const Column& column) { return column.presence(at) == Presence::unchanged; });
}

// Items that the partial change does not carry, as the entry has them.
void complete(record::Row& partial, const record::Row& kept) {
  for (record::Cell& cell : *partial.mutable_cells()) {
    if (cell.presence() != static_cast<std::uint32_t>(Presence::unchanged)) continue;
    const auto old = std::find_if(kept.cells().begin(), kept.cells().end(),
                                  [&](const record::Cell& c) { return c.name() == cell.name(); });
    if (old != kept.cells().end()) cell = *old;
  }
}

class Fold {
 public:
  Fold(const Topic& topic, const std::vector<QuarantineEntry>& before) : topic_(topic) {
    for (const QuarantineEntry& entry : before) aside_[entry.key] = entry;
  }

  void refuse(const std::string& key, QuarantineEntry entry, record::Row row, bool partial) {
    std::optional<QuarantineEntry>& kept = touch(key);
    if (partial && kept) complete(row, row_of(*kept));
    if (kept) entry.id = kept->id;
    entry.row = row.SerializeAsString();
    kept = std::move(entry);
  }

  void pass(const std::string& key, const RowsStep& rows, std::size_t at, bool is_retry) {
    const auto found = aside_.find(key);
    if (found == aside_.end()) return;
    std::optional<QuarantineEntry>& kept = touch(key);
    if (!kept) return;
    const record::Row old = row_of(*kept);
    // Set aside at the source: the target's row stays, in its group alone.
    if (rows.meta[at].operation == Operation::withheld && old.group() == rows.groups[at]) return;
    if (is_retry || !is_partial(rows, at)) {
      kept.reset();
      return;
    }
    record::Row row = row_of(topic_, rows, at);
    complete(row, old);
    row.set_may_heal(old.may_heal());
    kept->row = row.SerializeAsString();
    kept->position = rows.batch;
    kept->ordinal = rows.meta[at].ordinal;
  }

  void sweep(const Step& step) {
    for (auto& [key, kept] : aside_) {
      if (!kept) continue;
      const record::Row row = row_of(*kept);
      if (row.seen() == step.seen || !step.groups.contains(row.group())) continue;
      kept.reset();
      touched_.insert(key);
    }
  }

  Aside result() && {
    Aside touched;
    for (const std::string& key : touched_) touched[key] = std::move(aside_[key]);
    return touched;
  }

 private:
  std::optional<QuarantineEntry>& touch(const std::string& key) {
    touched_.insert(key);
    return aside_[key];
  }

  const Topic& topic_;
  Aside aside_;
  std::set<std::string> touched_;
};

}  // namespace

Aside aside_after(const Topic& topic, const std::string& subscription, const std::string& origin,
                  const adapter::TargetTransaction& transaction, const std::vector<adapter::Rejection>& rejections,
                  const std::vector<QuarantineEntry>& before, Micros now) {
  std::map<std::pair<std::size_t, std::size_t>, const adapter::Rejection*> refused;
  for (const adapter::Rejection& rejection : rejections) refused[{rejection.step, rejection.row}] = &rejection;
  const bool is_retry = transaction.expected == transaction.next.head;
  Fold fold(topic, before);
  for (std::size_t s = 0; s < transaction.steps.size(); ++s) {
    const Step& step = transaction.steps[s];
    if (step.kind == Step::Kind::sweep) fold.sweep(step);
    const RowsStep& rows = step.rows;
    for (std::size_t i = 0; i < rows.meta.size(); ++i) {
      const std::string key = key_of(topic, rows, i);
      const auto found = refused.find({s, i});
      if (found == refused.end()) {
        fold.pass(key, rows, i, is_retry);
        continue;
      }
      QuarantineEntry entry{0,
                            store::QuarantineSide::apply,
                            subscription,
                            origin,
                            key,
                            rows.batch,
                            rows.meta[i].ordinal,
                            found->second->code,
                            found->second->detail,
                            now,
                            0,
                            {}};
      record::Row row = row_of(topic, rows, i);
      row.set_may_heal(found->second->may_heal);
      fold.refuse(key, std::move(entry), std::move(row), is_partial(rows, i));
    }
  }
  return std::move(fold).result();
}

std::string key_of(const Topic& topic, const RowsStep& rows, std::size_t row) {
  std::string key;
  for (const std::string& item : topic.key) {
    const std::size_t index = topic.index_of(item);
    const auto found = std::find(rows.indexes.begin(), rows.indexes.end(), index);
    QZ_ASSERT(found != rows.indexes.end());
    if (!key.empty()) key += key_mark;
    key.append(rows.columns[static_cast<std::size_t>(found - rows.indexes.begin())].text(row));
  }
  return key;
}

}  // namespace qianzhi::flow
