#include "adapters/postgresql/keyset.h"

#include <libpq-fe.h>

#include <algorithm>

#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr std::size_t first_page = 256;  // rows asked for while the width of a row is unknown

void put_text(Bytes& cursor, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) cursor.push_back(static_cast<char>((size >> shift) & 0xFFU));
  cursor.append(text);
}

Parameters take_texts(std::string_view cursor, std::size_t count) {
  const Error foreign(ErrorKind::misuse, "QZ-PG-019", "a snapshot cursor of another table or adapter");
  Parameters values;
  for (std::size_t i = 0; i < count; ++i) {
    if (cursor.size() < 4) throw foreign;
    std::size_t size = 0;
    for (std::size_t octet = 0; octet < 4; ++octet) size = size << 8U | static_cast<unsigned char>(cursor[octet]);
    cursor.remove_prefix(4);
    if (cursor.size() < size) throw foreign;
    values.add(std::string(cursor.substr(0, size)));
    cursor.remove_prefix(size);
  }
  if (!cursor.empty()) throw foreign;
  return values;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text.append(text.empty() ? "" : ", ").append(part);
  return text;
}

}  // namespace

std::string from_keys(const CatalogTable& table, const std::vector<std::string>& key) {
  std::string arrays;
  std::string names;
  std::string on;
  for (std::size_t part = 0; part < key.size(); ++part) {
    const CatalogColumn& column = *table.find(key[part]);
    const std::string name = "qz_k" + std::to_string(part);
    arrays += (part == 0 ? "$" : ", $") + std::to_string(part + 1) + "::text[]";
    names += name + ", ";
    on += (part == 0 ? "t." : " AND t.") + quote_name(column.name) + " = qz_j." + name + "::" + column.unlimited_type +
          (column.deterministic ? "" : " COLLATE \"C\"");
  }
  return " FROM unnest(" + arrays + ") WITH ORDINALITY AS qz_j(" + names + "qz_n) JOIN " + quote_name(table.schema) +
         "." + quote_name(table.name) + " AS t ON " + on;
}

KeysetReader::KeysetReader(const CatalogTable& table, std::vector<std::string> columns,
                           const std::vector<std::string>& key, std::string condition, std::string digest)
    : table_(quote_name(table.schema) + "." + quote_name(table.name)),
      condition_(std::move(condition)),
      digest_(std::move(digest)),
      columns_(std::move(columns)) {
  for (const auto& name : columns_) {
    const CatalogColumn* column = table.find(name);
    QZ_ASSERT(column != nullptr);
    forms_.push_back(form_of(column->type));
  }
  for (const auto& name : key) {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end())
      throw Error(ErrorKind::misuse, "QZ-ADP-010", "key column " + name + " is not among the columns to read");
    const CatalogColumn* column = table.find(name);
    key_.push_back(static_cast<std::size_t>(found - columns_.begin()));
    const std::string collate = column->deterministic ? "" : " COLLATE \"C\"";
    key_types_.push_back(column->unlimited_type + collate);
    key_order_.push_back(quote_name(name) + collate);
  }
}

std::string KeysetReader::statement(bool from_start) const {
  std::string sql = "SELECT " + quote_list(columns_) + (digest_.empty() ? "" : ", " + digest_) + " FROM " + table_;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < key_types_.size(); ++i)
    values.push_back("$" + std::to_string(i + 2) + "::" + key_types_[i]);
  std::string where = condition_;
  if (!from_start)
    where += std::string(where.empty() ? "" : " AND ") + "(" + join(key_order_) + ") > (" + join(values) + ")";
  if (!where.empty()) sql += " WHERE " + where;
  return sql + " ORDER BY " + join(key_order_) + " LIMIT $1::bigint";
}

KeysetPage KeysetReader::read(Session& session, const Bytes& cursor, const adapter::ReadLimits& limits) {
  KeysetPage page;
  page.cursor = cursor;
  page.columns.resize(columns_.size());
  // More than once while the width of a row is unknown.
  do ask(session, limits, page);
  while (!page.exhausted && page.rows < limits.rows && page.octets < limits.octets);
  return page;
}

void KeysetReader::ask(Session& session, const adapter::ReadLimits& limits, KeysetPage& page) {
  const std::size_t octets = limits.octets - std::min(limits.octets, page.octets);
  const std::size_t by_width = octets_a_row_ == 0 ? first_page : octets / octets_a_row_ + 1;
  const std::size_t asked =
      std::max<std::size_t>(1, std::min(limits.rows - std::min(limits.rows, page.rows), by_width));
  const Bytes cursor = page.cursor;
  const Parameters keys = cursor.empty() ? Parameters() : take_texts(cursor, key_.size());
  const std::string count = std::to_string(asked);
  std::vector<const char*> values{count.c_str()};
  const std::vector<const char*> key_values = keys.pointers();
  values.insert(values.end(), key_values.begin(), key_values.end());

  PGconn* connection = session.handle();
  if (PQsendQueryParams(connection, statement(cursor.empty()).c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0) == 0)
    throw error_of(nullptr, connection, "reading " + table_);
  PQsetSingleRowMode(connection);
  receive(session, limits, asked, page);
}

void KeysetReader::receive(Session& session, const adapter::ReadLimits& limits, std::size_t asked, KeysetPage& page) {
  bool open = true;
  const std::size_t last = page.rows + asked;
  Result failed(nullptr);
  for (;;) {
    Result row(PQgetResult(session.handle()));
    if (row.handle() == nullptr) break;
    const auto status = PQresultStatus(row.handle());
    if (status == PGRES_TUPLES_OK) continue;
    if (status != PGRES_SINGLE_TUPLE) {
      failed = std::move(row);
      continue;
    }
    if (!open) continue;  // the rest of a page that became too wide; it is read again behind the cursor
    page.octets += append_row(row, page);
    if (page.octets >= limits.octets) open = page.rows >= last;
  }
  if (failed.handle() != nullptr) throw error_of(failed.handle(), session.handle(), "reading " + table_);
  if (page.rows > 0) octets_a_row_ = std::max<std::size_t>(1, page.octets / page.rows);
  page.exhausted = open && page.rows < last;
}

std::size_t KeysetReader::append_row(const Result& row, KeysetPage& page) const {
  std::size_t octets = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const int at = static_cast<int>(i);
    if (row.is_null(0, at)) {
      page.columns[i].append_null();
    } else {
      const std::string_view text = row.view(0, at);
      append_value(forms_[i], text, page.columns[i]);
      octets += text.size();
    }
  }
  if (!digest_.empty()) page.digest.append(row.view(0, static_cast<int>(columns_.size())));
  ++page.rows;
  page.cursor.clear();
  for (const std::size_t i : key_) put_text(page.cursor, row.view(0, static_cast<int>(i)));
  return octets;
}

}  // namespace qianzhi::postgresql
