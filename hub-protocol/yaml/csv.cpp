#include "hub-protocol/yaml/csv.h"
#include "hub-protocol/yaml/utf8.h"

#include <algorithm>

#include "hub-protocol/yaml/text_file.h"

namespace qianzhi::yaml {

namespace {

// Cuts the text into rows. A quote that stands wrong spoils its row; one that is never closed ends the file.
class CsvCutter {
 public:
  CsvCutter(std::shared_ptr<const SourceText> source, std::string_view text, Diagnostics& diagnostics)
      : source_(std::move(source)), text_(text), diagnostics_(diagnostics) {}

  // The next row that is not an empty line; false at the end.
  bool next(CsvRow& row) {
    while (at_ < text_.size()) {
      row = {line_, {}};
      good_ = true;
      while (read_field(row.fields)) {
      }
      const bool is_empty = row.fields.size() == 1 && row.fields[0].empty();
      if (good_ && !is_empty) return true;
    }
    return false;
  }

 private:
  // True if another field follows in the row.
  bool read_field(std::vector<std::string>& fields) {
    std::string& field = fields.emplace_back();
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    if (quoted && !read_quoted(field)) return false;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') {
      const char c = text_[at_++];
      if (c == '\r' && (at_ == text_.size() || text_[at_] == '\n')) continue;
      if (quoted || c == '"') {
        complain("双引号的位置不对", "a double quote stands in the wrong place", line_);
      } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
        complain("有控制字符", "there is a control character", line_);
      }
      field += c;
    }
    if (at_ == text_.size()) return false;
    if (text_[at_++] == ',') return true;
    ++line_;
    return false;
  }

  bool read_quoted(std::string& field) {
    const std::size_t began = line_;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' && (at_ + 1 == text_.size() || text_[at_ + 1] != '"')) {
        ++at_;
        return true;
      }
      if (c == '"') ++at_;
      if (c == '\n') ++line_;
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r')
        complain("有控制字符", "there is a control character", line_);
      field += c;
    }
    complain("双引号没有结束", "a double quote is never closed", began);
    return false;
  }

  void complain(std::string_view zh, std::string_view en, std::size_t line) {
    if (good_) diagnostics_.error("QZ-CFG-110", {source_, line, 1, 1}, zh, en);
    good_ = false;
  }

  std::shared_ptr<const SourceText> source_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool good_ = true;
};

bool has(const std::vector<std::string>& columns, std::string_view name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

bool check_columns(const CsvTable& table, std::initializer_list<std::string_view> wanted,
                   std::initializer_list<std::string_view> optional, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const Place place{table.source, 1, 1, 1};
  std::string list;
  for (const auto names : {wanted, optional})
    for (const std::string_view name : names) list += (list.empty() ? "" : ",") + std::string(name);
  for (const std::string_view name : wanted)
    if (!has(table.columns, name))
      diagnostics.error("QZ-CFG-111", place, "第一行缺少列 " + std::string(name),
                        "the first line lacks the column " + std::string(name), list);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string& name = table.columns[i];
    const bool known = std::find(wanted.begin(), wanted.end(), name) != wanted.end() ||
                       std::find(optional.begin(), optional.end(), name) != optional.end();
    const bool again = std::find(table.columns.begin(), table.columns.begin() + static_cast<std::ptrdiff_t>(i), name) !=
                       table.columns.begin() + static_cast<std::ptrdiff_t>(i);
    if (!known || again)
      diagnostics.error("QZ-CFG-111", place, (again ? "列重复：" : "不认识的列：") + beginning_of(name, 100),
                        (again ? "a column twice: " : "an unknown column: ") + beginning_of(name, 100), list);
  }
  return diagnostics.errors() == before;
}

}  // namespace

std::optional<CsvTable> parse_csv(const std::filesystem::path& name, std::string_view text,
                                  std::initializer_list<std::string_view> columns,
                                  std::initializer_list<std::string_view> optional, Diagnostics& diagnostics) {
  CsvTable table;
  table.source = readable_text(name, text, diagnostics);
  if (table.source == nullptr) return std::nullopt;
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  CsvCutter cutter(table.source, text, diagnostics);
  CsvRow row;
  if (!cutter.next(row)) row = {1, {}};
  table.columns = std::move(row.fields);
  if (!check_columns(table, columns, optional, diagnostics)) return std::nullopt;
  while (cutter.next(row)) {
    if (row.fields.size() == table.columns.size()) {
      table.rows.push_back(std::move(row));
      continue;
    }
    const std::string counts = std::to_string(row.fields.size()) + " / " + std::to_string(table.columns.size());
    diagnostics.error("QZ-CFG-111", table.place_of(row), "列数与第一行不同：" + counts,
                      "not as many fields as columns: " + counts);
  }
  return table;
}

std::string_view field_of(const CsvTable& table, const CsvRow& row, std::string_view column) {
  const auto found = std::find(table.columns.begin(), table.columns.end(), column);
  if (found == table.columns.end()) return {};
  return row.fields[static_cast<std::size_t>(found - table.columns.begin())];
}

}  // namespace qianzhi::yaml
