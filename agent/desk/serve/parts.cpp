#include <algorithm>

#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

using html::escaped;

std::string address(std::string_view path, const std::vector<std::pair<std::string_view, std::string>>& query) {
  std::string text(path);
  char mark = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    text += mark + std::string(name) + "=" + web::url_encoded(value);
    mark = '&';
  }
  return escaped(text);
}

std::string input(std::string_view id, std::string_view label, std::string_view attributes, std::string_view value,
                  std::string_view hint) {
  const std::string name(id);
  std::string text = "<p class=\"field\"><label for=\"" + name + "\">" + std::string(label) + "</label><input id=\"" +
                     name + "\" name=\"" + name.substr(0, name.find('-')) + "\" " + std::string(attributes);
  if (!value.empty()) text += " value=\"" + escaped(value) + "\"";
  if (!hint.empty()) text += " aria-describedby=\"" + name + "-hint\"";
  text += ">";
  if (!hint.empty()) text += "<small id=\"" + name + "-hint\">" + std::string(hint) + "</small>";
  return text + "</p>";
}

std::string select(std::string_view id, std::string_view label, const std::vector<Choice>& choices,
                   std::string_view chosen) {
  const std::string name(id);
  std::string text = "<p class=\"field\"><label for=\"" + name + "\">" + std::string(label) + "</label><select id=\"" +
                     name + "\" name=\"" + name.substr(0, name.find('-')) + "\">";
  for (const Choice& choice : choices)
    text += "<option value=\"" + escaped(choice.value) + "\"" + (choice.value == chosen ? " selected" : "") + ">" +
            escaped(choice.label) + "</option>";
  return text + "</select></p>";
}

Sheet::Sheet(std::string caption, std::vector<std::string> heads)
    : caption_(std::move(caption)), heads_(std::move(heads)), is_number_(heads_.size(), false) {}

Sheet& Sheet::numbers(const std::vector<std::size_t>& columns) {
  for (const std::size_t column : columns) is_number_.at(column) = true;
  return *this;
}

void Sheet::row(const std::vector<std::string>& cells) {
  rows_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i)
    // On narrow screens each cell stands in a line of its own, behind its column's name.
    rows_ += std::string("<td") + (i < is_number_.size() && is_number_[i] ? " class=\"n\"" : "") +
             (i < heads_.size() ? " data-label=\"" + heads_[i] + "\"" : "") + "><div>" + cells[i] + "</div></td>";
  rows_ += "</tr>\n";
}

std::string Sheet::html() const {
  // Keyboards reach what scrolls.
  std::string text = "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" + escaped(caption_) +
                     "\"><table><caption>" + escaped(caption_) + "</caption><thead><tr>";
  for (std::size_t i = 0; i < heads_.size(); ++i)
    text += (is_number_[i] ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">") + heads_[i] + "</th>";
  return text + "</tr></thead><tbody>\n" + rows_ + "</tbody></table></div>\n";
}

std::string grid_html(const Grid& grid) {
  std::vector<std::string> heads;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < grid.columns.size(); ++i) {
    heads.push_back(escaped(grid.columns[i].title));
    if (grid.columns[i].is_number) numbers.push_back(i);
  }
  Sheet sheet(grid.title, heads);
  sheet.numbers(numbers);
  for (const std::vector<std::string>& cells : grid.rows) {
    std::vector<std::string> row;
    row.reserve(cells.size());
    for (const std::string& cell : cells) row.push_back(escaped(cell));
    sheet.row(row);
  }
  return sheet.html();
}

web::Reply csv_reply(const std::string& name, const std::string& csv) {
  std::string file;
  for (const char c : name)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')
      file += c;
  web::Reply reply;
  reply.type = "text/csv; charset=utf-8";
  reply.body = csv;
  reply.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + file + ".csv\"");
  return reply;
}

}  // namespace qianzhi::desk::serve
