// Identifiers in SQL: the only place where a name becomes part of a statement. Values are always bound.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

// As the catalogue writes it: upper case where the dialect folds names that way and none of its letters is upper case.
std::string folded(const Dialect& dialect, std::string_view name);
// Quoted. Throws Error(misuse, QZ-ADP-011) for an empty name, a NUL, or one that is too long for the dialect.
std::string quote_name(const Dialect& dialect, std::string_view name);
// {schema or empty, table}, folded. At most one dot, where the dialect has schemas.
std::pair<std::string, std::string> split_table(const Dialect& dialect, std::string_view table);
std::string quote_table(const Dialect& dialect, std::string_view table);
std::string quote_list(const Dialect& dialect, const std::vector<std::string>& names);
// A name as a string literal, for journals; never for data.
std::string name_literal(std::string_view name);

// Throws Error(misuse, QZ-ADP-010) unless the name of a source or target is [a-z0-9_]+ of at most 40 characters.
void check_name(const std::string& name);
std::string journal_name(const Dialect& dialect, const std::string& name);    // quoted
std::string forgotten_name(const Dialect& dialect, const std::string& name);  // quoted
// Plain name of a trigger or function; kind: one letter. What is too long ends with a digest of the whole.
std::string trigger_name(const Dialect& dialect, const std::string& name, const std::string& table, char kind);

}  // namespace qianzhi::odbc
