#include "adapters/sqlite/row_writer.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>

#include "adapters/sql/sql_text.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

std::string parameter(std::size_t number) { return sql::parameter(sql::sqlite, number); }

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : separator).append(part);
  return text;
}

void bind_octets(sqlite::Statement& statement, int number, std::string_view text, bool blob) {
  // The columns of a step outlive the statement's run, so nothing is copied.
  const char* data = text.data() == nullptr ? "" : text.data();
  if (blob)
    sqlite3_bind_blob64(statement.handle(), number, data, text.size(), SQLITE_STATIC);
  else
    sqlite3_bind_text64(statement.handle(), number, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

[[noreturn]] void refuse_value(const Item& item) {
  throw Error(ErrorKind::rejected, "QZ-ADP-034", "column " + item.id + " cannot hold the value");
}

}  // namespace

RowWriter::RowWriter(sqlite::Database& database, const TargetTable& table, const std::string& origin,
                     const RowsStep& step)
    : database_(database),
      table_(table),
      origin_(origin),
      step_(step),
      soft_(table.mode == ApplyMode::soft_delete),
      name_(sql::identifier(sql::sqlite, table.table)) {
  bool fits = step.columns.size() == step.indexes.size() && step.groups.size() == step.meta.size();
  for (const Column& column : step.columns) fits = fits && column.size() == step.meta.size();
  for (const std::size_t index : step.indexes) {
    if (index >= table.columns.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such column in the target");
    names_.push_back(sql::identifier(sql::sqlite, table.columns[index].id));
  }
  for (const std::string& key : table.key) {
    const auto found = std::find_if(step.indexes.begin(), step.indexes.end(),
                                    [&](std::size_t index) { return table.columns[index].id == key; });
    fits = fits && found != step.indexes.end();
    key_.push_back(static_cast<std::size_t>(found - step.indexes.begin()));
  }
  if (!fits) throw Error(ErrorKind::misuse, "QZ-ADP-011", "the rows do not fit the columns of " + table.table);
}

bool RowWriter::is_key(std::size_t column) const { return std::find(key_.begin(), key_.end(), column) != key_.end(); }

bool RowWriter::is_partial(std::size_t row) const {
  return std::any_of(step_.columns.begin(), step_.columns.end(),
                     [&](const Column& column) { return column.presence(row) == Presence::unchanged; });
}

std::string RowWriter::where_key(std::size_t first) const {
  std::vector<std::string> terms;
  for (const std::size_t column : key_) terms.push_back(names_[column] + " = " + parameter(first++));
  return " WHERE " + join(terms, " AND ") + " AND qz_origin = ?1";
}

// What every change of a row sets beside its values. ?2: tag, ?3: group.
std::string RowWriter::tail() const {
  std::vector<std::string> sets;
  if (!step_.seen.empty()) sets.emplace_back("qz_seen = ?2");
  sets.emplace_back("qz_group = ?3");
  if (soft_) sets.emplace_back("qz_deleted = 0");
  return join(sets, ", ");
}

std::string RowWriter::upsert_sql() const {
  std::vector<std::string> sets;
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (!is_key(i)) sets.push_back(names_[i] + " = excluded." + names_[i]);
  sets.push_back(tail());
  // A row that another origin has deleted softly is free.
  if (soft_) sets.emplace_back("qz_origin = excluded.qz_origin");
  std::vector<std::string> key;
  for (const std::size_t column : key_) key.push_back(names_[column]);
  return "INSERT INTO " + name_ + "(" + join(names_, ", ") + ", qz_origin, qz_seen, qz_group) VALUES (" +
         sql::parameters(sql::sqlite, 4, names_.size()) + ", ?1, ?2, ?3) ON CONFLICT (" + join(key, ", ") +
         ") DO UPDATE SET " + join(sets, ", ") + " WHERE " + name_ + ".qz_origin = excluded.qz_origin" +
         (soft_ ? " OR " + name_ + ".qz_deleted = 1" : "");
}

// Parameters as in upsert_sql, so that both are bound alike.
std::string RowWriter::partial_sql(std::size_t row) const {
  std::vector<std::string> sets;
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string equal = names_[i] + " = " + parameter(i + 4);
    if (is_key(i))
      terms.push_back(equal);
    else if (step_.columns[i].presence(row) != Presence::unchanged)
      sets.push_back(equal);
  }
  sets.push_back(tail());
  return "UPDATE " + name_ + " SET " + join(sets, ", ") + " WHERE " + join(terms, " AND ") + " AND qz_origin = ?1" +
         (soft_ ? " AND qz_deleted = 0" : "");
}

std::string RowWriter::history_sql() const {
  const std::size_t next = names_.size() + 4;
  return "INSERT OR IGNORE INTO " + sql::identifier(sql::sqlite, table_.history_table) + "(" + join(names_, ", ") +
         ", qz_origin, qz_group, qz_operation, qz_epoch, qz_sequence, qz_ordinal) VALUES (" +
         sql::parameters(sql::sqlite, 4, names_.size()) + ", ?1, ?3, " + sql::parameters(sql::sqlite, next, 4) + ")";
}

// Kinds: u upsert, p partial, r remove, w withheld in another group, s seen, h history, o owner.
std::string RowWriter::sql_for(char kind, std::size_t row) const {
  const std::string gone = "UPDATE " + name_ + " SET qz_deleted = 1";
  const std::string soft_end = " AND qz_deleted = 0";
  switch (kind) {
    case 'u': return upsert_sql();
    case 'p': return partial_sql(row);
    case 'r': return soft_ ? gone + where_key(4) + soft_end : "DELETE FROM " + name_ + where_key(4);
    case 'w':
      return soft_ ? gone + where_key(4) + " AND qz_group <> ?3" + soft_end
                   : "DELETE FROM " + name_ + where_key(4) + " AND qz_group <> ?3";
    case 's': return "UPDATE " + name_ + " SET qz_seen = ?2" + where_key(4);
    case 'h': return history_sql();
    default: break;
  }
  std::string owner = where_key(4);
  owner.replace(owner.rfind("qz_origin = ?1"), std::string::npos, soft_ ? "qz_deleted = 0" : "TRUE");
  return "SELECT qz_origin = ?1 FROM " + name_ + owner;
}

sqlite::Statement& RowWriter::statement(char kind, std::size_t row) {
  std::string name(1, kind);
  if (kind == 'p')
    for (const Column& column : step_.columns) name.push_back(column.presence(row) == Presence::unchanged ? '-' : '+');
  auto found = statements_.find(name);
  if (found == statements_.end()) found = statements_.emplace(name, database_.prepare(sql_for(kind, row))).first;
  sqlite::Statement& result = found->second;
  result.reset();
  const int parameters = sqlite3_bind_parameter_count(result.handle());
  bind_octets(result, 1, origin_, false);
  if (parameters >= 2) bind_octets(result, 2, step_.seen, false);
  if (parameters >= 3) bind_octets(result, 3, step_.groups[row], false);
  return result;
}

void RowWriter::bind_value(sqlite::Statement& target, int number, std::size_t column, std::size_t row) const {
  const Item& item = table_.columns[step_.indexes[column]];
  const Column& values = step_.columns[column];
  const std::string_view text = values.text(row);
  if (values.presence(row) != Presence::value && is_key(column)) refuse_value(item);
  switch (values.presence(row)) {
    case Presence::value: break;
    case Presence::invalid: refuse_value(item);
    case Presence::null:
    case Presence::unchanged: target.bind_null(number); return;
  }
  if (item.type == ItemType::integer) {
    std::int64_t number_value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number_value);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) refuse_value(item);
    target.bind(number, number_value);
  } else if (item.type == ItemType::boolean) {
    if (text != "true" && text != "false") refuse_value(item);
    target.bind(number, text == "true" ? 1 : 0);
  } else {
    bind_octets(target, number, text, item.type == ItemType::bytes);
  }
}

