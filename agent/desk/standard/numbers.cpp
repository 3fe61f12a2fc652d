#include <array>
#include <utility>

#include "agent/desk/standard/characters.h"

namespace qianzhi::desk::standard {

namespace {

constexpr std::u32string_view digit_words = U"零一二三四五六七八九";

int digit_of(char32_t c) {
  if (c >= U'0' && c <= U'9') return static_cast<int>(c - U'0');
  if (c == U'〇' || c == U'○') return 0;
  if (c == U'两') return 2;
  const std::size_t at = digit_words.find(c);
  return at == digit_words.npos ? -1 : static_cast<int>(at);
}

unsigned unit_of(char32_t c) {
  switch (c) {
    case U'十': return 10;
    case U'百': return 100;
    case U'千': return 1000;
    default: return 0;
  }
}

}  // namespace

NumberAt number_at(std::u32string_view text, std::size_t at) {
  NumberAt found;
  unsigned sum = 0;     // of what has its unit
  unsigned digits = 0;  // read one after the other since
  bool has_unit = false;
  std::size_t i = at;
  for (; i < text.size() && i - at < 8; ++i) {
    const int digit = digit_of(text[i]);
    const unsigned unit = unit_of(text[i]);
    if (digit >= 0) {
      if (digits > 999) return {};
      digits = has_unit && digits == 0 ? static_cast<unsigned>(digit) : digits * 10 + static_cast<unsigned>(digit);
    } else if (unit != 0) {
      sum += (digits == 0 ? 1 : digits) * unit;
      digits = 0;
      has_unit = true;
    } else {
      break;
    }
  }
  found.value = sum + digits;
  found.size = i - at;
  return found.value > 9999 ? NumberAt{} : found;
}

std::u32string with_ordinals(std::u32string_view text, Changes& changes) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result.push_back(text[i]);
    if (text[i] != U'第') continue;
    const NumberAt number = number_at(text, i + 1);
    if (number.size == 0) continue;
    std::u32string digits;
    for (const char c : std::to_string(number.value)) digits.push_back(static_cast<char32_t>(c));
    if (digits != text.substr(i + 1, number.size)) note(changes, Change::ordinal);
    result += digits;
    i += number.size;
  }
  return result;
}

std::u32string loose_form(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  for (const char32_t c : text) {
    const int digit = digit_of(c);
    result.push_back(digit >= 0 ? U'0' + static_cast<char32_t>(digit) : loosely(c));
  }
  return result;
}

}  // namespace qianzhi::desk::standard
