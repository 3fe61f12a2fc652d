// Text for people's spreadsheets and for programs: CSV (RFC 4180) and JSON strings.
#pragma once

#include <cstddef>
#include <istream>
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

// Reads records one by one; fields in double quotes may hold commas, line ends and doubled quotes. Empty lines are
// passed over. A byte order mark before the first is no part of it.
class CsvReader {
 public:
  explicit CsvReader(std::istream& input) : input_(input) {}
  // False: there is none any more. Throws Error(rejected, QZ-BASE-012): a quote that is not closed, text behind one, a
  // record of more than 1 MiB.
  bool next(std::vector<std::string>& cells);
  // Of the record read last, from 1.
  std::size_t line() const { return line_; }

 private:
  std::istream& input_;
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
};

// In quotes. Octets that are no UTF-8 must not be given.
std::string json_text(std::string_view text);

}  // namespace qianzhi
