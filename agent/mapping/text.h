// UTF-8 text as departments write it: what is in it, and the normalisations that never touch Chinese characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace qianzhi::mapping {

// What octets of a text may need attention; several together are or-ed. Cheap: one table look-up an octet.
enum TextTrait : unsigned {
  trait_nul = 1,
  trait_lower = 2,        // a-z
  trait_ascii_space = 4,  // space, \t \n \v \f \r
  trait_wide_space = 8,   // lead octets of U+00A0 and U+3000 (and of other characters)
  trait_full_width = 16,  // lead octet of U+FF01 to U+FF5E (and of other characters)
  trait_not_ascii = 32,
};
unsigned traits_of(std::string_view text);

// Well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view text);

// Code points of well-formed UTF-8.
std::size_t count_characters(std::string_view text);

// At most the first `count` characters.
std::string_view first_characters(std::string_view text, std::size_t count);

// Without spaces at both ends: ASCII white space, U+00A0 and U+3000.
std::string_view trimmed(std::string_view text);

// Full-width ASCII (U+FF01 to U+FF5E) and U+3000 to their half-width forms; nothing else, so no CJK and no 。、.
std::string to_half_width(std::string_view text);

// Each run of spaces (as in trimmed) becomes one ASCII space.
std::string with_single_spaces(std::string_view text);

// a-z to A-Z.
std::string to_upper_ascii(std::string_view text);

}  // namespace qianzhi::mapping
