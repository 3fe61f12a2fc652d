#include "agent/flow/publication.h"

#include <algorithm>
#include <map>

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

// Codes hold by the calendar of China, which has one time.
constexpr Micros beijing_offset = 8 * Micros{3'600'000'000};
constexpr std::size_t day_length = 10;

}  // namespace

Publication::Publication(const config::PublicationConfig& config, const Topic& topic, GroupSet area,
                         const CodeTables& codes, const Clock* clock)
    : config_(config), clock_(clock), topic_(topic), area_(std::move(area)), mapper_(config_, topic_, codes) {
  for (const std::string& key : topic_.key) key_items_.push_back(topic_.index_of(key));
}

std::string Publication::today() const {
  return clock_ == nullptr ? std::string() : to_text(clock_->now() + beijing_offset).substr(0, day_length);
}

Selection Publication::select_changes(const std::vector<adapter::ChangeMeta>& meta, const std::vector<Column>& columns,
                                      const std::vector<Column>& old) const {
  std::vector<Operation> operations;
  operations.reserve(meta.size());
  for (const adapter::ChangeMeta& change : meta) operations.push_back(change.operation);
  Selection selection;
  selection.mapped = mapper_.map(operations, columns, old, today());
  const mapping::Mapped& mapped = selection.mapped;
  auto fault = mapped.faults.begin();
  for (std::size_t row = 0; row < meta.size(); ++row) {
    while (fault != mapped.faults.end() && fault->row < row) ++fault;
    const bool faulty = fault != mapped.faults.end() && fault->row == row;
    const bool upsert = operations[row] == Operation::upsert;
    const bool in_old = mapped.old_in_filter[row] && area_.contains(mapped.old_group[row]);
    const bool in_new = upsert && mapped.in_filter[row] && area_.contains(mapped.group[row]);
    Line line{row, Operation::remove, mapped.old_group[row], meta[row].transaction, meta[row].source_time};
    if (in_old && (!in_new || mapped.old_group[row] != mapped.group[row])) selection.lines.push_back(line);
    if (!in_new) continue;
    line.group = mapped.group[row];
    line.operation = faulty ? Operation::withheld : Operation::upsert;
    selection.lines.push_back(line);
    if (faulty) selection.faults.push_back(*fault);
  }
  return selection;
}

Selection Publication::select_snapshot(const std::vector<Column>& columns, const std::vector<Column>& old,
                                       const GroupSet& groups) const {
  const std::size_t rows = columns.empty() ? 0 : columns.front().size();
  Selection selection;
  selection.mapped = mapper_.map(std::vector<Operation>(rows, Operation::upsert), columns, old, today());
  const mapping::Mapped& mapped = selection.mapped;
  auto fault = mapped.faults.begin();
  for (std::size_t row = 0; row < rows; ++row) {
    while (fault != mapped.faults.end() && fault->row < row) ++fault;
    if (!mapped.in_filter[row] || !area_.contains(mapped.group[row]) || !groups.contains(mapped.group[row])) continue;
    const bool moved = mapped.old_in_filter[row] && mapped.old_group[row] != mapped.group[row];
    if (moved && area_.contains(mapped.old_group[row]))
      selection.lines.push_back({row, Operation::remove, mapped.old_group[row], 0, 0});
    const bool faulty = fault != mapped.faults.end() && fault->row == row;
    selection.lines.push_back({row, faulty ? Operation::withheld : Operation::upsert, mapped.group[row], 0, 0});
    if (faulty) selection.faults.push_back(*fault);
  }
  return selection;
}

seal::BatchContent Publication::content(const mapping::Mapped& mapped, std::span<const Line> lines) const {
  seal::BatchContent content;
  for (const Item& item : topic_.items) content.items.push_back(item.id);
  std::map<Group, std::vector<std::size_t>> by_group;
  for (std::size_t i = 0; i < lines.size(); ++i) by_group[lines[i].group].push_back(i);
  for (const auto& [group, indexes] : by_group) {
    seal::GroupRows rows;
    rows.group = group;
    rows.meta.reserve(indexes.size());
    for (const std::size_t i : indexes) {
      const Line& line = lines[i];
      rows.meta.push_back({line.operation, static_cast<std::uint32_t>(i), line.transaction, line.source_time});
    }
    rows.items.resize(topic_.items.size());
    for (std::size_t item = 0; item < topic_.items.size(); ++item) {
      const bool key = std::find(key_items_.begin(), key_items_.end(), item) != key_items_.end();
      const Column& source = mapped.items[item];
      Column& target = rows.items[item];
      target.reserve(indexes.size(), source.size() == 0 ? 0 : source.octets() * indexes.size() / source.size());
      // Rows that follow each other in the source are copied together.
      for (std::size_t from = 0; from < indexes.size();) {
        const Line& first = lines[indexes[from]];
        const auto is_carried = [&](const Line& line) { return key || line.operation == Operation::upsert; };
        std::size_t to = from + 1;
        if (is_carried(first)) {
          while (to < indexes.size() && is_carried(lines[indexes[to]]) &&
                 lines[indexes[to]].row == first.row + (to - from))
            ++to;
          target.append_range(source, first.row, first.row + (to - from));
        } else {
          target.append_unchanged();
        }
        from = to;
      }
    }
    content.groups.push_back(std::move(rows));
  }
  return content;
}

std::string Publication::key_of(const mapping::Mapped& mapped, std::size_t row) const {
  std::string key;
  for (const std::size_t item : key_items_) {
    if (!key.empty()) key += '\x1f';
    key.append(mapped.items[item].text(row));
  }
  return key;
}

}  // namespace qianzhi::flow
