#include "adapters/postgresql/merge_sql.h"

#include <algorithm>

#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

std::string place(std::size_t i) { return "c" + std::to_string(i); }

}  // namespace

MergeSql::MergeSql(const adapter::TargetTable& table, const CatalogTable& found, std::vector<std::size_t> indexes)
    : table_(quote_table(table.table)),
      history_(table.mode == adapter::ApplyMode::history ? quote_table(table.history_table) : ""),
      stage_("qz_stage_" + std::to_string(found.oid)),
      indexes_(std::move(indexes)),
      soft_(table.mode == adapter::ApplyMode::soft_delete) {
  for (const std::size_t index : indexes_) {
    if (index >= table.columns.size()) throw Error(ErrorKind::misuse, "QZ-PG-018", "a row names an unknown column");
    const std::string& name = table.columns[index].id;
    const CatalogColumn* column = found.find(name);
    if (column == nullptr) throw Error(ErrorKind::misuse, "QZ-ADP-019", "table " + table.table + " lacks " + name);
    names_.push_back(quote_name(name));
    types_.push_back(column->type_text);
    casts_.push_back(column->unlimited_type);
    bytes_.push_back(form_of(column->type) == Form::bytes);
    is_key_.push_back(std::find(table.key.begin(), table.key.end(), name) != table.key.end());
    // Each set of columns has a staging table of its own.
    stage_ += "_" + std::to_string(index);
    if (is_key_.back()) key_.push_back(names_.size() - 1);
  }
  if (stage_.size() > 63)
    stage_ = "qz_stage_" + std::to_string(found.oid) + "_" + std::to_string(std::hash<std::string>{}(stage_));
  if (key_.size() != table.key.size())
    throw Error(ErrorKind::misuse, "QZ-PG-018", "rows for " + table.table + " come without their key");
}

std::string MergeSql::cast_list(bool with_cast) const {
  std::string text;
  for (std::size_t i = 0; i < names_.size(); ++i)
    text += with_cast ? "u." + place(i) + "::" + casts_[i] + " AS " + place(i) + ", " : place(i) + ", ";
  return text;
}

std::string MergeSql::arrays() const {
  std::string parameters;
  for (std::size_t i = 0; i < names_.size() + 3; ++i)
    parameters += (i == 0 ? "$" : ", $") + std::to_string(i + 5) + "::text[]";
  return "(SELECT " + cast_list(true) + "u.g, u.m, u.o::bigint AS o FROM unnest(" + parameters + ") AS u(" +
         cast_list(false) + "g, m, o))";
}

std::string MergeSql::create_staging() const {
  std::string columns;
  for (std::size_t i = 0; i < names_.size(); ++i) columns += place(i) + " " + types_[i] + ", ";
  return "CREATE TEMPORARY TABLE IF NOT EXISTS " + stage_ + " (" + columns +
         "g text, m text, o bigint) ON COMMIT DELETE ROWS";
}

std::string MergeSql::copy_new() const {
  std::string columns;
  for (const auto& name : names_) columns += name + ", ";
  return "COPY " + table_ + " (" + columns + "qz_origin, qz_group, qz_seen) FROM STDIN";
}

std::string MergeSql::has_key() const {
  std::string text;
  for (std::size_t i = 0; i < key_.size(); ++i)
    text +=
        (i == 0 ? "q." : " AND q.") + names_[key_[i]] + " = $" + std::to_string(i + 1) + "::text::" + casts_[key_[i]];
  return "SELECT count(*) FROM " + table_ + " AS q WHERE " + text;
}

std::string MergeSql::same_key() const {
  std::string text;
  for (const std::size_t i : key_) text += (text.empty() ? "q." : " AND q.") + names_[i] + " = x." + place(i);
  return text;
}

std::string MergeSql::seen() const { return "qz_seen = CASE WHEN $2 = '' THEN q.qz_seen ELSE $2 END"; }

