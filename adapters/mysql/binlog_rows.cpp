#include "adapters/mysql/binlog_rows.h"

#include <algorithm>

#include "adapters/mysql/binlog_value.h"

namespace qianzhi::mysql {

namespace {

bool has_extra_data(EventType type) {
  switch (type) {
    case EventType::write_rows:
    case EventType::update_rows:
    case EventType::delete_rows:
    case EventType::write_rows_compressed:
    case EventType::update_rows_compressed:
    case EventType::delete_rows_compressed: return true;
    default: return false;
  }
}

bool is_compressed(EventType type) {
  return type >= EventType::write_rows_compressed_v1 && type <= EventType::delete_rows_compressed;
}

}  // namespace

std::optional<RowsKind> rows_kind_of(EventType type) {
  switch (type) {
    case EventType::write_rows_v1:
    case EventType::write_rows:
    case EventType::write_rows_compressed_v1:
    case EventType::write_rows_compressed: return RowsKind::insert;
    case EventType::update_rows_v1:
    case EventType::update_rows:
    case EventType::update_rows_compressed_v1:
    case EventType::update_rows_compressed: return RowsKind::update;
    case EventType::delete_rows_v1:
    case EventType::delete_rows:
    case EventType::delete_rows_compressed_v1:
    case EventType::delete_rows_compressed: return RowsKind::remove;
    default: return std::nullopt;
  }
}

std::uint64_t rows_table_of(const Event& event) { return Octets(event.body).little(6); }

RowsCursor::RowsCursor(const Event& event, const LoggedTable& table)
    : table_(table), kind_(rows_kind_of(event.type).value()), timestamp_(event.timestamp), rest_({}) {
  Octets from(event.body);
  from.take(8);  // table and flags
  if (has_extra_data(event.type)) {
    const std::uint64_t size = from.little(2);
    if (size < 2) malformed("an event of rows has a malformed header");
    from.take(static_cast<std::size_t>(size) - 2);
  }
  if (from.packed() != table.columns.size()) malformed("an event of rows has other columns than its table");
  std::vector<bool> first = take_bits(from);
  if (kind_ == RowsKind::update) present_after_ = take_bits(from);
  (kind_ == RowsKind::insert ? present_after_ : present_before_) = std::move(first);
  for (const auto* present : {&present_before_, &present_after_})
    full_ = full_ && std::all_of(present->begin(), present->end(), [](bool is) { return is; });
  rows_ = is_compressed(event.type) ? inflate_part(from.rest()) : std::string(from.rest());
  rest_ = Octets(rows_);
  before_.values.resize(table.columns.size());
  after_.values.resize(table.columns.size());
}

std::vector<bool> RowsCursor::take_bits(Octets& from) const {
  const std::string_view octets = from.take((table_.columns.size() + 7) / 8);
  std::vector<bool> bits(table_.columns.size());
  for (std::size_t i = 0; i < bits.size(); ++i)
    bits[i] = (static_cast<unsigned char>(octets[i / 8]) >> (i % 8) & 1U) != 0;
  return bits;
}

void RowsCursor::take_image(const std::vector<bool>& present, RowImage& image) {
  const auto count = static_cast<std::size_t>(std::count(present.begin(), present.end(), true));
  const std::string_view nulls = rest_.take((count + 7) / 8);
  std::size_t at = 0;
  for (std::size_t i = 0; i < present.size(); ++i) {
    RowImage::Value& value = image.values[i];
    value = {};
    if (!present[i]) continue;
    const bool null = (static_cast<unsigned char>(nulls[at / 8]) >> (at % 8) & 1U) != 0;
    ++at;
    value.state = null ? RowImage::Value::State::null : RowImage::Value::State::value;
    if (!null) value.octets = take_value(rest_, table_.columns[i]);
  }
}

bool RowsCursor::next() {
  if (rest_.left() == 0) return false;
  const std::size_t before = rest_.left();
  if (kind_ != RowsKind::insert) take_image(present_before_, before_);
  if (kind_ != RowsKind::remove) take_image(present_after_, after_);
  if (rest_.left() == before) malformed("a row of the binary log is empty");
  ++taken_;
  return true;
}

}  // namespace qianzhi::mysql
