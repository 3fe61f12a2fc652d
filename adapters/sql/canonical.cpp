#include <algorithm>

#include "adapters/sql/lookup.h"

namespace qianzhi::adapter::sql {

namespace {

constexpr std::size_t longest_number = 100;  // characters; no database has longer ones

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

unsigned number_at(std::string_view text, std::size_t at, std::size_t size) {
  unsigned number = 0;
  for (const char c : text.substr(at, size)) number = number * 10 + static_cast<unsigned>(c - '0');
  return number;
}

bool is_whole(std::string_view digits) { return all_digits(digits) && (digits.size() == 1 || digits[0] != '0'); }

bool is_number(std::string_view text, bool fraction) {
  if (text.size() > longest_number) return false;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return is_whole(text) && !(negative && text == "0");
  return fraction && is_whole(text.substr(0, point)) && all_digits(text.substr(point + 1));
}

bool is_calendar_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!all_digits(text.substr(0, 4)) || !all_digits(text.substr(5, 2)) || !all_digits(text.substr(8, 2))) return false;
  const unsigned year = number_at(text, 0, 4);
  const unsigned month = number_at(text, 5, 2);
  const unsigned day = number_at(text, 8, 2);
  if (year == 0 || month == 0 || month > 12 || day == 0) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month == 2) return day <= (leap ? 29U : 28U);
  return day <= (month == 4 || month == 6 || month == 9 || month == 11 ? 30U : 31U);
}

bool is_moment(std::string_view text) {
  if (!text.empty() && text.back() == 'Z') text.remove_suffix(1);
  if (text.size() < 19 || text.size() > 26 || text[10] != 'T' || !is_calendar_day(text.substr(0, 10))) return false;
  if (text[13] != ':' || text[16] != ':') return false;
  for (const std::size_t at : {11U, 14U, 17U})
    if (!all_digits(text.substr(at, 2))) return false;
  if (number_at(text, 11, 2) > 23 || number_at(text, 14, 2) > 59 || number_at(text, 17, 2) > 59) return false;
  return text.size() == 19 || (text[19] == '.' && all_digits(text.substr(20)));
}

// Well-formed UTF-8: no overlong forms, no surrogates, nothing beyond Unicode, and no NUL.
bool is_clean_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto octet = [&](std::size_t i) {
      return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const unsigned first = octet(0);
    std::size_t size = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (first == 0 || size == 0) return false;
    for (std::size_t i = 1; i < size; ++i)
      if ((octet(i) & 0xC0U) != 0x80U) return false;
    const unsigned second = octet(1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second > 0x8F))
      return false;
    at += size;
  }
  return true;
}

}  // namespace

bool is_canonical(ItemType type, std::string_view text) {
  switch (type) {
    case ItemType::text:
    case ItemType::code:
    case ItemType::digits: return is_clean_utf8(text);
    case ItemType::integer: return is_number(text, false);
    case ItemType::decimal: return is_number(text, true);
    case ItemType::date: return is_calendar_day(text);
    case ItemType::year: return text.size() == 4 && all_digits(text);
    case ItemType::timestamp: return is_moment(text);
    case ItemType::boolean: return text == "true" || text == "false";
    case ItemType::bytes: return true;
  }
  return false;
}

}  // namespace qianzhi::adapter::sql
