#include "agent/mapping/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace qianzhi::mapping {

namespace {

std::uint8_t octet(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

bool is_ascii_space(std::uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }

constexpr std::array<std::uint8_t, 256> make_traits() {
  std::array<std::uint8_t, 256> table{};
  table[0] = trait_nul;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = trait_lower;
  for (std::size_t c = 9; c <= 13; ++c) table[c] = trait_ascii_space;
  table[' '] = trait_ascii_space;
  for (std::size_t c = 128; c < 256; ++c) table[c] = trait_not_ascii;
  table[0xC2] = trait_not_ascii | trait_wide_space;
  table[0xE3] = trait_not_ascii | trait_wide_space | trait_full_width;
  table[0xEF] = trait_not_ascii | trait_full_width;
  return table;
}

constexpr std::array<std::uint8_t, 256> traits = make_traits();

// Octets of the space that begins here; 0 if none does.
std::size_t space_at(std::string_view text, std::size_t at) {
  if (is_ascii_space(octet(text, at))) return 1;
  if (text.substr(at, 2) == "\xC2\xA0") return 2;
  if (text.substr(at, 3) == "\xE3\x80\x80") return 3;
  return 0;
}

// Octets of the space that ends before `end`; 0 if none does.
std::size_t space_before(std::string_view text, std::size_t end) {
  if (end >= 1 && is_ascii_space(octet(text, end - 1))) return 1;
  if (end >= 2 && text.substr(end - 2, 2) == "\xC2\xA0") return 2;
  if (end >= 3 && text.substr(end - 3, 3) == "\xE3\x80\x80") return 3;
  return 0;
}

// Octets of the well-formed character that begins here; 0 if it is malformed. Table 3-7 of the Unicode standard.
std::size_t character_at(std::string_view text, std::size_t at) {
  const std::uint8_t lead = octet(text, at);
  if (lead < 0x80) return 1;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < size) return 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (octet(text, at + 1) < low || octet(text, at + 1) > high) return 0;
  for (std::size_t i = 2; i < size; ++i)
    if ((octet(text, at + i) & 0xC0U) != 0x80U) return 0;
  return size;
}

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0U) == 0x80U; }

}  // namespace

unsigned traits_of(std::string_view text) {
  // Four independent sums, so that the look-ups need not wait for each other.
  std::array<unsigned, 4> found{};
  std::size_t at = 0;
  for (; at + 4 <= text.size(); at += 4)
    for (std::size_t i = 0; i < 4; ++i) found[i] |= traits[octet(text, at + i)];
  for (; at < text.size(); ++at) found[0] |= traits[octet(text, at)];
  return found[0] | found[1] | found[2] | found[3];
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    // Most text is Chinese or ASCII: the two plain cases first.
    if (text.size() - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
      const std::uint8_t lead = octet(text, at);
      if (lead > 0xE0 && lead < 0xED && (octet(text, at + 1) & 0xC0U) == 0x80U &&
          (octet(text, at + 2) & 0xC0U) == 0x80U) {
        at += 3;
        continue;
      }
    }
    const std::size_t size = character_at(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!is_continuation(text[at]) && count-- == 0) break;
  }
  return text.substr(0, at);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = space_at(text, 0);
    if (size == 0) break;
    text.remove_prefix(size);
  }
  while (!text.empty()) {
    const std::size_t size = space_before(text, text.size());
    if (size == 0) break;
    text.remove_suffix(size);
  }
  return text;
}

std::string to_half_width(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view three = text.substr(at, 3);
    if (three == "\xE3\x80\x80") {
      result += ' ';
      at += 3;
    } else if (three.size() == 3 && three >= "\xEF\xBC\x81" && three <= "\xEF\xBD\x9E") {
      // U+FF01 is EF BC 81, U+FF40 begins EF BD: both halves together are 64 code points apart.
      const unsigned low = static_cast<unsigned>(octet(three, 2)) & 0x3FU;
      result += static_cast<char>(0x20U + (octet(three, 1) == 0xBC ? low : low + 0x40U));
      at += 3;
    } else {
      result += text[at++];
    }
  }
  return result;
}

std::string with_single_spaces(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool in_space = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = space_at(text, at);
    if (size == 0) {
      result += text[at++];
      in_space = false;
      continue;
    }
    if (!in_space) result += ' ';
    in_space = true;
    at += size;
  }
  return result;
}

std::string to_upper_ascii(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

}  // namespace qianzhi::mapping
