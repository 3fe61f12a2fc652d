#include "adapters/odbc/keyset.h"

#include <algorithm>

#include "adapters/odbc/names.h"
#include "adapters/odbc/values.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

constexpr std::size_t first_page = 256;  // rows asked for while the width of a row is unknown

void put_text(Bytes& cursor, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) cursor.push_back(static_cast<char>((size >> shift) & 0xFFU));
  cursor.append(text);
}

std::vector<std::string> take_texts(std::string_view cursor, std::size_t count) {
  const Error foreign(ErrorKind::misuse, "QZ-ODB-012", "a snapshot cursor of another table or adapter");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    if (cursor.size() < 4) throw foreign;
    std::size_t size = 0;
    for (std::size_t octet = 0; octet < 4; ++octet) size = size << 8U | static_cast<unsigned char>(cursor[octet]);
    cursor.remove_prefix(4);
    if (cursor.size() < size) throw foreign;
    texts.emplace_back(cursor.substr(0, size));
    cursor.remove_prefix(size);
  }
  if (!cursor.empty()) throw foreign;
  return texts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : separator).append(part);
  return text;
}

}  // namespace

KeysetReader::KeysetReader(const Dialect& dialect, const std::string& table, const CatalogTable& found,
                           std::vector<std::string> columns, const std::vector<std::string>& key, std::string condition)
    : dialect_(&dialect),
      table_(quote_table(dialect, table)),
      condition_(std::move(condition)),
      columns_(std::move(columns)),
      is_long_(columns_.size(), false) {
  for (const std::string& name : columns_) {
    const CatalogColumn* column = found.find(dialect, name);
    QZ_ASSERT(column != nullptr);
    forms_.push_back(column->form);
  }
  for (const std::string& name : key) {
    const auto place = std::find(columns_.begin(), columns_.end(), name);
    if (place == columns_.end())
      throw Error(ErrorKind::misuse, "QZ-ADP-010", "key column " + name + " is not among the columns to read");
    const CatalogColumn& column = *found.find(dialect, name);
    key_.push_back(static_cast<std::size_t>(place - columns_.begin()));
    const FormTexts& texts = dialect.forms[static_cast<std::size_t>(column.form)];
    parameters_.push_back(odbc::fill(texts.parameter, {{"t", column.unlimited_type}}));
    // With the table's alias: a bare name would mean the text that is selected under it.
    order_.push_back("q." + quote_name(dialect, name) +
                     (column.form == Form::text ? std::string(dialect.text_order) : std::string()));
  }
}

// Bound columns stand before those that are read piece by piece: more cannot be asked of every driver.
std::string KeysetReader::select_list() const {
  std::vector<std::string> parts;
  for (const bool is_long : {false, true})
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (is_long_[i] == is_long)
        parts.push_back(odbc::fill(dialect_->forms[static_cast<std::size_t>(forms_[i])].select,
                                   {{"c", "q." + quote_name(*dialect_, columns_[i])}}));
  return join(parts, ", ");
}

// The first line repeats what follows from the rest, so that the index of the key can be used.
std::string KeysetReader::after() const {
  if (dialect_->row_values || order_.size() == 1) {
    if (order_.size() == 1) return order_[0] + " > " + parameters_[0];
    return "(" + join(order_, ", ") + ") > (" + join(parameters_, ", ") + ")";
  }
  std::vector<std::string> alternatives;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    std::vector<std::string> terms;
    for (std::size_t j = 0; j < i; ++j) terms.push_back(order_[j] + " = " + parameters_[j]);
    terms.push_back(order_[i] + " > " + parameters_[i]);
    alternatives.push_back("(" + join(terms, " AND ") + ")");
  }
  return order_[0] + " >= " + parameters_[0] + " AND (" + join(alternatives, " OR ") + ")";
}

std::string KeysetReader::statement(Ask ask, std::size_t rows) const {
  const std::string number = std::to_string(rows);
  std::string where = condition_;
  if (ask == Ask::after) where += (where.empty() ? "" : " AND ") + after();
  if (ask == Ask::one)
    for (std::size_t i = 0; i < order_.size(); ++i)
      where += (where.empty() ? "" : " AND ") + order_[i] + " = " + parameters_[i];
  std::string sql = "SELECT ";
  if (ask != Ask::one) sql += odbc::fill(dialect_->first_head, {{"n", number}});
  sql += select_list() + " FROM " + table_ + " q";
  if (!where.empty()) sql += " WHERE " + where;
  if (ask == Ask::one) return sql;
  return sql + " ORDER BY " + join(order_, ", ") + odbc::fill(dialect_->first_tail, {{"n", number}});
}

