// Text for people's spreadsheets and for programs: CSV (RFC 4180) and JSON strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qianzhi {

// Begins a CSV file that Excel shall take for UTF-8.
inline constexpr std::string_view csv_mark = "\xEF\xBB\xBF";

// One line, CRLF at its end: for programs, which read back what was written.
std::string csv_record(const std::vector<std::string>& cells);

// The same for people's spreadsheets. A cell that a spreadsheet would take for a formula (it begins with = + - @, tab
// or carriage return) gets an apostrophe before it.
std::string csv_line(const std::vector<std::string>& cells);

// In quotes. Octets that are no UTF-8 must not be given.
std::string json_text(std::string_view text);

}  // namespace qianzhi
