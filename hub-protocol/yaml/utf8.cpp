#include "hub-protocol/yaml/utf8.h"

#include <array>
#include <cstdint>

namespace qianzhi::yaml {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr std::array<Range, 13> wide = {{{0x1100, 0x115F},
                                         {0x2E80, 0x303E},
                                         {0x3041, 0x33FF},
                                         {0x3400, 0x4DBF},
                                         {0x4E00, 0x9FFF},
                                         {0xA000, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF01, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};

constexpr std::array<Range, 3> invisible = {{{0x200B, 0x200F}, {0x2060, 0x2064}, {0xFEFF, 0xFEFF}}};

template <typename Ranges>
bool is_in(char32_t character, const Ranges& ranges) {
  for (const Range& range : ranges) {
    if (character >= range.first && character <= range.last) return true;
  }
  return false;
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = octet(at);
  if (first < 0x80) return {first, 1};
  std::size_t octets = 0;
  char32_t value = 0;
  char32_t least = 0;
  if ((first & 0xE0U) == 0xC0) {
    octets = 2, value = first & 0x1FU, least = 0x80;
  } else if ((first & 0xF0U) == 0xE0) {
    octets = 3, value = first & 0x0FU, least = 0x800;
  } else if ((first & 0xF8U) == 0xF0) {
    octets = 4, value = first & 0x07U, least = 0x10000;
  } else {
    return {};
  }
  if (at + octets > text.size()) return {};
  for (std::size_t i = 1; i < octets; ++i) {
    if ((octet(at + i) & 0xC0U) != 0x80) return {};
    value = (value << 6U) | (octet(at + i) & 0x3FU);
  }
  if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, octets};
}

std::size_t find_invalid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (character.value == not_a_character) return at;
    at += character.octets;
  }
  return std::string_view::npos;
}

std::string beginning_of(std::string_view text, std::size_t octets) {
  const std::string_view cut = text.substr(0, octets);
  return std::string(cut.substr(0, find_invalid(cut)));
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) at += character_at(text, at).octets;
  return count;
}

std::size_t CharacterCounter::before(std::string_view line, std::size_t at) {
  if (line.data() != line_ || at < at_) {
    line_ = line.data();
    at_ = count_ = 0;
  }
  count_ += count_characters(line.substr(at_, at - at_));
  at_ = at;
  return count_;
}

std::size_t display_width(char32_t character) {
  if (is_in(character, invisible)) return 0;
  return is_in(character, wide) ? 2 : 1;
}

}  // namespace qianzhi::yaml
