// The SELECT of a lookup, as the department's DBA wrote it, made ready for its database: each :name becomes a
// placeholder. Nothing of a value ever comes near the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::adapter::sql {

// How a database writes what the tokenizer must tell apart.
struct TextStyle {
  enum class Places : std::uint8_t {
    dollar,    // $1, $2: each parameter has one number
    numbered,  // ?1, ?2: likewise
    marks,     // ?, in the order of their places
  };
  Places places = Places::marks;
  bool backslashes = false;    // in 'texts' and "names" a backslash escapes what follows
  bool dollar_quotes = false;  // $tag$ ... $tag$, E'...' with backslashes
  bool hash_comments = false;  // # to the end of the line
  bool back_quotes = false;    // `name`
  bool brackets = false;       // [name]
};

inline constexpr TextStyle sqlite_text{TextStyle::Places::numbered, false, false, false, true, true};
inline constexpr TextStyle postgresql_text{TextStyle::Places::dollar, false, true, false, false, false};
inline constexpr TextStyle mariadb_text{TextStyle::Places::marks, true, false, true, true, false};

struct ReadyText {
  std::string sql;                  // without a final semicolon
  std::vector<std::size_t> places;  // marks: the parameter at each place; else 0, 1, 2 ...
};

// :name is looked for outside of texts, quoted names, comments and ::casts. Throws Error(misuse, QZ-ADP-060) if a name
// is not among the parameters or one of these is never used; QZ-ADP-061 if the text is not exactly one statement that
// begins with SELECT or WITH, holds a word that writes or locks (INTO, UPDATE, DELETE ...) or a placeholder of the
// database, does not end what it opens, or is too long.
// marks: for a style with marks, what stands for each parameter instead of ?, such as a cast of it; empty: ?.
ReadyText ready_text(std::string_view text, const std::vector<std::string>& parameters, const TextStyle& style,
                     const std::vector<std::string>& marks = {});

}  // namespace qianzhi::adapter::sql
