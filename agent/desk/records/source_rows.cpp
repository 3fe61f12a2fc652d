#include "agent/desk/records/source_rows.h"

#include <algorithm>

#include "agent/desk/data/identifier.h"

namespace qianzhi::desk::records {

namespace {

std::string key_columns(const RecordSource& source) {
  std::string list;
  for (const std::string& item : source.table.key)
    list += (list.empty() ? "CAST(" : ", CAST(") + identifier(source.table.columns.at(item)) + " AS TEXT)";
  return list;
}

// Each key column against its place in the JSON of the key.
std::string key_condition(const RecordSource& source) {
  std::string condition;
  for (std::size_t i = 0; i < source.table.key.size(); ++i)
    condition += (i == 0 ? " WHERE " : " AND ") + identifier(source.table.columns.at(source.table.key[i])) +
                 " = json_extract(?1, '$[" + std::to_string(i) + "]')";
  return condition;
}

// A registration number binds if it can be one at all; old registers hold many whose check digit does not hold.
bool is_binding_number(std::string_view text) {
  return text.size() >= 6 && text.size() <= 20 && text.find_first_not_of(text.front()) != text.npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

SourceRows::SourceRows(sqlite::Database& database, const RecordKind& kind) : database_(database) {
  for (const RecordSource& source : kind.sources) {
    std::string codes = "SELECT json_array(" + key_columns(source) + ") AS piece";
    int number = 0;
    for (const auto& [code_kind, item] : source.codes)
      codes += ", " + identifier(source.table.columns.at(item)) + " AS code" + std::to_string(++number);
    codes += " FROM " + source.table.name;
    std::string values = "SELECT " + (source.time.empty() ? "''" : identifier(source.time));
    for (const auto& [item, column] : source.items) values += ", " + identifier(source.table.columns.at(column));
    values += " FROM " + source.table.name + key_condition(source);
    sql_[source.name] = {codes, codes + key_condition(source), values};
  }
}

Piece SourceRows::piece_of(const RecordSource& source, const sqlite::Statement& row) const {
  Piece piece;
  piece.source = source.name;
  piece.key = row.text(0);
  int column = 0;
  for (const auto& entry : source.codes) {
    const standard::CodeKind kind = entry.first;
    const standard::Code code = standard::code_of(row.view(++column), kind);
    if (kind == standard::CodeKind::registration_number) {
      if (is_binding_number(code.text)) piece.weak = code.text;
      continue;
    }
    std::string strong;
    if (kind == standard::CodeKind::citizen_id)
      strong = code.is_sound ? code.text : "";
    else if (const auto inside = standard::organisation_code_in(code))
      strong = inside->text;
    if (code.is_sound && standard::code_of(code.text).kind == standard::CodeKind::credit_code) piece.credit = code.text;
    if (!strong.empty() && !piece.strong.empty() && strong != piece.strong) piece.contradicts = true;
    if (!strong.empty()) piece.strong = strong;
  }
  if (piece.contradicts) piece.strong.clear();
  return piece;
}

// While a statement is open SQLite gives nothing of the log back, which would grow with the rows that are written.
void SourceRows::each(const RecordSource& source, const std::function<void(Piece)>& visit) {
  database_.execute("DROP TABLE IF EXISTS temp.base_read");
  database_.execute("CREATE TEMP TABLE base_read AS " + sql_.find(source.name)->second.all);
  std::int64_t last = 0;
  for (std::vector<Piece> page = read_page(source, last); !page.empty(); page = read_page(source, last))
    for (Piece& piece : page) visit(std::move(piece));
  database_.execute("DROP TABLE temp.base_read");
}

std::vector<Piece> SourceRows::read_page(const RecordSource& source, std::int64_t& last) {
  std::string columns = "piece";
  for (std::size_t i = 1; i <= source.codes.size(); ++i) columns += ", code" + std::to_string(i);
  sqlite::Statement query =
      database_.prepare("SELECT " + columns + ", rowid FROM temp.base_read WHERE rowid > ? ORDER BY rowid LIMIT 1000");
  query.bind(1, last);
  std::vector<Piece> page;
  while (query.step()) {
    page.push_back(piece_of(source, query));
    last = query.integer(static_cast<int>(source.codes.size()) + 1);
  }
  return page;
}

std::optional<Piece> SourceRows::find(const RecordSource& source, std::string_view key) {
  sqlite::Statement query = database_.prepare(sql_.find(source.name)->second.one);
  query.bind(1, key);
  if (!query.step()) return std::nullopt;
  return piece_of(source, query);
}

SourceValues SourceRows::values(const RecordSource& source, std::string_view key) {
  SourceValues found;
  sqlite::Statement query = database_.prepare(sql_.find(source.name)->second.values);
  query.bind(1, key);
  if (!query.step()) return found;
  found.time = query.text(0);
  int column = 0;
  for (const auto& entry : source.items) {
    const std::string_view value = query.view(++column);
    if (!value.empty()) found.items.emplace(entry.first, value);
  }
  return found;
}

}  // namespace qianzhi::desk::records