std::string MergeSql::upsert(const std::string& x) const {
  std::string columns;
  std::string values;
  std::string set;
  std::string key;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    columns += names_[i] + ", ";
    values += "x." + place(i) + ", ";
    if (is_key_[i])
      key += (key.empty() ? "" : ", ") + names_[i];
    else
      set += names_[i] + " = excluded." + names_[i] + ", ";
  }
  return "INSERT INTO " + table_ + " AS q (" + columns + "qz_origin, qz_group, qz_seen) SELECT " + values +
         "$1, x.g, $2 FROM " + x + " AS x ON CONFLICT (" + key + ") DO UPDATE SET " + set +
         "qz_origin = excluded.qz_origin, qz_group = excluded.qz_group, " + seen() +
         (soft_ ? ", qz_deleted = false" : "") + " WHERE q.qz_origin = excluded.qz_origin" +
         (soft_ ? " OR q.qz_deleted" : "");
}

std::string MergeSql::update_partial(const std::string& x) const {
  std::string set;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (is_key_[i]) continue;
    set += names_[i] + " = CASE WHEN substr(x.m, " + std::to_string(i + 1) + ", 1) = '1' THEN x." + place(i) +
           " ELSE q." + names_[i] + " END, ";
  }
  return "UPDATE " + table_ + " AS q SET " + set + "qz_group = x.g, " + seen() + " FROM " + x + " AS x WHERE " +
         same_key() + " AND q.qz_origin = $1" + (soft_ ? " AND NOT q.qz_deleted" : "");
}

std::string MergeSql::count_foreign(const std::string& x) const {
  return "SELECT count(*) FROM " + table_ + " AS q JOIN " + x + " AS x ON " + same_key() + " WHERE q.qz_origin <> $1" +
         (soft_ ? " AND NOT q.qz_deleted" : "");
}

std::string MergeSql::remove(const std::string& x) const {
  if (soft_)
    return "UPDATE " + table_ + " AS q SET qz_deleted = true, " + seen() + " FROM " + x + " AS x WHERE " + same_key() +
           " AND q.qz_origin = $1 AND NOT q.qz_deleted";
  return "DELETE FROM " + table_ + " AS q USING " + x + " AS x WHERE " + same_key() + " AND q.qz_origin = $1";
}

std::string MergeSql::remove_moved(const std::string& x) const { return remove(x) + " AND q.qz_group <> x.g"; }

std::string MergeSql::touch(const std::string& x) const {
  return "UPDATE " + table_ + " AS q SET qz_seen = $2 FROM " + x + " AS x WHERE " + same_key() +
         " AND q.qz_origin = $1";
}

std::string MergeSql::append_history(const std::string& x) const {
  std::string columns;
  std::string values;
  for (const auto& name : names_) {
    columns += name + ", ";
    values += "q." + name + ", ";
  }
  return "INSERT INTO " + history_ + " (" + columns +
         "qz_origin, qz_group, qz_operation, qz_epoch, qz_sequence, qz_ordinal) SELECT " + values +
         "$1, x.g, 'upsert', $3::bigint, $4::bigint, x.o FROM " + x + " AS x JOIN " + table_ + " AS q ON " +
         same_key() + " AND q.qz_origin = $1 ON CONFLICT DO NOTHING";
}

std::string MergeSql::append_removal(const std::string& x) const {
  std::string columns;
  std::string values;
  for (const std::size_t i : key_) {
    columns += names_[i] + ", ";
    values += "x." + place(i) + ", ";
  }
  return "INSERT INTO " + history_ + " (" + columns +
         "qz_origin, qz_group, qz_operation, qz_epoch, qz_sequence, qz_ordinal) SELECT " + values +
         "$1, x.g, 'delete', $3::bigint, $4::bigint, x.o FROM " + x + " AS x ON CONFLICT DO NOTHING";
}

}  // namespace qianzhi::postgresql
