#include "adapters/mysql/keyset.h"

#include <algorithm>

#include "adapters/mysql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t first_page = 256;  // rows asked for while the width of a row is unknown

void put_text(Bytes& cursor, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) cursor.push_back(static_cast<char>((size >> shift) & 0xFFU));
  cursor.append(text);
}

std::vector<std::string> take_texts(std::string_view cursor, std::size_t count) {
  const Error foreign(ErrorKind::misuse, "QZ-MY-019", "a snapshot cursor of another table or adapter");
  std::vector<std::string> values;
  for (std::size_t i = 0; i < count; ++i) {
    if (cursor.size() < 4) throw foreign;
    std::size_t size = 0;
    for (std::size_t octet = 0; octet < 4; ++octet) size = size << 8U | static_cast<unsigned char>(cursor[octet]);
    cursor.remove_prefix(4);
    if (cursor.size() < size) throw foreign;
    values.emplace_back(cursor.substr(0, size));
    cursor.remove_prefix(size);
  }
  if (!cursor.empty()) throw foreign;
  return values;
}

std::string joined_by(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) text.append(text.empty() ? "" : separator).append(part);
  return text;
}

// a >= ? AND ((a > ?) OR (a = ? AND b > ?)): the first term lets the index on the key be used.
std::string behind(const std::vector<KeyPart>& parts) {
  std::vector<std::string> alternatives;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::vector<std::string> terms;
    for (std::size_t j = 0; j < i; ++j) terms.push_back(parts[j].order + " = " + parts[j].parameter);
    terms.push_back(parts[i].order + " > " + parts[i].parameter);
    alternatives.push_back("(" + joined_by(terms, " AND ") + ")");
  }
  if (parts.size() == 1) return alternatives[0];
  return parts[0].order + " >= " + parts[0].parameter + " AND (" + joined_by(alternatives, " OR ") + ")";
}

Parameters bind_behind(const std::vector<KeyPart>& parts, const std::vector<std::string>& values) {
  Parameters bound;
  if (parts.size() > 1) bound.add(values[0], parts[0].kind);
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) bound.add(values[j], parts[j].kind);
  return bound;
}

}  // namespace

KeyPart key_part_of(const CatalogColumn& column, bool octets) {
  const std::string name = quote_name(column.name);
  KeyPart by_octets{"CAST(" + name + " AS BINARY)", "?", ParameterKind::octets};
  switch (column.form) {
    case Form::integer:
      return {name, "?", column.is_unsigned ? ParameterKind::unsigned_integer : ParameterKind::integer};
    case Form::year: return {name, "?", ParameterKind::unsigned_integer};
    case Form::bit: return {name + "+0", "?", ParameterKind::unsigned_integer};
    case Form::decimal: return {name, "?", ParameterKind::decimal};
    case Form::octets: return {name, "?", ParameterKind::octets};
    case Form::enumeration:
    case Form::set: return {"CAST(CONVERT(" + name + " USING utf8mb4) AS BINARY)", "?", ParameterKind::octets};
    case Form::text: break;
    default: return {name, "?", ParameterKind::text};
  }
  if (octets && !column.is_octet_text()) return by_octets;
  if (column.charset == "utf8mb4") return {name, "?", ParameterKind::text};
  // The cursor holds the column's own octets, so that a key that is no text can be passed, too.
  return {name, "CONVERT(CAST(? AS BINARY) USING " + column.charset + ") COLLATE " + column.collation,
          ParameterKind::octets};
}

KeysetReader::KeysetReader(const CatalogTable& table, std::vector<std::string> columns,
                           const std::vector<std::string>& key, std::string condition, std::vector<Form> forms)
    : table_(quote_name(table.schema) + "." + quote_name(table.name)),
      condition_(std::move(condition)),
      columns_(std::move(columns)),
      forms_(std::move(forms)) {
  const bool by_catalogue = forms_.empty();
  for (const auto& name : columns_) {
    const CatalogColumn* column = table.find(name);
    QZ_ASSERT(column != nullptr);
    if (by_catalogue) forms_.push_back(column->form);
  }
  const bool unique = table.has_unique_part(key);
  for (const auto& name : key) {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end())
      throw Error(ErrorKind::misuse, "QZ-ADP-010", "key column " + name + " is not among the columns to read");
    key_.push_back(static_cast<std::size_t>(found - columns_.begin()));
    parts_.push_back(key_part_of(*table.find(name), !unique));
  }
}

std::string KeysetReader::text(bool from_start) const {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < columns_.size(); ++i) list.push_back(shown(forms_[i], quote_name(columns_[i])));
  std::vector<std::string> order;
  for (const KeyPart& part : parts_) order.push_back(part.order);
  std::string where = condition_;
  if (!from_start) where += (where.empty() ? "(" : " AND (") + behind(parts_) + ")";
  std::string sql = "SELECT " + joined_by(list, ", ") + " FROM " + table_;
  if (!where.empty()) sql += " WHERE " + where;
  return sql + " ORDER BY " + joined_by(order, ", ") + " LIMIT ?";
}

KeysetPage KeysetReader::read(Session& session, Charsets& charsets, const Bytes& cursor,
                              const adapter::ReadLimits& limits) {
  const std::size_t by_width = octets_a_row_ == 0 ? first_page : limits.octets / octets_a_row_ + 1;
  const std::size_t asked = std::max<std::size_t>(1, std::min(limits.rows, by_width));
  Parameters values;
  if (!cursor.empty()) values = bind_behind(parts_, take_texts(cursor, key_.size()));
  values.add_number(asked);
  KeysetPage page;
  page.cursor = cursor;
  page.columns.resize(columns_.size());
  const std::string doing = "reading " + table_;
  Statement statement(session, text(cursor.empty()), doing);
  statement.execute(values);
  std::size_t octets = 0;
  bool whole = true;
  while (statement.fetch()) {
    append_row(statement, charsets, page, octets);
    if (octets < limits.octets) continue;
    whole = page.rows >= asked;
    break;  // the rest of a page that became too wide is read again behind the cursor
  }
  if (page.rows > 0) octets_a_row_ = std::max<std::size_t>(1, octets / page.rows);
  page.exhausted = whole && page.rows < asked;
  return page;
}

void KeysetReader::append_row(const Statement& row, Charsets& charsets, KeysetPage& page, std::size_t& octets) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (row.is_null(i)) {
      page.columns[i].append_null();
    } else {
      append_shown(forms_[i], row.collation(i), row.view(i), charsets, page.columns[i]);
      octets += row.view(i).size();
    }
  }
  ++page.rows;
  page.cursor.clear();
  for (const std::size_t i : key_) {
    if (row.is_null(i)) throw Error(ErrorKind::misuse, "QZ-ADP-016", "a key column of " + table_ + " holds NULL");
    const std::string_view value = row.view(i);
    // As it sorts: a label without the sign that shown() puts before it.
    put_text(page.cursor, forms_[i] == Form::enumeration && !value.empty() ? value.substr(1) : value);
  }
}

}  // namespace qianzhi::mysql
