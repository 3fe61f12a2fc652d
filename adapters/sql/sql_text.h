// SQL text that adapters share: quoted names, placeholders and keyset paging. Text is made from names and numbers only;
// values are always bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::adapter::sql {

// How one kind of database writes what differs. A value; the constants below are all there is.
struct Dialect {
  char quote = '"';
  bool numbered = false;     // parameters: $1, $2 ... instead of ?1, ?2 ...
  bool row_values = true;    // (a, b) > (?1, ?2) is known and uses an index
  bool schemas = false;      // "schema.table" names two identifiers
  std::string_view collate;  // after a key column, so that text sorts and compares octet by octet (pitfall 25)
};

inline constexpr Dialect sqlite{'"', false, true, false, " COLLATE BINARY"};
// PostgreSQL: COLLATE fits text columns only, so its adapter adds it by column type.
inline constexpr Dialect postgresql{'"', true, true, true, ""};

// A quoted identifier. Throws Error(misuse, QZ-ADP-011) if it is empty, longer than 128 octets or holds a NUL.
std::string identifier(const Dialect& dialect, std::string_view name);

// A quoted table name; with schemas, the first dot separates the schema.
std::string table(const Dialect& dialect, std::string_view name);

// A name as a string literal, for catalogues and journals: never for data.
std::string name_literal(std::string_view name);

// Quoted names, separated by ", ".
std::string identifiers(const Dialect& dialect, const std::vector<std::string>& names);

std::string parameter(const Dialect& dialect, std::size_t number);

// "?1, ?2, ?3" for count parameters from `first` on.
std::string parameters(const Dialect& dialect, std::size_t first, std::size_t count);

// "k1 ASC, k2 ASC" in octet order.
std::string key_order(const Dialect& dialect, const std::vector<std::string>& key);

// True for the rows after the cursor. cursor_nulls[i]: the cursor's value of key[i] is NULL, which sorts first; only
// the values that are not NULL are bound, from parameter `first` on, in key order.
std::string key_after(const Dialect& dialect, const std::vector<std::string>& key,
                      const std::vector<bool>& cursor_nulls, std::size_t first);

// One comment line of a script; control characters of the text become spaces.
std::string comment(std::string_view text);

}  // namespace qianzhi::adapter::sql
