#include "adapters/odbc/lookup_reader.h"

#include <sql.h>
#include <sqlext.h>

#include <optional>

#include "adapters/odbc/catalog.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/values.h"
#include "adapters/sql/lookup_text.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::sql::Answer;

// Quotes, comments and dollars as the dialect reads them.
adapter::sql::TextStyle style_of(const Dialect& dialect) {
  adapter::sql::TextStyle style;
  style.backslashes = dialect.name == "mariadb";
  style.hash_comments = dialect.name == "mariadb";
  style.back_quotes = dialect.name == "mariadb" || dialect.name == "sqlite";
  style.brackets = dialect.name == "sqlserver" || dialect.name == "sqlite";
  style.dollar_quotes = dialect.name == "postgresql" || dialect.name == "kingbase";
  return style;
}

Form form_of_item(ItemType type) {
  switch (type) {
    case ItemType::integer:
    case ItemType::year: return Form::integer;
    case ItemType::decimal: return Form::decimal;
    case ItemType::date: return Form::date;
    case ItemType::timestamp: return Form::timestamp;
    case ItemType::boolean: return Form::boolean;
    case ItemType::bytes: return Form::bytes;
    default: return Form::text;
  }
}

std::string_view native_of(const Dialect& dialect, ItemType type) {
  switch (type) {
    case ItemType::integer:
    case ItemType::year: return dialect.type_integer;
    case ItemType::decimal: return dialect.type_number;
    case ItemType::date: return dialect.type_date;
    case ItemType::timestamp: return dialect.type_timestamp;
    default: return dialect.type_boolean;
  }
}

// A text is bound as it is: every database compares it with its columns of text.
std::string mark_of(const Dialect& dialect, ItemType type) {
  const Form form = form_of_item(type);
  if (form == Form::text) return "?";
  return odbc::fill(dialect.forms[static_cast<std::size_t>(form)].parameter, {{"t", native_of(dialect, type)}});
}

Form form_of_result(int type) {
  switch (type) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR: return Form::text;
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT: return Form::integer;
    case SQL_DECIMAL:
    case SQL_NUMERIC: return Form::decimal;
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE: return Form::real;
    case SQL_TYPE_DATE:
    case SQL_DATE: return Form::date;
    case SQL_TYPE_TIMESTAMP:
    case SQL_TIMESTAMP: return Form::timestamp;
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY: return Form::bytes;
    default: return Form::other;
  }
}

std::string_view sample_of(ItemType type) {
  switch (type) {
    case ItemType::integer:
    case ItemType::decimal: return "1";
    case ItemType::date: return "2000-01-01";
    case ItemType::timestamp: return "2000-01-01T00:00:00Z";
    case ItemType::year: return "2000";
    case ItemType::boolean: return "true";
    default: return "x";
  }
}

}  // namespace

void check_text(const Dialect& dialect, const adapter::LookupStatement& statement) {
  adapter::sql::ready_text(statement.text, statement.parameters, style_of(dialect));
}

LookupReader::LookupReader(Session& session, const adapter::LookupStatement& statement)
    : dialect_(&session.dialect()),
      doing_("lookup " + statement.id),
      columns_(statement.columns),
      is_long_(statement.columns.size(), false) {
  if (statement.text.empty())
    read_table(session, statement);
  else
    read_text(session, statement);
}

void LookupReader::read_table(Session& session, const adapter::LookupStatement& statement) {
  std::vector<std::string> needed = statement.columns;
  needed.insert(needed.end(), statement.match.begin(), statement.match.end());
  const CatalogTable table = require_table(session, statement.table, needed);
  for (const std::string& name : columns_) forms_.push_back(table.find(*dialect_, name)->form);
  from_ = " FROM " + quote_table(*dialect_, statement.table) + " q";
  for (std::size_t i = 0; i < statement.match.size(); ++i) {
    const CatalogColumn& column = *table.find(*dialect_, statement.match[i]);
    asked_.push_back(item_type_of(column.form));
    values_.push_back(i);
    from_ +=
        (i == 0 ? " WHERE q." : " AND q.") + quote_name(*dialect_, statement.match[i]) + " = " +
        odbc::fill(dialect_->forms[static_cast<std::size_t>(column.form)].parameter, {{"t", column.unlimited_type}});
  }
}

