#include "agent/desk/rules/grid.h"

#include <algorithm>
#include <string_view>

#include "hub-protocol/base/cells.h"

namespace qianzhi::desk {

namespace {

// East Asian characters of three octets or more take two places; combining ones do not come up in names.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80U || (octet >= 0xC0U && octet < 0xE1U)) ++width;
    if (octet >= 0xE1U) width += 2;
  }
  return width;
}

void add_cell(std::string& line, const std::string& cell, std::size_t width, bool is_right) {
  const std::string gap(width - std::min(width, width_of(cell)), ' ');
  if (!line.empty()) line += "  ";
  line += is_right ? gap + cell : cell + gap;
}

void add_line(std::string& text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

bool is_whole(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() && text.size() <= 15 && (text == "0" || text.front() != '0') &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string to_text(const Grid& grid) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < grid.columns.size(); ++i) {
    std::size_t width = width_of(grid.columns[i].title);
    for (const auto& row : grid.rows) width = std::max(width, width_of(row[i]));
    widths.push_back(width);
  }
  std::string text = grid.title.empty() ? "" : grid.title + "\n";
  std::string heads;
  for (std::size_t i = 0; i < grid.columns.size(); ++i)
    add_cell(heads, grid.columns[i].title, widths[i], grid.columns[i].is_number);
  add_line(text, heads);
  for (const auto& row : grid.rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) add_cell(line, row[i], widths[i], grid.columns[i].is_number);
    add_line(text, line);
  }
  return text;
}

std::string to_csv(const Grid& grid) {
  std::string text(csv_mark);
  std::vector<std::string> heads;
  for (const Grid::Column& column : grid.columns) heads.push_back(column.title);
  text += csv_line(heads);
  for (const auto& row : grid.rows) text += csv_line(row);
  return text;
}

std::string to_json(const Grid& grid) {
  std::string text = "{\"report\": " + json_text(grid.id) + ", \"title\": " + json_text(grid.title) + ", \"rows\": [";
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    text += i == 0 ? "\n{" : ",\n{";
    for (std::size_t j = 0; j < grid.columns.size(); ++j) {
      const std::string& cell = grid.rows[i][j];
      const bool is_number = grid.columns[j].is_number && is_whole(cell);
      text += (j == 0 ? "" : ", ") + json_text(grid.columns[j].id) + ": " +
              (cell.empty() ? "null"
               : is_number  ? cell
                            : json_text(cell));
    }
    text += "}";
  }
  return text + "]}\n";
}

}  // namespace qianzhi::desk
