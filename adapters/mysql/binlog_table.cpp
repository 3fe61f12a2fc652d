#include "adapters/mysql/binlog_table.h"

#include <algorithm>

#include "adapters/mysql/binlog_octets.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t most_columns = 4'096;

enum class Metadata : std::uint8_t {
  signedness = 1,
  default_charset = 2,
  column_charset = 3,
  column_name = 4,
  set_labels = 5,
  enum_labels = 6,
  label_default_charset = 10,
  label_column_charset = 11,
};

void take_name(Octets& from, LoggedTable& table) {
  table.id = from.little(6);
  from.take(2);
  table.schema = from.take(static_cast<std::size_t>(from.little(1)));
  from.take(1);
  table.name = from.take(static_cast<std::size_t>(from.little(1)));
  from.take(1);
}

// The real type of what is logged as a fixed string stands in its first octet, with two bits of the length.
void take_fixed(Octets& from, LoggedColumn& column) {
  const auto kind = static_cast<std::uint32_t>(from.little(1));
  column.length = static_cast<std::uint32_t>(from.little(1));
  std::uint32_t type = kind;
  if ((kind & 0x30U) != 0x30U) {
    column.length |= ((kind & 0x30U) ^ 0x30U) << 4U;
    type = kind | 0x30U;
  }
  column.type = static_cast<LoggedType>(type);
  if (column.type != LoggedType::fixed && column.type != LoggedType::enumeration && column.type != LoggedType::set)
    malformed("a column of the binary log is of an unknown type");
}

void take_type_metadata(Octets& from, LoggedColumn& column) {
  switch (column.type) {
    case LoggedType::fixed:
    case LoggedType::enumeration:
    case LoggedType::set: return take_fixed(from, column);
    case LoggedType::varchar:
    case LoggedType::var_string:
    case LoggedType::compressed_varchar: column.length = static_cast<std::uint32_t>(from.little(2)); return;
    case LoggedType::bit: {
      const auto bits = static_cast<std::uint32_t>(from.little(1));
      column.length = static_cast<std::uint32_t>(from.little(1)) + (bits > 0 ? 1 : 0);
      return;
    }
    case LoggedType::decimal:
      column.length = static_cast<std::uint32_t>(from.little(1));
      column.scale = static_cast<std::uint32_t>(from.little(1));
      return;
    case LoggedType::real4:
    case LoggedType::real8:
    case LoggedType::blob:
    case LoggedType::compressed_blob:
    case LoggedType::geometry:
    case LoggedType::json:
    case LoggedType::timestamp:
    case LoggedType::datetime:
    case LoggedType::time: column.length = static_cast<std::uint32_t>(from.little(1)); return;
    default: return;
  }
}

// MariaDB counts YEAR as a number that has a sign (pitfall 17).
bool has_sign(LoggedType type) {
  switch (type) {
    case LoggedType::tiny:
    case LoggedType::small:
    case LoggedType::number:
    case LoggedType::medium:
    case LoggedType::big:
    case LoggedType::real4:
    case LoggedType::real8:
    case LoggedType::decimal:
    case LoggedType::year: return true;
    default: return false;
  }
}

bool has_charset(LoggedType type) {
  return type == LoggedType::varchar || type == LoggedType::var_string || type == LoggedType::fixed ||
         type == LoggedType::blob || type == LoggedType::compressed_varchar || type == LoggedType::compressed_blob;
}

bool has_labels(LoggedType type) { return type == LoggedType::enumeration || type == LoggedType::set; }

std::vector<std::size_t> columns_that(const LoggedTable& table, bool (*wanted)(LoggedType)) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (wanted(table.columns[i].type)) places.push_back(i);
  return places;
}

void take_signs(Octets from, LoggedTable& table) {
  const auto places = columns_that(table, has_sign);
  const std::string_view bits = from.take((places.size() + 7) / 8);
  for (std::size_t i = 0; i < places.size(); ++i)
    table.columns[places[i]].is_unsigned = (static_cast<unsigned char>(bits[i / 8]) & (0x80U >> (i % 8))) != 0;
}

void take_default_charset(Octets from, LoggedTable& table, bool (*wanted)(LoggedType)) {
  const auto places = columns_that(table, wanted);
  const auto usual = static_cast<unsigned>(from.packed());
  for (const std::size_t place : places) table.columns[place].collation = usual;
  while (from.left() > 0) {
    const std::uint64_t at = from.packed();
    const auto collation = static_cast<unsigned>(from.packed());
    if (at >= places.size()) malformed("a character set in the binary log is of no column");
    table.columns[places[static_cast<std::size_t>(at)]].collation = collation;
  }
}

void take_charsets(Octets from, LoggedTable& table, bool (*wanted)(LoggedType)) {
  for (const std::size_t place : columns_that(table, wanted))
    table.columns[place].collation = static_cast<unsigned>(from.packed());
}

void take_names(Octets from, LoggedTable& table) {
  for (LoggedColumn& column : table.columns) column.name = from.take(from.packed_size());
  table.has_names = true;
}

void take_labels(Octets from, LoggedTable& table, LoggedType type) {
  for (LoggedColumn& column : table.columns) {
    if (column.type != type) continue;
    const std::uint64_t count = from.packed();
    if (count > from.left()) malformed("labels in the binary log are too many");
    for (std::uint64_t i = 0; i < count; ++i) column.labels.emplace_back(from.take(from.packed_size()));
  }
}

void take_metadata(Octets& from, LoggedTable& table) {
  while (from.left() > 0) {
    const auto kind = static_cast<Metadata>(from.little(1));
    const Octets part(from.take(from.packed_size()));
    switch (kind) {
      case Metadata::signedness: take_signs(part, table); break;
      case Metadata::default_charset: take_default_charset(part, table, has_charset); break;
      case Metadata::column_charset: take_charsets(part, table, has_charset); break;
      case Metadata::column_name: take_names(part, table); break;
      case Metadata::set_labels: take_labels(part, table, LoggedType::set); break;
      case Metadata::enum_labels: take_labels(part, table, LoggedType::enumeration); break;
      case Metadata::label_default_charset: take_default_charset(part, table, has_labels); break;
      case Metadata::label_column_charset: take_charsets(part, table, has_labels); break;
      default: break;  // keys and kinds of geometry
    }
  }
}

}  // namespace

LoggedTable parse_table_name(std::string_view body) {
  Octets from(body);
  LoggedTable table;
  take_name(from, table);
  return table;
}

LoggedTable parse_table(std::string_view body) {
  Octets from(body);
  LoggedTable table;
  take_name(from, table);
  const std::uint64_t count = from.packed();
  if (count > most_columns || count > from.left()) malformed("a table in the binary log has too many columns");
  table.columns.resize(static_cast<std::size_t>(count));
  const std::string_view types = from.take(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    table.columns[i].type = static_cast<LoggedType>(static_cast<unsigned char>(types[i]));
  Octets metadata(from.take(from.packed_size()));
  for (LoggedColumn& column : table.columns) take_type_metadata(metadata, column);
  from.take((table.columns.size() + 7) / 8);  // which may be NULL
  take_metadata(from, table);
  return table;
}

}  // namespace qianzhi::mysql