void LookupReader::read_text(Session& session, const adapter::LookupStatement& statement) {
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    asked_.push_back(adapter::sql::declared_type(statement, i));
    marks.push_back(mark_of(*dialect_, asked_.back()));
  }
  auto ready = adapter::sql::ready_text(statement.text, statement.parameters, style_of(*dialect_), marks);
  int parameters = -1;
  const std::vector<ResultColumn> given = session.describe(ready.sql, doing_, parameters);
  if (parameters >= 0 && static_cast<std::size_t>(parameters) != ready.places.size())
    throw Error(ErrorKind::misuse, "QZ-ADP-061", doing_ + " has placeholders of its own");
  for (const std::string& wanted : columns_) {
    std::optional<int> type;
    for (const ResultColumn& column : given)
      if (column.name == folded(*dialect_, wanted)) type = column.type;
    if (!type) throw Error(ErrorKind::misuse, "QZ-ADP-011", doing_ + " gives no column " + wanted);
    forms_.push_back(form_of_result(*type));
  }
  values_ = std::move(ready.places);
  from_ = " FROM (\n" + ready.sql + "\n) q";
}

// Bound columns stand before those that are read piece by piece: more cannot be asked of every driver.
std::vector<std::size_t> LookupReader::places(std::vector<bool>& is_long) const {
  std::vector<std::size_t> columns;
  for (const bool piecewise : {false, true})
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (is_long_[i] == piecewise) {
        columns.push_back(i);
        is_long.push_back(piecewise);
      }
  return columns;
}

std::string LookupReader::sql(std::size_t rows) const {
  const std::string number = std::to_string(rows);
  std::vector<bool> ignored;
  std::string text;
  for (const std::size_t column : places(ignored))
    text += (text.empty() ? "" : ", ") + odbc::fill(dialect_->forms[static_cast<std::size_t>(forms_[column])].select,
                                                    {{"c", "q." + quote_name(*dialect_, columns_[column])}});
  return "SELECT " + odbc::fill(dialect_->first_head, {{"n", number}}) + text + from_ +
         odbc::fill(dialect_->first_tail, {{"n", number}});
}

Parameters LookupReader::values(const std::vector<Column>& questions, std::uint32_t row) const {
  Parameters values;
  for (const std::size_t parameter : values_) {
    std::string_view text = questions[parameter].text(row);
    if (asked_[parameter] == ItemType::bytes) {
      values.add_octets(text);
      continue;
    }
    if (asked_[parameter] == ItemType::timestamp && !dialect_->reads_zones && !text.empty() && text.back() == 'Z')
      text.remove_suffix(1);
    values.add(text);
  }
  return values;
}

Parameters LookupReader::samples() const {
  std::vector<Column> sample(asked_.size());
  for (std::size_t i = 0; i < asked_.size(); ++i) sample[i].append(sample_of(asked_[i]));
  return values(sample, 0);
}

// False: a column has become a long one, and the question must be asked again.
bool LookupReader::take(Rows& rows, const std::vector<std::size_t>& places, const adapter::sql::Room& room,
                        std::vector<Column>& to, bool& more) {
  std::size_t count = 0;
  std::size_t octets = 0;
  while (rows.next()) {
    if (rows.overflow()) {
      is_long_[places[*rows.overflow()]] = true;
      return false;
    }
    more = count == room.rows || octets >= room.octets;
    if (more) return true;
    for (std::size_t i = 0; i < places.size(); ++i) {
      Column& column = to[places[i]];
      switch (rows.state(i)) {
        case Rows::State::null: column.append_null(); break;
        case Rows::State::too_long: column.append_invalid(rows.text(i)); break;
        case Rows::State::value: append_value(forms_[places[i]], rows.text(i), column); break;
      }
      octets += rows.text(i).size();
    }
    ++count;
  }
  return true;
}

Answer LookupReader::find(Session& session, const std::vector<Column>& questions, std::uint32_t row,
                          std::size_t rows_each, const adapter::sql::Room& room, std::vector<Column>& to) {
  for (;;) {
    std::vector<bool> is_long;
    const std::vector<std::size_t> order = places(is_long);
    bool more = false;
    Rows rows = session.query(sql(rows_each + 1), values(questions, row), doing_, std::move(is_long));
    if (rows.columns() != columns_.size())
      throw Error(ErrorKind::corrupt, "QZ-ODB-007", doing_ + ": the driver gives another number of columns");
    if (take(rows, order, room, to, more)) return more ? Answer::more : Answer::whole;
    for (Column& column : to) column.clear();
  }
}

}  // namespace qianzhi::odbc
