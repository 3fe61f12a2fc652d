#include "agent/desk/standard/characters.h"

#include <algorithm>
#include <vector>

namespace qianzhi::desk::standard {

namespace {

constexpr char32_t broken = 0xFFFD;

// Octets of the character that begins with this octet; 0 if none does.
std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

char32_t one_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = length_of(lead);
  if (length == 1) return static_cast<char32_t>(text[at++]);
  if (length == 0 || at + length > text.size()) return ++at, broken;
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0U) != 0x80) return ++at, broken;
    value = value << 6U | (next & 0x3FU);
  }
  at += length;
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  return overlong || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? broken : value;
}

bool is_space(char32_t c) {
  return c == U' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200D) || c == 0xFEFF;
}

bool is_digit_character(char32_t c) { return c >= U'0' && c <= U'9'; }

constexpr std::u32string_view opening = U"(（〔【[﹙〖［〈《｛{";
constexpr std::u32string_view closing = U")）〕】]﹚〗］〉》｝}";
constexpr std::u32string_view taken_out = U"·•‧・.。．、，,“”\"'‘’「」『』-–—_～~!！?？;；:：`´*";

}  // namespace

std::u32string decoded(std::string_view utf8) {
  std::u32string text;
  text.reserve(std::min(utf8.size(), max_characters));
  for (std::size_t at = 0; at < utf8.size() && text.size() < max_characters;) text.push_back(one_character(utf8, at));
  return text;
}

std::string encoded(std::u32string_view text) {
  std::string utf8;
  utf8.reserve(text.size() * 3);
  const auto put = [&](char32_t value) { utf8.push_back(static_cast<char>(value)); };
  for (const char32_t c : text) {
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6U), put(0x80 | (c & 0x3FU));
    } else if (c < 0x10000) {
      put(0xE0 | c >> 12U), put(0x80 | (c >> 6U & 0x3FU)), put(0x80 | (c & 0x3FU));
    } else {
      put(0xF0 | c >> 18U), put(0x80 | (c >> 12U & 0x3FU)), put(0x80 | (c >> 6U & 0x3FU)), put(0x80 | (c & 0x3FU));
    }
  }
  return utf8;
}

std::u32string cleaned(std::string_view utf8, Changes& changes) {
  const std::u32string raw = decoded(utf8);
  std::u32string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char32_t c = raw[i];
    if (is_space(c)) {
      note(changes, Change::spaces);
      continue;
    }
    if (opening.find(c) != opening.npos || closing.find(c) != closing.npos) {
      const char32_t one = opening.find(c) != opening.npos ? U'(' : U')';
      if (one != c) note(changes, Change::brackets);
      text.push_back(one);
      continue;
    }
    if (c >= 0xFF01 && c <= 0xFF5E) {
      c -= 0xFEE0;
      note(changes, Change::width);
    }
    const bool between_digits =
        c == U'.' && i > 0 && i + 1 < raw.size() && is_digit_character(raw[i - 1]) && is_digit_character(raw[i + 1]);
    if (taken_out.find(c) != taken_out.npos && !between_digits) {
      note(changes, Change::signs);
      continue;
    }
    if (c >= U'a' && c <= U'z') {
      c -= 32;
      note(changes, Change::letter_case);
    }
    const char32_t simple = simplified(c);
    if (simple != c) note(changes, Change::traditional);
    text.push_back(simple);
  }
  return text;
}

std::size_t distance(std::u32string_view left, std::u32string_view right, std::size_t limit) {
  if (left.size() > right.size()) std::swap(left, right);
  if (right.size() - left.size() > limit) return limit + 1;
  std::vector<std::size_t> row(left.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t j = 1; j <= right.size(); ++j) {
    std::size_t diagonal = row[0];
    row[0] = j;
    std::size_t least = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[i];
      row[i] = std::min({replaced, row[i] + 1, row[i - 1] + 1});
      least = std::min(least, row[i]);
    }
    if (least > limit) return limit + 1;
  }
  return std::min(row.back(), limit + 1);
}

bool ends_with(std::u32string_view text, std::u32string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool starts_with(std::u32string_view text, std::size_t at, std::u32string_view word) {
  return at <= text.size() && text.substr(at, word.size()) == word;
}

}  // namespace qianzhi::desk::standard
