#include "adapters/mysql/row_writer.h"

#include <algorithm>
#include <set>

#include "adapters/mysql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t rows_at_once = 1'000;

std::string joined_list(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) text.append(text.empty() ? "" : separator).append(part);
  return text;
}

bool is_moment(Form form) { return form == Form::datetime || form == Form::timestamp; }

}  // namespace

RowWriter::RowWriter(Session& session, Prepared& prepared, const adapter::TargetTable& table, const CatalogTable& found,
                     const std::string& origin, const adapter::RowsStep& step)
    : session_(session),
      prepared_(prepared),
      table_(table),
      origin_(origin),
      step_(step),
      soft_(table.mode == adapter::ApplyMode::soft_delete),
      name_(quote_name(found.schema) + "." + quote_name(found.name)) {
  bool fits = step.columns.size() == step.indexes.size() && step.groups.size() == step.meta.size();
  for (const Column& column : step.columns) fits = fits && column.size() == step.meta.size();
  for (const std::size_t index : step.indexes) {
    if (index >= table.columns.size()) throw Error(ErrorKind::misuse, "QZ-MY-008", "a row names an unknown column");
    const CatalogColumn* column = found.find(table.columns[index].id);
    if (column == nullptr)
      throw Error(ErrorKind::misuse, "QZ-ADP-019", "table " + table.table + " lacks " + table.columns[index].id);
    names_.push_back(quote_name(column->name));
    forms_.push_back(column->form);
  }
  for (const std::string& key : table.key) {
    const auto place = std::find_if(step.indexes.begin(), step.indexes.end(),
                                    [&](std::size_t index) { return table.columns[index].id == key; });
    fits = fits && place != step.indexes.end();
    key_.push_back(static_cast<std::size_t>(place - step.indexes.begin()));
  }
  if (!fits) throw Error(ErrorKind::misuse, "QZ-MY-008", "the rows do not fit the columns of " + table.table);
}

bool RowWriter::is_key(std::size_t column) const { return std::find(key_.begin(), key_.end(), column) != key_.end(); }

void RowWriter::apply(std::size_t index, adapter::ApplyResult& result) {
  index_ = index;
  result_ = &result;
  for (std::size_t begin = 0; begin < step_.meta.size(); begin += rows_at_once)
    apply_range(begin, std::min(begin + rows_at_once, step_.meta.size()));
}

void RowWriter::savepoint(const char* sql) { session_.run(sql, "moving a savepoint"); }

void RowWriter::apply_range(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  Counts counts;
  savepoint("SAVEPOINT qz_rows");
  const auto refusal = try_range(begin, end, counts);
  savepoint(refusal ? "ROLLBACK TO SAVEPOINT qz_rows" : "RELEASE SAVEPOINT qz_rows");
  if (!refusal) {
    result_->upserted += counts.upserted;
    result_->removed += counts.removed;
    result_->dropped_partial += counts.dropped;
    return;
  }
  if (end - begin == 1) return reject(begin, *refusal);
  const std::size_t middle = begin + (end - begin) / 2;
  apply_range(begin, middle);
  apply_range(middle, end);
}

std::string RowWriter::key_text(std::size_t row) const {
  std::string text;
  for (const std::size_t column : key_) {
    const std::string_view value = step_.columns[column].text(row);
    text.append(std::to_string(value.size())).append(1, ':').append(value);
  }
  return text;
}

std::vector<bool> RowWriter::wanted_of(std::size_t row) const {
  std::vector<bool> wanted;
  for (const Column& column : step_.columns) wanted.push_back(column.presence(row) != Presence::unchanged);
  return wanted;
}

// Rows that follow each other, of one operation, with the same columns and each key at most once, are one set.
std::optional<RowRefusal> RowWriter::try_range(std::size_t begin, std::size_t end, Counts& counts) {
  for (std::size_t row = begin; row < end;) {
    const Operation operation = step_.meta[row].operation;
    const std::vector<bool> wanted = wanted_of(row);
    std::set<std::string> keys;
    RowNumbers rows;
    for (; row < end && step_.meta[row].operation == operation; ++row) {
      if (operation == Operation::upsert && wanted_of(row) != wanted) break;
      if (!keys.insert(key_text(row)).second) break;
      if (auto refusal = unfit(row)) return refusal;
      rows.push_back(row);
    }
    if (auto refusal = try_run(operation, rows, counts)) return refusal;
  }
  return std::nullopt;
}

