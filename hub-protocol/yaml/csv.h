// CSV files (RFC 4180) with a line of column names: what spreadsheets write. UTF-8 with or without a byte order mark;
// lines end with CRLF or LF; fields in double quotes may hold commas, line ends and doubled quotes.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::yaml {

struct CsvRow {
  std::size_t line = 0;             // where it begins
  std::vector<std::string> fields;  // one a column
};

struct CsvTable {
  std::shared_ptr<const SourceText> source;
  std::vector<std::string> columns;
  std::vector<CsvRow> rows;  // empty lines are left out

  Place place_of(const CsvRow& row) const { return {source, row.line, 1, 1}; }
};

// columns: what the first line must name, in any order; optional: what it may name beside them. Everything that is
// wrong is a diagnostic: QZ-CFG-001 and 020 as of documents, QZ-CFG-110 quotes and control characters, QZ-CFG-111
// columns. A row with such a fault is left out; the table is nothing if not even its columns are known.
std::optional<CsvTable> parse_csv(const std::filesystem::path& name, std::string_view text,
                                  std::initializer_list<std::string_view> columns,
                                  std::initializer_list<std::string_view> optional, Diagnostics& diagnostics);

// The field of a row by its column's name; empty if the table has no such column.
std::string_view field_of(const CsvTable& table, const CsvRow& row, std::string_view column);

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace qianzhi::yaml