std::string KeysetReader::statement(bool from_start, std::size_t rows) const {
  return statement(from_start ? Ask::first : Ask::after, rows);
}

// In the order of the marks: the expanded form names a part more than once.
Parameters KeysetReader::parameters(Ask ask, const std::vector<std::string>& key) const {
  Parameters values;
  const auto add = [&](std::size_t part) {
    if (forms_[key_[part]] == Form::bytes)
      values.add_octets(from_hex(key[part]));
    else
      values.add(key[part]);
  };
  if (ask == Ask::first) return values;
  if (ask == Ask::one || dialect_->row_values || key_.size() == 1) {
    for (std::size_t i = 0; i < key_.size(); ++i) add(i);
    return values;
  }
  add(0);
  for (std::size_t i = 0; i < key_.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) add(j);
  return values;
}

KeysetPage KeysetReader::read(Session& session, const Bytes& cursor, const adapter::ReadLimits& limits) {
  const std::size_t by_width = octets_a_row_ == 0 ? first_page : limits.octets / octets_a_row_ + 1;
  const std::size_t asked = std::max<std::size_t>(1, std::min(limits.rows, by_width));
  const Ask ask = cursor.empty() ? Ask::first : Ask::after;
  KeysetPage page = run(session, ask, cursor.empty() ? std::vector<std::string>() : take_texts(cursor, key_.size()),
                        asked, limits.octets);
  if (page.rows == 0) page.cursor = cursor;
  return page;
}

KeysetPage KeysetReader::find(Session& session, const std::vector<std::string>& key) {
  return run(session, Ask::one, key, 1, longest_value);
}

// A value that does not fit where it was bound is read piece by piece from then on, and the page again.
KeysetPage KeysetReader::run(Session& session, Ask ask, const std::vector<std::string>& key, std::size_t asked,
                             std::size_t octet_limit) {
  for (;;) {
    std::vector<bool> is_long;
    for (const bool piecewise : {false, true})
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (is_long_[i] == piecewise) is_long.push_back(piecewise);
    KeysetPage page;
    page.columns.resize(columns_.size());
    Rows rows = session.query(statement(ask, asked), parameters(ask, key), "reading " + table_, std::move(is_long));
    if (rows.columns() != columns_.size())
      throw Error(ErrorKind::corrupt, "QZ-ODB-007", "the driver gives another number of columns for " + table_);
    if (fill(rows, asked, octet_limit, page)) return page;
  }
}

// False: a column has become a long one.
bool KeysetReader::fill(Rows& rows, std::size_t asked, std::size_t octet_limit, KeysetPage& page) {
  std::vector<std::size_t> place;  // of each column in the result
  place.resize(columns_.size());
  std::vector<std::size_t> column_at;
  for (const bool piecewise : {false, true})
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (is_long_[i] == piecewise) {
        place[i] = column_at.size();
        column_at.push_back(i);
      }
  std::size_t octets = 0;
  bool open = true;
  while (open && page.rows < asked && rows.next()) {
    if (rows.overflow()) {
      is_long_[column_at[*rows.overflow()]] = true;
      return false;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string_view text = rows.text(place[i]);
      octets += text.size();
      switch (rows.state(place[i])) {
        case Rows::State::null: page.columns[i].append_null(); break;
        case Rows::State::too_long: page.columns[i].append_invalid(text); break;
        case Rows::State::value: append_value(forms_[i], text, page.columns[i]); break;
      }
    }
    ++page.rows;
    page.cursor.clear();
    for (const std::size_t i : key_) {
      if (rows.state(place[i]) != Rows::State::value)
        throw Error(ErrorKind::misuse, "QZ-ADP-016", "a key of " + table_ + " holds NULL or is too long");
      put_text(page.cursor, rows.text(place[i]));
    }
    open = octets < octet_limit;
  }
  page.exhausted = open && page.rows < asked;
  if (page.rows > 0) octets_a_row_ = std::max<std::size_t>(1, octets / page.rows);
  return true;
}

}  // namespace qianzhi::odbc