// What no statement may be tried with.
std::optional<RowRefusal> RowWriter::unfit(std::size_t row) const {
  const bool upsert = step_.meta[row].operation == Operation::upsert;
  for (std::size_t i = 0; i < step_.columns.size(); ++i) {
    const Presence presence = step_.columns[i].presence(row);
    const bool bad = is_key(i) ? presence != Presence::value : upsert && presence == Presence::invalid;
    if (bad)
      return RowRefusal{"QZ-ADP-034", "column " + table_.columns[step_.indexes[i]].id + " cannot hold the value",
                        false};
  }
  return std::nullopt;
}

std::optional<RowRefusal> RowWriter::try_run(Operation operation, const RowNumbers& rows, Counts& counts) {
  if (operation == Operation::upsert) {
    const std::vector<bool> wanted = wanted_of(rows.front());
    const bool whole = std::all_of(wanted.begin(), wanted.end(), [](bool is) { return is; });
    return whole ? try_upserts(rows, counts) : try_partials(rows, counts);
  }
  std::vector<BulkColumn> values;
  if (soft_) add_fixed(Fixed::seen, rows, values);
  if (soft_) add_fixed(Fixed::seen, rows, values);
  add_keys(rows, values);
  add_fixed(Fixed::origin, rows, values);
  std::string sql = gone_sql() + where_key() + " AND qz_origin = ?" + (soft_ ? " AND qz_deleted = 0" : "");
  if (operation == Operation::withheld) {
    sql += " AND qz_group <> ?";
    add_fixed(Fixed::group, rows, values);
  }
  std::uint64_t affected = 0;
  if (auto refusal = run(sql, values, affected)) return refusal;
  counts.removed += affected;
  if (operation == Operation::remove) return append_history(rows, true);
  if (step_.seen.empty()) return std::nullopt;
  std::vector<BulkColumn> touched;
  add_fixed(Fixed::seen, rows, touched);
  add_keys(rows, touched);
  add_fixed(Fixed::origin, rows, touched);
  return run("UPDATE " + name_ + " SET qz_seen = ?" + where_key() + " AND qz_origin = ?", touched, affected);
}

std::string RowWriter::gone_sql() const {
  if (!soft_) return "DELETE FROM " + name_;
  return "UPDATE " + name_ + " SET qz_deleted = 1, qz_seen = IF(? = '', qz_seen, ?)";
}

std::string RowWriter::where_key() const {
  std::vector<std::string> terms;
  for (const std::size_t column : key_) terms.push_back(names_[column] + " = ?");
  return " WHERE " + joined_list(terms, " AND ");
}

// Parameters: the wanted columns but the key, group, seen, seen, [origin, if soft], the key, origin.
std::string RowWriter::update_sql(const std::vector<bool>& wanted, bool partial) const {
  std::vector<std::string> sets;
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (!is_key(i) && wanted[i]) sets.push_back(names_[i] + " = ?");
  sets.emplace_back("qz_group = ?");
  sets.emplace_back("qz_seen = IF(? = '', qz_seen, ?)");
  // A row that another origin has deleted softly is free.
  if (soft_) sets.emplace_back("qz_origin = ?, qz_deleted = 0");
  const char* owner = !soft_    ? " AND qz_origin = ?"
                      : partial ? " AND qz_origin = ? AND qz_deleted = 0"
                                : " AND (qz_origin = ? OR qz_deleted = 1)";
  return "UPDATE " + name_ + " SET " + joined_list(sets, ", ") + where_key() + owner;
}

std::string RowWriter::insert_sql() const {
  std::string marks;
  for (std::size_t i = 0; i < names_.size(); ++i) marks += "?, ";
  return "INSERT INTO " + name_ + " (" + joined_list(names_, ", ") + ", qz_origin, qz_seen, qz_group) VALUES (" +
         marks + "?, ?, ?)";
}