int RowWriter::bind_key(sqlite::Statement& target, int number, std::size_t row) const {
  for (const std::size_t column : key_) bind_value(target, number++, column, row);
  return number;
}

void RowWriter::run(char kind, std::size_t row) {
  sqlite::Statement& target = statement(kind, row);
  if (kind == 'u' || kind == 'p') {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (kind == 'u' || step_.columns[i].presence(row) != Presence::unchanged)
        bind_value(target, static_cast<int>(i + 4), i, row);
  } else {
    bind_key(target, 4, row);
  }
  target.run();
}

bool RowWriter::check_owner(std::size_t row) {
  sqlite::Statement& query = statement('o', row);
  bind_key(query, 4, row);
  const bool there = query.step();
  const bool ours = there && query.integer(0) == 1;
  query.reset();
  if (there && !ours)
    throw Error(ErrorKind::rejected, "QZ-ADP-030", "another provider owns the key in " + table_.table);
  return ours;
}

void RowWriter::upsert(std::size_t row, ApplyResult& result) {
  const bool partial = is_partial(row);
  run(partial ? 'p' : 'u', row);
  if (database_.changes() > 0) {
    ++result.upserted;
    append_history(row);
    return;
  }
  const bool ours = check_owner(row);
  if (ours || !partial)
    throw Error(ErrorKind::rejected, "QZ-ADP-033", "a trigger of " + table_.table + " ignored the row");
  ++result.dropped_partial;
}

void RowWriter::remove(std::size_t row, ApplyResult& result) {
  run('r', row);
  if (database_.changes() == 0) return;
  ++result.removed;
  append_history(row);
}

void RowWriter::withhold(std::size_t row, ApplyResult& result) {
  run('w', row);
  result.removed += static_cast<std::uint64_t>(database_.changes());
  mark_seen(row);
}

void RowWriter::mark_seen(std::size_t row) {
  if (!step_.seen.empty()) run('s', row);
}

void RowWriter::append_history(std::size_t row) {
  if (table_.mode != ApplyMode::history) return;
  sqlite::Statement& target = statement('h', row);
  const RowMeta& meta = step_.meta[row];
  int number = 4;
  for (std::size_t i = 0; i < names_.size(); ++i) bind_value(target, number++, i, row);
  target.bind(number, meta.operation == Operation::upsert ? "upsert" : "delete");
  target.bind(number + 1, step_.batch.epoch);
  target.bind(number + 2, step_.batch.sequence);
  target.bind(number + 3, static_cast<std::int64_t>(meta.ordinal));
  target.run();
}

void RowWriter::write(std::size_t row, ApplyResult& result) {
  switch (step_.meta[row].operation) {
    case Operation::upsert: return upsert(row, result);
    case Operation::remove: return remove(row, result);
    case Operation::withheld: return withhold(row, result);
  }
}

}  // namespace qianzhi::adapter::lite
