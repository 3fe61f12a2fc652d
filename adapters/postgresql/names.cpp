#include "adapters/postgresql/names.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr std::size_t name_limit = 63;  // NAMEDATALEN - 1; the server would cut longer names silently

[[noreturn]] void refuse(std::string_view why) { throw Error(ErrorKind::misuse, "QZ-ADP-011", why); }

}  // namespace

std::string quote_name(std::string_view name) {
  if (name.empty() || name.size() > name_limit || name.find('\0') != std::string_view::npos)
    refuse("a table or column name is empty, too long or holds a NUL");
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

std::pair<std::string, std::string> split_table(std::string_view table) {
  const auto dot = table.find('.');
  if (dot == std::string_view::npos) return {"", std::string(table)};
  if (table.find('.', dot + 1) != std::string_view::npos) refuse("a table is named TABLE or SCHEMA.TABLE");
  return {std::string(table.substr(0, dot)), std::string(table.substr(dot + 1))};
}

std::string quote_table(std::string_view table) {
  const auto [schema, name] = split_table(table);
  if (table.find('.') == std::string_view::npos) return quote_name(name);
  return quote_name(schema) + "." + quote_name(name);
}

std::string quote_list(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list.append(list.empty() ? "" : ", ").append(quote_name(name));
  return list;
}

std::string quote_text(std::string_view text) {
  std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) quoted.append(c == '\'' || (c == '\\' && quoted[0] == 'E') ? 2 : 1, c);
  return quoted + "'";
}

std::string own_name(std::string_view name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain || name.size() + 8 > name_limit) refuse("a source name is [a-z0-9_]+, at most 55 characters");
  return "qianzhi_" + std::string(name);
}

}  // namespace qianzhi::postgresql
