#include "adapters/odbc/names.h"

#include <algorithm>

#include "adapters/sql/fingerprint.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

constexpr std::size_t own_name_limit = 40;

[[noreturn]] void refuse(std::string_view why) { throw Error(ErrorKind::misuse, "QZ-ADP-011", why); }

}  // namespace

std::string folded(const Dialect& dialect, std::string_view name) {
  std::string text(name);
  const bool mixed = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!dialect.upper || mixed) return text;
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string quote_name(const Dialect& dialect, std::string_view name) {
  if (name.empty() || name.size() > dialect.longest_name || name.find('\0') != std::string_view::npos)
    refuse("a table or column name is empty, too long or holds a NUL");
  // A parameter mark within an identifier is taken for one by some drivers.
  if (name.find('?') != std::string_view::npos) refuse("a table or column name holds a question mark");
  std::string quoted(1, dialect.open);
  for (const char c : folded(dialect, name)) quoted.append(c == dialect.close ? 2 : 1, c);
  return quoted += dialect.close;
}

std::pair<std::string, std::string> split_table(const Dialect& dialect, std::string_view table) {
  const auto dot = dialect.schemas ? table.find('.') : std::string_view::npos;
  if (dot == std::string_view::npos) return {"", folded(dialect, table)};
  if (table.find('.', dot + 1) != std::string_view::npos) refuse("a table is named TABLE or SCHEMA.TABLE");
  return {folded(dialect, table.substr(0, dot)), folded(dialect, table.substr(dot + 1))};
}

std::string quote_table(const Dialect& dialect, std::string_view table) {
  const auto dot = dialect.schemas ? table.find('.') : std::string_view::npos;
  if (dot == std::string_view::npos) return quote_name(dialect, table);
  const auto [schema, name] = split_table(dialect, table);
  return quote_name(dialect, schema) + "." + quote_name(dialect, name);
}

std::string quote_list(const Dialect& dialect, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(quote_name(dialect, name));
  return list;
}

std::string name_literal(std::string_view name) {
  std::string text = "'";
  for (const char c : name) text.append(c == '\'' ? 2 : 1, c);
  return text + "'";
}

void check_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= own_name_limit && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!good) throw Error(ErrorKind::misuse, "QZ-ADP-010", "the name of a source or target must be [a-z0-9_]+");
}

std::string journal_name(const Dialect& dialect, const std::string& name) {
  return quote_name(dialect, "qianzhi_" + name + "_journal");
}

std::string forgotten_name(const Dialect& dialect, const std::string& name) {
  return quote_name(dialect, "qianzhi_" + name + "_forgotten");
}

std::string trigger_name(const Dialect& dialect, const std::string& name, const std::string& table, char kind) {
  const std::string end = std::string("_") + kind;
  const std::string whole = "qianzhi_" + name + "_" + table;
  if (whole.size() + end.size() <= dialect.longest_name && table.find('.') == std::string::npos) return whole + end;
  adapter::sql::Fingerprint print;
  print.add(name);
  print.add(table);
  return "qianzhi_" + name.substr(0, 20) + "_" + print.hex().substr(0, 16) + end;
}

}  // namespace qianzhi::odbc
