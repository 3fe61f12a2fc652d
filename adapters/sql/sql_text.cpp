#include "adapters/sql/sql_text.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::sql {

namespace {

constexpr std::size_t longest_name = 128;

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text.append(separator);
    text.append(part);
  }
  return text;
}

// The comparison written out, for cursors with NULL and for databases without row values. The first line repeats what
// follows from the rest, so that the index on the key can be used.
std::string expanded(const Dialect& dialect, const std::vector<std::string>& key, const std::vector<bool>& cursor_nulls,
                     std::size_t first) {
  std::vector<std::string> columns;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < key.size(); ++i) {
    columns.push_back(identifier(dialect, key[i]).append(dialect.collate));
    values.push_back(cursor_nulls[i] ? std::string() : parameter(dialect, first++));
  }
  std::vector<std::string> alternatives;
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::vector<std::string> terms;
    for (std::size_t j = 0; j < i; ++j)
      terms.push_back(cursor_nulls[j] ? columns[j] + " IS NULL" : columns[j] + " = " + values[j]);
    terms.push_back(cursor_nulls[i] ? columns[i] + " IS NOT NULL" : columns[i] + " > " + values[i]);
    alternatives.push_back("(" + join(terms, " AND ") + ")");
  }
  const std::string lead = cursor_nulls[0] ? std::string() : columns[0] + " >= " + values[0] + " AND ";
  return lead + "(" + join(alternatives, " OR ") + ")";
}

}  // namespace

std::string identifier(const Dialect& dialect, std::string_view name) {
  if (name.empty() || name.size() > longest_name || name.find('\0') != std::string_view::npos)
    throw Error(ErrorKind::misuse, "QZ-ADP-011", "not a usable table or column name");
  std::string text(1, dialect.quote);
  for (const char c : name) {
    if (c == dialect.quote) text.push_back(c);
    text.push_back(c);
  }
  text.push_back(dialect.quote);
  return text;
}

std::string table(const Dialect& dialect, std::string_view name) {
  const std::size_t dot = dialect.schemas ? name.find('.') : std::string_view::npos;
  if (dot == std::string_view::npos) return identifier(dialect, name);
  return identifier(dialect, name.substr(0, dot)) + "." + identifier(dialect, name.substr(dot + 1));
}

std::string name_literal(std::string_view name) {
  std::string text = identifier(Dialect{'\'', false, false, false, ""}, name);
  return text;
}

std::string identifiers(const Dialect& dialect, const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back(identifier(dialect, name));
  return join(quoted, ", ");
}

std::string parameter(const Dialect& dialect, std::size_t number) {
  return (dialect.numbered ? "$" : "?") + std::to_string(number);
}

std::string parameters(const Dialect& dialect, std::size_t first, std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(parameter(dialect, first + i));
  return join(all, ", ");
}

std::string key_order(const Dialect& dialect, const std::vector<std::string>& key) {
  std::vector<std::string> columns;
  columns.reserve(key.size());
  for (const std::string& name : key) columns.push_back(identifier(dialect, name).append(dialect.collate));
  return join(columns, ", ");
}

std::string key_after(const Dialect& dialect, const std::vector<std::string>& key,
                      const std::vector<bool>& cursor_nulls, std::size_t first) {
  const bool nulls = std::find(cursor_nulls.begin(), cursor_nulls.end(), true) != cursor_nulls.end();
  if (nulls || !dialect.row_values) return expanded(dialect, key, cursor_nulls, first);
  return "(" + key_order(dialect, key) + ") > (" + parameters(dialect, first, key.size()) + ")";
}

std::string comment(std::string_view text) {
  std::string line = "-- ";
  for (const char c : text) line.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  line.push_back('\n');
  return line;
}

}  // namespace qianzhi::adapter::sql
