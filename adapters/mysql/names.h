// Identifiers in SQL for MariaDB. The only place where a name becomes part of a statement; values are always bound.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianzhi::mysql {

// `name` with back quotes doubled. Throws Error(misuse, QZ-ADP-011) for an empty name, a NUL, bad UTF-8 or more than 64
// characters.
std::string quote_name(std::string_view name);

// {schema or empty, table}. Throws Error(misuse, QZ-ADP-011) for more than one dot.
std::pair<std::string, std::string> split_table(std::string_view table);

// "schema.table" or "table", each part quoted.
std::string quote_table(std::string_view table);

// `a`, `b`, `c`
std::string quote_list(const std::vector<std::string>& names);

// A name as a string literal, for catalogues, journals and grants: never for data. Good under every sql_mode: no
// backslash is taken. Throws Error(misuse, QZ-ADP-011) for a backslash, a NUL or a control character.
std::string name_literal(std::string_view name);

// Throws Error(misuse, QZ-ADP-011) unless name is [a-z0-9_]+ and at most 40 characters.
const std::string& check_source_name(const std::string& name);

// Tables of ours.
inline constexpr const char* mark_table = "qianzhi_mark";
std::string journal_table(const std::string& source);    // plain, in the schema of the connection
std::string forgotten_table(const std::string& source);  // likewise

}  // namespace qianzhi::mysql
