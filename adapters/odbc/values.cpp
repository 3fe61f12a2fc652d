#include "adapters/odbc/values.h"

#include <algorithm>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool are_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

int two_digits(std::string_view text, std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

// A day that there is, from year 1 to 9999.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!are_digits(text.substr(0, 4)) || !are_digits(text.substr(5, 2)) || !are_digits(text.substr(8, 2))) return false;
  const int year = two_digits(text, 0) * 100 + two_digits(text, 2);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  if (year == 0 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month == 2) return day <= (leap ? 29 : 28);
  return day <= (month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31);
}

bool is_time(std::string_view text) {
  return text.size() == 8 && text[2] == ':' && text[5] == ':' && are_digits(text.substr(0, 2)) &&
         are_digits(text.substr(3, 2)) && are_digits(text.substr(6, 2)) && two_digits(text, 0) < 24 &&
         two_digits(text, 3) < 60 && two_digits(text, 6) < 60;
}

// Zone marks of an instant; the dialects read instants in UTC.
bool drop_zone(std::string_view& text) {
  for (const std::string_view zone : {"+00:00", "+00", "Z"})
    if (text.size() > zone.size() && text.substr(text.size() - zone.size()) == zone) {
      text.remove_suffix(zone.size());
      return true;
    }
  return text.size() <= 10 || text.find_first_of("+-", 11) == std::string_view::npos;
}

void append_timestamp(std::string_view text, bool instant, Column& column) {
  std::string_view body = text;
  if (instant && !drop_zone(body)) return column.append_invalid(text);
  if (!instant && body.size() == 10 && is_date(body)) return column.append(std::string(body) + "T00:00:00");
  if (body.size() < 19 || (body[10] != ' ' && body[10] != 'T') || !is_date(body.substr(0, 10)) ||
      !is_time(body.substr(11, 8)))
    return column.append_invalid(text);
  std::string fraction(body.size() > 19 ? body.substr(20) : std::string_view());
  if (body.size() > 19 && (body[19] != '.' || !are_digits(fraction))) return column.append_invalid(text);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (fraction.size() > 6) return column.append_invalid(text);  // finer than the canonical form
  std::string canonical(body.substr(0, 19));
  canonical[10] = 'T';
  if (!fraction.empty()) canonical += "." + fraction + std::string(6 - fraction.size(), '0');
  column.append(instant ? canonical + "Z" : canonical);
}

void append_integer(std::string_view text, Column& column) {
  std::string_view digits = text;
  const bool negative = !digits.empty() && digits.front() == '-';
  if (negative) digits.remove_prefix(1);
  if (!are_digits(digits)) return column.append_invalid(text);
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  column.append(negative && digits != "0" ? "-" + std::string(digits) : std::string(digits));
}

void append_decimal(std::string_view text, bool exponent, Column& column) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const std::size_t mark = exponent ? rest.find_first_of("eE") : std::string_view::npos;
  const std::string_view number = rest.substr(0, mark);
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  const std::string_view part = point == std::string_view::npos ? std::string_view() : number.substr(point + 1);
  const bool good =
      (whole.empty() || are_digits(whole)) && (part.empty() || are_digits(part)) && !(whole.empty() && part.empty());
  if (!good) return column.append_invalid(text);  // NaN, Infinity, words
  std::string canonical = negative ? "-" : "";
  canonical.append(whole.empty() ? std::string_view("0") : whole);
  if (!part.empty()) canonical.append(".").append(part);
  if (mark != std::string_view::npos) canonical.append(rest.substr(mark));
  column.append(canonical);
}

// Octets that follow a leading one, or a number over 3 if it cannot lead.
std::size_t followers(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xC2 && lead < 0xE0) return 1;
  if (lead >= 0xE0 && lead < 0xF0) return 2;
  if (lead >= 0xF0 && lead < 0xF5) return 3;
  return 4;
}

void append_text(std::string_view text, Column& column) {
  if (is_text(text)) return column.append(text);
  // A text with a NUL, told in hexadecimal behind this octet by the dialect.
  if (text.front() == '\xFF') return column.append_invalid(text.substr(1));
  column.append_invalid(to_hex(text));
}

void append_octets(std::string_view text, Column& column) {
  if (text.size() % 2 != 0) return column.append_invalid(is_text(text) ? std::string(text) : to_hex(text));
  for (const char c : text)
    if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return column.append_invalid(to_hex(text));
  column.append(from_hex(text));
}

}  // namespace

bool is_text(std::string_view octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto lead = static_cast<unsigned char>(octets[i]);
    const std::size_t more = followers(lead);
    if (lead == 0 || more > 3 || i + more >= octets.size()) return false;
    if (more == 0) continue;
    const auto second = static_cast<unsigned char>(octets[i + 1]);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    if (overlong || (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F)) return false;
    for (std::size_t k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(octets[i + k]) & 0xC0U) != 0x80U) return false;
    i += more;
  }
  return true;
}

Form form_of(const Dialect& dialect, std::string_view native_type) {
  std::string type(native_type);
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const TypeRule& rule : dialect.types)
    if (type.compare(0, rule.word.size(), rule.word) == 0) return rule.form;
  return Form::other;
}

ItemType item_type_of(Form form) {
  switch (form) {
    case Form::integer: return ItemType::integer;
    case Form::decimal:
    case Form::real: return ItemType::decimal;
    case Form::date: return ItemType::date;
    case Form::timestamp:
    case Form::instant: return ItemType::timestamp;
    case Form::boolean: return ItemType::boolean;
    case Form::bytes: return ItemType::bytes;
    case Form::text:
    case Form::other: break;
  }
  return ItemType::text;
}

void append_value(Form form, std::string_view text, Column& column) {
  if (!text.empty() && form != Form::text && form != Form::other && form != Form::bytes && !is_text(text))
    return column.append_invalid(to_hex(text));
  switch (form) {
    case Form::text:
    case Form::other: return append_text(text, column);
    case Form::integer: return append_integer(text, column);
    case Form::decimal: return append_decimal(text, false, column);
    case Form::real: return append_decimal(text, true, column);
    case Form::date: return is_date(text) ? column.append(text) : column.append_invalid(text);
    case Form::timestamp: return append_timestamp(text, false, column);
    case Form::instant: return append_timestamp(text, true, column);
    case Form::boolean: return text == "true" || text == "false" ? column.append(text) : column.append_invalid(text);
    case Form::bytes: return append_octets(text, column);
  }
}

}  // namespace qianzhi::odbc
