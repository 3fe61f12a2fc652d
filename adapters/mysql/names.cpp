#include "adapters/mysql/names.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t longest_identifier = 64;  // characters
constexpr std::size_t longest_source_name = 40;

[[noreturn]] void refuse_name(std::string_view why) { throw Error(ErrorKind::misuse, "QZ-ADP-011", why); }

std::size_t characters_of(std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(name.begin(), name.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string quote_name(std::string_view name) {
  if (name.empty() || characters_of(name) > longest_identifier || name.find('\0') != std::string_view::npos)
    refuse_name("a table or column name is empty, too long or holds a NUL");
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted += '`';
}

std::pair<std::string, std::string> split_table(std::string_view table) {
  const auto dot = table.find('.');
  if (dot == std::string_view::npos) return {"", std::string(table)};
  if (table.find('.', dot + 1) != std::string_view::npos) refuse_name("a table is named TABLE or SCHEMA.TABLE");
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

std::string name_literal(std::string_view name) {
  std::string literal = "'";
  for (const char c : name) {
    if (c == '\\' || static_cast<unsigned char>(c) < 0x20)
      refuse_name("a name holds a backslash or a control character");
    literal.append(c == '\'' ? 2 : 1, c);
  }
  return literal += '\'';
}

const std::string& check_source_name(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= longest_source_name &&
                     std::all_of(name.begin(), name.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  if (!plain) refuse_name("a source name is [a-z0-9_]+, at most 40 characters");
  return name;
}

std::string journal_table(const std::string& source) { return "qianzhi_" + check_source_name(source) + "_journal"; }
std::string forgotten_table(const std::string& source) { return "qianzhi_" + check_source_name(source) + "_forgotten"; }

}  // namespace qianzhi::mysql
