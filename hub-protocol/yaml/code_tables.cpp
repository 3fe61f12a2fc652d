#include "hub-protocol/yaml/code_tables.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "hub-protocol/yaml/csv.h"
#include "hub-protocol/yaml/reader.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

struct PlacedEntry {
  CodeEntry entry;
  std::size_t line = 0;
};

void complain_entry(const CsvTable& file, std::size_t line, const std::string& code, const std::string& zh,
                    const std::string& en, Diagnostics& diagnostics) {
  diagnostics.error("QZ-CFG-112", {file.source, line, 1, 1}, "代码 " + code + "：" + zh, "code " + code + ": " + en);
}

// In the order that a table has; those of one code must not hold at the same time.
void refuse_overlaps(const CsvTable& file, const std::vector<PlacedEntry>& entries, Diagnostics& diagnostics) {
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const CodeEntry& before = entries[i - 1].entry;
    const CodeEntry& entry = entries[i].entry;
    if (before.code != entry.code || (!before.until.empty() && before.until <= entry.from)) continue;
    const std::string line = std::to_string(entries[i - 1].line);
    complain_entry(file, entries[i].line, entry.code, "与第 " + line + " 行的有效期重叠",
                   "it holds at the same time as in line " + line, diagnostics);
  }
}

}  // namespace

void parse_code_entries(const std::filesystem::path& name, std::string_view text, CodeTable& table,
                        Diagnostics& diagnostics) {
  const auto file = parse_csv(name, text, {"code", "title"}, {"from", "until"}, diagnostics);
  if (!file) return;
  if (file->rows.size() > most_code_entries) {
    diagnostics.error("QZ-CFG-112", {file->source, 0, 0, 0}, "代码太多（最多 50000 个）", "more than 50000 codes");
    return;
  }
  std::vector<PlacedEntry> entries;
  for (const CsvRow& row : file->rows) {
    const auto text_of = [&](std::string_view column) { return std::string(field_of(*file, row, column)); };
    PlacedEntry entry{{text_of("code"), text_of("title"), text_of("from"), text_of("until")}, row.line};
    const std::string fault = fault_of(entry.entry);
    if (fault.empty()) {
      entries.push_back(std::move(entry));
    } else {
      complain_entry(*file, row.line, beginning_of(entry.entry.code, longest_code),
                     "代码和名称必填且不过长，日期写作 YYYY-MM-DD，until 晚于 from", fault, diagnostics);
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const PlacedEntry& a, const PlacedEntry& b) {
    return std::tie(a.entry.code, a.entry.from) < std::tie(b.entry.code, b.entry.from);
  });
  refuse_overlaps(*file, entries, diagnostics);
  table.entries.clear();
  for (PlacedEntry& entry : entries) table.entries.push_back(std::move(entry.entry));
}

CodeTables read_code_tables(const Node* node, Diagnostics& diagnostics) {
  CodeTables tables;
  if (node == nullptr) return tables;
  if (!node->is_map()) {
    complain_kind(*node, "code_tables", "map", diagnostics);
    return tables;
  }
  for (const Entry& entry : node->entries) {
    if (!is_id(entry.key))
      diagnostics.error("QZ-CFG-019", entry.key_place, "代码表标识只能用小写字母、数字和 ._-",
                        "the id of a code table: lower-case letters, digits and ._- only");
    MapReader reader(&entry.value, "code_tables." + entry.key, diagnostics);
    CodeTable table;
    table.id = entry.key;
    table.title = reader.text("title");
    table.title_en = reader.text("title_en", {});
    table.edition = reader.text("edition", {});
    table.partial = reader.boolean("partial", false);
    const std::filesystem::path file = reader.file("file");
    reader.finish();
    if (!file.empty())
      if (const auto text = read_text_file(file, diagnostics)) parse_code_entries(file, *text, table, diagnostics);
    tables.emplace(table.id, std::move(table));
  }
  if (tables.size() > most_code_tables) complain_form(*node, "code_tables", "最多 500 个", "at most 500", diagnostics);
  return tables;
}

}  // namespace qianzhi::yaml
