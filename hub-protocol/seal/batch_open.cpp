#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/block_codec.h"
#include "hub-protocol/seal/parsed_state.h"
#include "hub-protocol/seal/row_codec.h"

namespace qianzhi::seal {

namespace {

constexpr Fault rows_fault{ErrorKind::corrupt, "QZ-SEAL-015", "row block"};
constexpr Fault column_fault{ErrorKind::corrupt, "QZ-SEAL-015", "column block"};
constexpr Fault position_fault{ErrorKind::corrupt, "QZ-SEAL-015", "position block"};
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// Where each item of the manifest goes in BatchContent::items; nowhere if no group carries it.
std::vector<std::size_t> places_of_items(const std::vector<CarriedGroup>& groups) {
  std::vector<std::size_t> places(groups[0].manifest.items.size(), nowhere);
  for (const CarriedGroup& group : groups)
    for (const CarriedItem& item : group.items) places[item.index] = 0;
  std::size_t next = 0;
  for (std::size_t& place : places)
    if (place != nowhere) place = next++;
  return places;
}

Column unchanged_column(std::size_t rows) {
  Column column;
  column.reserve(rows, 0);
  for (std::size_t i = 0; i < rows; ++i) column.append_unchanged();
  return column;
}

// Ordinals number the rows of the whole batch; what was left out leaves gaps, but nothing repeats.
void check_ordinals(const BatchContent& content, bool all_groups, std::size_t most) {
  std::vector<std::uint32_t> ordinals;
  ordinals.reserve(content.rows());
  for (const GroupRows& group : content.groups)
    for (const RowMeta& row : group.meta) ordinals.push_back(row.ordinal);
  if (content.groups.size() > 1) std::sort(ordinals.begin(), ordinals.end());
  if (std::adjacent_find(ordinals.begin(), ordinals.end()) != ordinals.end()) rows_fault.raise("an ordinal repeats");
  if (ordinals.empty()) return;
  if (ordinals.back() >= most) rows_fault.raise("an ordinal is too large");
  if (all_groups && ordinals.back() != ordinals.size() - 1) rows_fault.raise("ordinals have gaps");
}

}  // namespace

BatchContent Parsed::open() const {
  BatchContent content;
  if (state_->groups.empty()) return content;
  const std::vector<std::size_t> places = places_of_items(state_->groups);
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i] != nowhere) content.items.emplace_back(state_->groups[0].manifest.items[i].item);
  Bytes buffer;
  std::size_t room = state_->limits.rows;
  // An item that is left out costs its sender nothing but us one entry a row.
  std::size_t absent_room = state_->limits.opened_octets;
  content.groups.reserve(state_->groups.size());
  for (const CarriedGroup& carried : state_->groups) {
    GroupRows group{state_->name(carried), {}, std::vector<Column>(content.items.size())};
    group.meta = decode_rows(open_block(carried.rows, buffer, rows_fault), room, rows_fault);
    room -= group.meta.size();
    for (const CarriedItem& item : carried.items)
      group.items[places[item.index]] =
          decode_column(open_block(item.block, buffer, column_fault), group.meta.size(), column_fault);
    const std::size_t absent = (group.items.size() - carried.items.size()) * group.meta.size();
    if (absent > absent_room) rows_fault.raise("too many rows for the items left out");
    absent_room -= absent;
    for (Column& column : group.items)
      if (column.size() == 0) column = unchanged_column(group.meta.size());
    content.groups.push_back(std::move(group));
  }
  check_ordinals(content, content.groups.size() == state_->record.header.groups.size(), state_->limits.rows);
  return content;
}

RowCounts Parsed::count_rows() const {
  RowCounts counts;
  Bytes buffer;
  for (const CarriedGroup& carried : state_->groups) {
    const std::size_t room = state_->limits.rows - counts.all();
    const RowCounts more = count_rows_of(open_block(carried.rows, buffer, rows_fault), room, rows_fault);
    counts.upserts += more.upserts;
    counts.removes += more.removes;
    counts.withheld += more.withheld;
  }
  return counts;
}

std::optional<SourcePosition> Parsed::source_position() const {
  if (!state_->position) return std::nullopt;
  Bytes buffer;
  return decode_position(open_block(*state_->position, buffer, position_fault), position_fault);
}

}  // namespace qianzhi::seal
