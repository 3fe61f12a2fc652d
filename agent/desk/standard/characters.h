// Text as code points, and the clean-up that every standard form begins with. Pure functions; texts come from other
// departments, so octets that are no UTF-8 become U+FFFD and a text is cut at max_characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agent/desk/standard/changes.h"

namespace qianzhi::desk::standard {

inline constexpr std::size_t max_characters = 400;

std::u32string decoded(std::string_view utf8);
std::string encoded(std::u32string_view text);

// The simplified form of a traditional or variant character, or the character itself. The table is our own: some 860
// characters that occur in names of firms, streets and persons, of which each has one simplified form there. 乾 and 著,
// which simplified text has as well, are not in it.
char32_t simplified(char32_t character);
// For what is interchanged in practice but is not one character (昇 升, 堃 坤, 乾 干): one of them, or itself.
char32_t loosely(char32_t character);

// Half width, without spaces, capital letters, one kind of brackets, simplified, without quotes, dots and strokes (a
// dot between digits stays).
std::u32string cleaned(std::string_view utf8, Changes& changes);

// Numbers behind 第, in words or digits, to 第 and digits without leading zeros. Up to 9999.
std::u32string with_ordinals(std::u32string_view text, Changes& changes);
// A number in words or digits that begins at `at`; octets of it go into `size`, 0 if there is none.
struct NumberAt {
  unsigned value = 0;
  std::size_t size = 0;
};
NumberAt number_at(std::u32string_view text, std::size_t at);
// Each Chinese digit to its Arabic one, and `loosely` of each character.
std::u32string loose_form(std::u32string_view text);

// Insertions, deletions and replacements; stops counting beyond `limit` and gives limit + 1.
std::size_t distance(std::u32string_view left, std::u32string_view right, std::size_t limit);

bool ends_with(std::u32string_view text, std::u32string_view end);
bool starts_with(std::u32string_view text, std::size_t at, std::u32string_view word);

}  // namespace qianzhi::desk::standard
