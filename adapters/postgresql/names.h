// Identifiers in SQL. The only place where a name becomes part of a statement; values are always bound.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::postgresql {

// "name" with quotes doubled. Throws Error(misuse, QZ-ADP-011) for an empty name, a NUL or more than 63 octets.
std::string quote_name(std::string_view name);

// "schema.table" or "table", each part quoted. At most one dot.
std::string quote_table(std::string_view table);

// {schema or empty, table}
std::pair<std::string, std::string> split_table(std::string_view table);

// "a", "b", "c"
std::string quote_list(const std::vector<std::string>& names);

// A name as a string literal, for catalogues and journals: never for data.
std::string quote_text(std::string_view text);

// Publication and slot are both called "qianzhi_" + name. Throws Error(misuse, QZ-ADP-011) unless name is [a-z0-9_]+
// and the whole fits into 63 octets.
std::string own_name(std::string_view name);

}  // namespace qianzhi::postgresql
