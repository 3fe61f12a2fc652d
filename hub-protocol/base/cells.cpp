#include "hub-protocol/base/cells.h"

#include <cstdio>

namespace qianzhi {

namespace {

std::string csv_cell(const std::string& text) {
  static constexpr std::string_view formula = "=+-@\t\r";
  const bool is_formula = !text.empty() && formula.find(text.front()) != std::string_view::npos;
  std::string cell = (is_formula ? "'" : "") + text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (&cell == &cells.front() ? "" : ",") + csv_cell(cell);
  return line + "\r\n";
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

}  // namespace qianzhi