BulkColumn RowWriter::values_of(std::size_t column, const RowNumbers& rows) {
  const adapter::RowsStep& step = step_;
  BulkColumn values;
  const ItemType type = table_.columns[step.indexes[column]].type;
  if (type == ItemType::bytes || forms_[column] == Form::octets) values.kind = ParameterKind::octets;
  values.values.reserve(rows.size());
  values.nulls.reserve(rows.size());
  for (const std::size_t row : rows) {
    std::string_view text = step.columns[column].text(row);
    if (type == ItemType::boolean) text = text == "true" ? "1" : text == "false" ? "0" : text;
    // Sessions are in UTC: the column takes an instant without its letter.
    if (is_moment(forms_[column]) && !text.empty() && text.back() == 'Z') text.remove_suffix(1);
    const Presence presence = step.columns[column].presence(row);
    values.values.push_back(text);
    values.nulls.push_back(presence == Presence::null || presence == Presence::unchanged ? 1 : 0);
  }
  return values;
}

void RowWriter::add_fixed(Fixed which, const RowNumbers& rows, std::vector<BulkColumn>& values) const {
  BulkColumn column;
  for (const std::size_t row : rows)
    column.values.emplace_back(which == Fixed::origin ? origin_
                               : which == Fixed::seen ? step_.seen
                                                      : step_.groups[row]);
  column.nulls.assign(rows.size(), 0);
  values.push_back(std::move(column));
}

void RowWriter::add_keys(const RowNumbers& rows, std::vector<BulkColumn>& values) {
  for (const std::size_t column : key_) values.push_back(values_of(column, rows));
}

std::vector<BulkColumn> RowWriter::update_values(const std::vector<bool>& wanted, const RowNumbers& rows) {
  std::vector<BulkColumn> values;
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (!is_key(i) && wanted[i]) values.push_back(values_of(i, rows));
  add_fixed(Fixed::group, rows, values);
  add_fixed(Fixed::seen, rows, values);
  add_fixed(Fixed::seen, rows, values);
  if (soft_) add_fixed(Fixed::origin, rows, values);
  add_keys(rows, values);
  add_fixed(Fixed::origin, rows, values);
  return values;
}

std::vector<BulkColumn> RowWriter::insert_values(const RowNumbers& rows) {
  std::vector<BulkColumn> values;
  for (std::size_t i = 0; i < names_.size(); ++i) values.push_back(values_of(i, rows));
  add_fixed(Fixed::origin, rows, values);
  add_fixed(Fixed::seen, rows, values);
  add_fixed(Fixed::group, rows, values);
  return values;
}

std::optional<RowRefusal> RowWriter::try_upserts(const RowNumbers& rows, Counts& counts) {
  if (rows.size() == 1) return upsert_each(rows, counts);
  std::uint64_t found = 0;
  const std::vector<bool> all(names_.size(), true);
  if (auto refusal = run(update_sql(all, false), update_values(all, rows), found)) return refusal;
  if (found > 0 && found < rows.size()) return upsert_each(rows, counts);
  if (found == 0)
    if (auto refusal = run(insert_sql(), insert_values(rows), found)) return refusal;
  counts.upserted += rows.size();
  return append_history(rows, false);
}

std::optional<RowRefusal> RowWriter::upsert_each(const RowNumbers& rows, Counts& counts) {
  const std::vector<bool> all(names_.size(), true);
  for (const std::size_t row : rows) {
    const RowNumbers one{row};
    std::uint64_t found = 0;
    if (auto refusal = run(update_sql(all, false), update_values(all, one), found)) return refusal;
    if (found > 0) continue;
    if (auto refusal = run(insert_sql(), insert_values(one), found)) {
      if (refusal->code != "QZ-ADP-031") return refusal;
      const auto owner = owner_of(row, true);
      return owner ? owner : refusal;
    }
  }
  counts.upserted += rows.size();
  return append_history(rows, false);
}

// Whether another origin has the key.
std::optional<RowRefusal> RowWriter::owner_of(std::size_t row, bool insert) {
  Parameters values;
  for (const std::size_t column : key_) {
    const BulkColumn value = values_of(column, {row});
    values.add(std::string(value.values[0]), value.kind);
  }
  const std::string gone = soft_ && !insert ? " AND qz_deleted = 0" : "";
  const Result found = session_.query("SELECT qz_origin FROM " + name_ + where_key() + gone, values, "seeking a key");
  if (found.rows() == 0 || found.text(0, 0) == origin_) return std::nullopt;
  return RowRefusal{"QZ-ADP-030", "another provider owns the key in " + table_.table, true};
}

