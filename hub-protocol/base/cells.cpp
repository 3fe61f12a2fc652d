#include "hub-protocol/base/cells.h"

#include "hub-protocol/base/error.h"

#include <cstdio>

namespace qianzhi {

namespace {

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

bool is_formula(const std::string& cell) {
  static constexpr std::string_view beginnings = "=+-@\t\r";
  return !cell.empty() && beginnings.find(cell.front()) != std::string_view::npos;
}

}  // namespace

std::string csv_record(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + quoted(cells[i]);
  return line + "\r\n";
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::vector<std::string> shown = cells;
  for (std::string& cell : shown)
    if (is_formula(cell)) cell.insert(0, 1, '\'');
  return csv_record(shown);
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (octet < 0x20 || octet == 0x7F) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", octet);
      out.append(escaped);
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

namespace {

constexpr std::size_t longest_record = 1U << 20U;

[[noreturn]] void bad_record(std::size_t line, const char* what) {
  throw Error(ErrorKind::rejected, "QZ-BASE-012", "line " + std::to_string(line) + ": " + what);
}

}  // namespace

bool CsvReader::next(std::vector<std::string>& cells) {
  cells.assign(1, {});
  std::size_t octets = 0;
  bool is_quoted = false;   // within quotes
  bool was_quoted = false;  // this cell had them
  line_ = next_line_;
  const auto ends = [&](int next) { return next == '\n' || next == std::istream::traits_type::eof(); };
  for (int octet = input_.get();; octet = input_.get()) {
    if (++octets > longest_record) bad_record(line_, "longer than 1 MiB");
    if (octet == std::istream::traits_type::eof() && is_quoted) bad_record(line_, "a quote is not closed");
    if (octet == '\n') ++next_line_;
    if (is_quoted) {
      if (octet != '"')
        cells.back() += static_cast<char>(octet);
      else if (input_.peek() == '"')
        cells.back() += static_cast<char>(input_.get());
      else
        is_quoted = false;
      continue;
    }
    if (octet == '\r' && ends(input_.peek())) continue;
    if (ends(octet)) {
      const bool is_end = octet != '\n';
      const bool is_empty = cells.size() == 1 && cells.back().empty() && !was_quoted;
      if (line_ == 1 && cells.front().substr(0, csv_mark.size()) == csv_mark) cells.front().erase(0, csv_mark.size());
      if (!is_empty || is_end) return !is_empty;
      line_ = next_line_;
    } else if (octet == ',') {
      cells.emplace_back();
      was_quoted = false;
    } else if (octet == '"' && !was_quoted && (cells.back().empty() || (line_ == 1 && cells.back() == csv_mark))) {
      is_quoted = was_quoted = true;
    } else if (was_quoted) {
      bad_record(line_, "text behind a quote");
    } else {
      cells.back() += static_cast<char>(octet);
    }
  }
}

}  // namespace qianzhi
