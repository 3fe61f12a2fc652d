// The event that announces a table before its rows: types of its columns, and with binlog_row_metadata=FULL their
// names, signs, character sets and labels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::mysql {

// Numbers of the protocol, as far as they stand in the binary log.
enum class LoggedType : std::uint8_t {
  tiny = 1,
  small = 2,
  number = 3,
  real4 = 4,
  real8 = 5,
  old_timestamp = 7,
  big = 8,
  medium = 9,
  date = 10,
  old_time = 11,
  old_datetime = 12,
  year = 13,
  new_date = 14,
  varchar = 15,
  bit = 16,
  timestamp = 17,
  datetime = 18,
  time = 19,
  compressed_blob = 140,
  compressed_varchar = 141,
  json = 245,
  decimal = 246,
  enumeration = 247,
  set = 248,
  blob = 252,
  var_string = 253,
  fixed = 254,
  geometry = 255,
};

struct LoggedColumn {
  LoggedType type = LoggedType::tiny;  // the real one: ENUM and SET are logged as strings
  std::uint32_t length = 0;            // strings: most octets; blobs: octets of the length; others as the type has it
  std::uint32_t scale = 0;             // decimal
  std::string name;
  bool is_unsigned = false;
  unsigned collation = 63;
  std::vector<std::string> labels;  // ENUM, SET; in their character set
};

struct LoggedTable {
  std::uint64_t id = 0;
  std::string schema;
  std::string name;
  std::vector<LoggedColumn> columns;
  bool has_names = false;  // binlog_row_metadata is FULL
};

// id, schema and name only: enough for tables that nobody wants.
LoggedTable parse_table_name(std::string_view body);
// Everything. Throws Error(corrupt, QZ-MY-015).
LoggedTable parse_table(std::string_view body);

}  // namespace qianzhi::mysql