std::optional<RowRefusal> RowWriter::try_partials(const RowNumbers& rows, Counts& counts) {
  const std::vector<bool> wanted = wanted_of(rows.front());
  std::uint64_t found = 0;
  if (auto refusal = run(update_sql(wanted, true), update_values(wanted, rows), found)) return refusal;
  if (found < rows.size())
    for (const std::size_t row : rows)
      if (auto refusal = owner_of(row, false)) return refusal;
  counts.upserted += found;
  counts.dropped += rows.size() - found;
  return append_history(rows, false);
}

// Each change once, by its place in the stream: a repeat leaves what is there.
std::optional<RowRefusal> RowWriter::append_history(const RowNumbers& rows, bool removed) {
  if (table_.mode != adapter::ApplyMode::history) return std::nullopt;
  const std::string epoch = std::to_string(step_.batch.epoch);
  const std::string sequence = std::to_string(step_.batch.sequence);
  std::vector<std::string> ordinals;
  for (const std::size_t row : rows) ordinals.push_back(std::to_string(step_.meta[row].ordinal));
  std::vector<BulkColumn> values;
  std::string marks;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    values.push_back(values_of(i, rows));
    if (removed && !is_key(i)) values.back().nulls.assign(rows.size(), 1);
    marks += "?, ";
  }
  add_fixed(Fixed::origin, rows, values);
  add_fixed(Fixed::group, rows, values);
  const auto repeat = [&](std::string_view text) {
    values.push_back({std::vector<std::string_view>(rows.size(), text), std::vector<char>(rows.size(), 0)});
  };
  repeat(removed ? "delete" : "upsert");
  repeat(epoch);
  repeat(sequence);
  repeat("");
  for (std::size_t i = 0; i < rows.size(); ++i) values.back().values[i] = ordinals[i];
  std::uint64_t ignored = 0;
  return run("INSERT INTO " + quote_table(table_.history_table) + " (" + joined_list(names_, ", ") +
                 ", qz_origin, qz_group, qz_operation, qz_epoch, qz_sequence, qz_ordinal) VALUES (" + marks +
                 "?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE qz_ordinal = qz_ordinal",
             values, ignored);
}

// A row set aside is still a row the provider has: the end of a refill must not sweep what the target holds of it.
void RowWriter::reject(std::size_t row, const RowRefusal& refusal) {
  result_->rejections.push_back({index_, row, refusal.code, refusal.detail, refusal.may_heal});
  const bool keyed = std::all_of(key_.begin(), key_.end(), [&](std::size_t column) {
    return step_.columns[column].presence(row) == Presence::value;
  });
  if (step_.seen.empty() || !keyed) return;
  std::vector<BulkColumn> values;
  add_fixed(Fixed::seen, {row}, values);
  add_keys({row}, values);
  add_fixed(Fixed::origin, {row}, values);
  std::uint64_t ignored = 0;
  savepoint("SAVEPOINT qz_rows");
  const auto failed = run("UPDATE " + name_ + " SET qz_seen = ?" + where_key() + " AND qz_origin = ?", values, ignored);
  savepoint(failed ? "ROLLBACK TO SAVEPOINT qz_rows" : "RELEASE SAVEPOINT qz_rows");
}

std::optional<RowRefusal> RowWriter::run(const std::string& sql, const std::vector<BulkColumn>& values,
                                         std::uint64_t& affected) {
  auto statement = prepared_.find(sql);
  if (statement == prepared_.end())
    statement = prepared_.emplace(sql, std::make_unique<Statement>(session_, sql, "writing rows")).first;
  const unsigned number = statement->second->execute_bulk(values);
  if (number == 0) {
    affected = statement->second->affected();
    return std::nullopt;
  }
  if (!is_row_failure(number)) throw error_of(number, "", "writing rows of " + table_.table);
  return refusal_of(number);
}

}  // namespace qianzhi::mysql
