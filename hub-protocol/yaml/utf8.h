// UTF-8 one character at a time, for the scanner and the excerpts. Standard: RFC 3629.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace qianzhi::yaml {

inline constexpr char32_t not_a_character = 0xFFFFFFFF;
inline constexpr std::string_view full_width_colon = "\xEF\xBC\x9A";

struct Character {
  char32_t value = not_a_character;
  std::size_t octets = 1;  // 1 for an octet that starts no valid character
};

// at must be inside the text. Overlong forms, surrogates and values above U+10FFFF are not characters.
Character character_at(std::string_view text, std::size_t at);

// Offset of the first octet that is no part of a valid character; npos if all is valid.
std::size_t find_invalid(std::string_view text);

// At most so many octets of a text, never a part of a character.
std::string beginning_of(std::string_view text, std::size_t octets);

// Invalid octets count as one character each.
std::size_t count_characters(std::string_view text);

// Counts the characters before a place of a line; places that only go forward cost one pass over the line together.
class CharacterCounter {
 public:
  std::size_t before(std::string_view line, std::size_t at);

 private:
  const char* line_ = nullptr;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

// Columns of a terminal: 2 for East Asian wide and full-width characters, 0 for invisible ones, else 1.
std::size_t display_width(char32_t character);

}  // namespace qianzhi::yaml
