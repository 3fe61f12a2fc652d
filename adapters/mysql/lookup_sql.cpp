#include <mysql.h>

#include <charconv>
#include <optional>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/lookup.h"
#include "adapters/mysql/names.h"
#include "adapters/sql/lookup.h"
#include "adapters/sql/lookup_text.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

ParameterKind parameter_kind_of(ItemType type) {
  switch (type) {
    case ItemType::integer: return ParameterKind::integer;
    case ItemType::year: return ParameterKind::unsigned_integer;
    case ItemType::decimal: return ParameterKind::decimal;
    case ItemType::boolean: return ParameterKind::integer;
    case ItemType::bytes: return ParameterKind::octets;
    default: return ParameterKind::text;
  }
}

// In the column's own character set, so that its index is used; a question that it cannot express would come out as
// question marks, and finds nothing instead.
void add_match(const CatalogColumn& column, std::size_t parameter, LookupSql& sql) {
  const std::string name = quote_name(column.name);
  sql.text += sql.values.empty() ? " WHERE " : " AND ";
  sql.values.push_back(parameter);
  if (column.form == Form::text && column.charset != "utf8mb4") {
    const std::string own = "CONVERT(? USING " + column.charset + ")";
    sql.text += name + " = " + own + " COLLATE " + column.collation + " AND CAST(CONVERT(" + own +
                " USING utf8mb4) AS BINARY) = CAST(? AS BINARY)";
    sql.values.insert(sql.values.end(), {parameter, parameter});
    sql.kinds.push_back(ParameterKind::text);
    return;
  }
  const bool plain = column.form == Form::text || column.form == Form::enumeration || column.form == Form::set;
  const KeyPart part = key_part_of(column, false);
  sql.text += (plain ? name : part.order) + " = ?";
  sql.kinds.push_back(plain ? ParameterKind::text : part.kind);
}

Form form_of_result(const ResultColumn& column) {
  switch (column.type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONGLONG: return Form::integer;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return Form::decimal;
    case MYSQL_TYPE_DOUBLE: return Form::real8;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return Form::date;
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_DATETIME2: return Form::datetime;
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_TIMESTAMP2: return Form::timestamp;
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_TIME2: return Form::time;
    case MYSQL_TYPE_YEAR: return Form::year;
    // The library gives only six digits of a FLOAT, and the octets of a BIT.
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_BIT: return Form::unsupported;
    default: return column.collation == binary_collation ? Form::octets : Form::text;
  }
}

}  // namespace

LookupSql lookup_sql(Session& session, const adapter::LookupStatement& statement) {
  LookupSql sql;
  if (!statement.text.empty()) {
    auto ready = adapter::sql::ready_text(statement.text, statement.parameters, adapter::sql::mariadb_text);
    sql.text = std::move(ready.sql);
    sql.values = std::move(ready.places);
    for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
      sql.asked.push_back(adapter::sql::declared_type(statement, i));
      sql.kinds.push_back(parameter_kind_of(sql.asked.back()));
    }
    return sql;
  }
  std::vector<std::string> needed = statement.columns;
  needed.insert(needed.end(), statement.match.begin(), statement.match.end());
  const CatalogTable table = require_table(session, statement.table, needed);
  for (const std::string& name : statement.columns) {
    const CatalogColumn& column = *table.find(name);
    sql.forms.push_back(column.form);
    sql.text += (sql.text.empty() ? "SELECT " : ", ") + shown(column.form, quote_name(name));
  }
  sql.text += " FROM " + quote_name(table.schema) + "." + quote_name(table.name);
  for (std::size_t i = 0; i < statement.match.size(); ++i) {
    const CatalogColumn& column = *table.find(statement.match[i]);
    sql.asked.push_back(item_type_of(column.form));
    add_match(column, i, sql);
  }
  sql.text += " LIMIT ?";
  sql.has_limit = true;
  return sql;
}

LookupColumns lookup_columns(const adapter::LookupStatement& statement, const LookupSql& sql, const Statement& ready) {
  LookupColumns columns;
  if (ready.parameters() != sql.values.size() + (sql.has_limit ? 1 : 0))
    throw Error(ErrorKind::misuse, "QZ-ADP-061", "lookup " + statement.id + " has placeholders of its own");
  if (!sql.forms.empty()) {
    columns.forms = sql.forms;
    for (std::size_t i = 0; i < sql.forms.size(); ++i) columns.places.push_back(i);
    return columns;
  }
  const std::vector<ResultColumn> given = ready.describe();
  for (const std::string& wanted : statement.columns) {
    std::optional<std::size_t> place;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i].name != wanted) continue;
      if (place) throw Error(ErrorKind::misuse, "QZ-ADP-060", "lookup " + statement.id + " gives " + wanted + " twice");
      place = i;
    }
    if (!place) throw Error(ErrorKind::misuse, "QZ-ADP-011", "lookup " + statement.id + " gives no column " + wanted);
    columns.places.push_back(*place);
    columns.forms.push_back(form_of_result(given[*place]));
    if (columns.forms.back() == Form::unsupported)
      throw Error(ErrorKind::misuse, "QZ-ADP-065", "lookup " + statement.id + ": " + wanted + " is a FLOAT or BIT",
                  "write CAST(" + wanted + " AS DOUBLE), or " + wanted + " + 0");
  }
  return columns;
}

bool bind_question(ItemType type, ParameterKind kind, std::string_view text, Parameters& values) {
  if (type == ItemType::boolean) text = text == "true" ? "1" : "0";
  // Both kinds of time are read in UTC.
  if (type == ItemType::timestamp && !text.empty() && text.back() == 'Z') text.remove_suffix(1);
  const char* end = text.data() + text.size();
  if (kind == ParameterKind::integer) {
    std::int64_t number = 0;
    if (std::from_chars(text.data(), end, number).ec != std::errc()) return false;
  }
  if (kind == ParameterKind::unsigned_integer) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return false;
  }
  values.add(std::string(text), kind);
  return true;
}

}  // namespace qianzhi::mysql
