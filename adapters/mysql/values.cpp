#include "adapters/mysql/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::mysql {

namespace {

bool is_number_character(char c) { return c >= '0' && c <= '9'; }

// A run of digits that fills `text`.
std::optional<unsigned> digits_of(std::string_view text) {
  unsigned value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || !is_number_character(text[0]) || end.ec != std::errc() || end.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

bool is_day(const Moment& moment) {
  constexpr std::array<unsigned, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (moment.year < 1 || moment.year > 9999 || moment.month < 1 || moment.month > 12 || moment.day < 1) return false;
  const bool leap = (moment.year % 4 == 0 && moment.year % 100 != 0) || moment.year % 400 == 0;
  return moment.day <= days[moment.month - 1] + (leap && moment.month == 2 ? 1 : 0);
}

std::string fraction_of(unsigned micros) {
  if (micros == 0) return {};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), ".%06u", micros);
  return text.data();
}

std::string date_text(const Moment& moment) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", moment.year, moment.month, moment.day);
  return text.data();
}

std::string clock_text(unsigned hours, unsigned minutes, unsigned seconds, unsigned micros) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%02u:%02u:%02u", hours, minutes, seconds);
  return text.data() + fraction_of(micros);
}

// ".5" is 500,000.
std::optional<unsigned> micros_of(std::string_view fraction) {
  if (fraction.empty()) return 0;
  if (fraction[0] != '.' || fraction.size() < 2 || fraction.size() > 7) return std::nullopt;
  std::string digits(fraction.substr(1));
  digits.resize(6, '0');
  return digits_of(digits);
}

std::optional<Moment> date_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits_of(text.substr(0, 4));
  const auto month = digits_of(text.substr(5, 2));
  const auto day = digits_of(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  return Moment{static_cast<int>(*year), *month, *day};
}

void append_shown_moment(std::string_view text, bool zoned, Column& column) {
  auto moment = text.size() >= 19 && text[10] == ' ' ? date_of(text.substr(0, 10)) : std::nullopt;
  const auto hour = text.size() >= 19 ? digits_of(text.substr(11, 2)) : std::nullopt;
  const auto minute = text.size() >= 19 ? digits_of(text.substr(14, 2)) : std::nullopt;
  const auto second = text.size() >= 19 ? digits_of(text.substr(17, 2)) : std::nullopt;
  const auto micros = text.size() >= 19 ? micros_of(text.substr(19)) : std::nullopt;
  if (!moment || !hour || !minute || !second || !micros) return column.append_invalid(text);
  moment->hour = *hour;
  moment->minute = *minute;
  moment->second = *second;
  moment->micros = *micros;
  append_moment(*moment, zoned, column);
}

void append_shown_time(std::string_view text, Column& column) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative) rest.remove_prefix(1);
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || rest.size() < colon + 6 || rest[colon + 3] != ':')
    return column.append_invalid(text);
  const auto hours = digits_of(rest.substr(0, colon));
  const auto minutes = digits_of(rest.substr(colon + 1, 2));
  const auto seconds = digits_of(rest.substr(colon + 4, 2));
  const auto micros = micros_of(rest.substr(colon + 6));
  if (!hours || !minutes || !seconds || !micros) return column.append_invalid(text);
  append_time(negative, *hours, *minutes, *seconds, *micros, column);
}

template <typename Real>
void append_real_of(Real value, Column& column) {
  if (!std::isfinite(value)) return column.append_invalid(std::isnan(value) ? "nan" : "infinity");
  if (value == 0) value = 0;  // no negative zero
  std::array<char, 512> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  column.append({text.data(), static_cast<std::size_t>(end.ptr - text.data())});
}

void append_shown_real(std::string_view text, bool narrow, Column& column) {
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return column.append_invalid(text);
  if (narrow)
    append_real(static_cast<float>(value), column);
  else
    append_real(value, column);
}

void append_plain(std::string_view text, Column& column) {
  if (is_text(text))
    column.append(text);
  else
    column.append_invalid(to_hex(text));
}

}  // namespace

Form form_of(std::string_view data_type, std::string_view column_type) {
  static const std::map<std::string_view, Form> forms{{"char", Form::text},
                                                      {"varchar", Form::text},
                                                      {"tinytext", Form::text},
                                                      {"text", Form::text},
                                                      {"mediumtext", Form::text},
                                                      {"longtext", Form::text},
                                                      {"json", Form::text},
                                                      {"binary", Form::octets},
                                                      {"varbinary", Form::octets},
                                                      {"tinyblob", Form::octets},
                                                      {"blob", Form::octets},
                                                      {"mediumblob", Form::octets},
                                                      {"longblob", Form::octets},
                                                      {"geometry", Form::octets},
                                                      {"point", Form::octets},
                                                      {"linestring", Form::octets},
                                                      {"polygon", Form::octets},
                                                      {"multipoint", Form::octets},
                                                      {"multilinestring", Form::octets},
                                                      {"multipolygon", Form::octets},
                                                      {"geometrycollection", Form::octets},
                                                      {"tinyint", Form::integer},
                                                      {"smallint", Form::integer},
                                                      {"mediumint", Form::integer},
                                                      {"int", Form::integer},
                                                      {"bigint", Form::integer},
                                                      {"decimal", Form::decimal},
                                                      {"float", Form::real4},
                                                      {"double", Form::real8},
                                                      {"date", Form::date},
                                                      {"datetime", Form::datetime},
                                                      {"timestamp", Form::timestamp},
                                                      {"time", Form::time},
                                                      {"year", Form::year},
                                                      {"bit", Form::bit},
                                                      {"enum", Form::enumeration},
                                                      {"set", Form::set},
                                                      {"uuid", Form::uuid},
                                                      {"inet6", Form::inet6},
                                                      {"inet4", Form::inet4}};
  if (column_type.find("COMPRESSED") != std::string_view::npos) return Form::unsupported;
  const auto found = forms.find(data_type);
  return found == forms.end() ? Form::unsupported : found->second;
}

ItemType item_type_of(Form form) {
  switch (form) {
    case Form::integer:
    case Form::bit: return ItemType::integer;
    case Form::decimal:
    case Form::real4:
    case Form::real8: return ItemType::decimal;
    case Form::date: return ItemType::date;
    case Form::datetime:
    case Form::timestamp: return ItemType::timestamp;
    case Form::year: return ItemType::year;
    case Form::octets: return ItemType::bytes;
    case Form::boolean: return ItemType::boolean;
    default: return ItemType::text;
  }
}

bool is_steady(Form form) {
  switch (form) {
    case Form::real4:
    case Form::real8:
    case Form::timestamp:
    case Form::uuid:
    case Form::inet6:
    case Form::inet4:
    case Form::enumeration:
    case Form::set:
    case Form::bit:
    case Form::unsupported: return false;
    default: return true;
  }
}

std::string shown(Form form, const std::string& quoted_column) {
  switch (form) {
    // A number compares, and so shows, as a number: the label of value 0 is the empty text, too.
    case Form::enumeration:
      return "IF(" + quoted_column + "+0=0,'!',CONCAT('=',CONVERT(" + quoted_column + " USING utf8mb4)))";
    case Form::set: return "CONVERT(" + quoted_column + " USING utf8mb4)";
    case Form::bit: return quoted_column + "+0";
    case Form::real4: return "CAST(CAST(" + quoted_column + " AS DOUBLE) AS CHAR)";
    case Form::real8:
    case Form::date:
    case Form::datetime:
    case Form::timestamp:
    case Form::time:
    case Form::uuid:
    case Form::inet6:
    case Form::inet4: return "CAST(" + quoted_column + " AS CHAR)";
    default: return quoted_column;
  }
}

void append_shown(Form form, unsigned collation, std::string_view text, Charsets& charsets, Column& column) {
  switch (form) {
    case Form::text: return append_text(collation, text, charsets, column);
    case Form::octets: return append_octets(text, column);
    case Form::integer:
    case Form::bit:
    case Form::decimal: return append_number(text, column);
    case Form::real4: return append_shown_real(text, true, column);
    case Form::real8: return append_shown_real(text, false, column);
    case Form::date: {
      const auto moment = date_of(text);
      return moment ? append_date(*moment, column) : column.append_invalid(text);
    }
    case Form::datetime: return append_shown_moment(text, false, column);
    case Form::timestamp: return append_shown_moment(text, true, column);
    case Form::time: return append_shown_time(text, column);
    case Form::year: {
      const auto year = digits_of(text);
      return year ? append_year(*year, column) : column.append_invalid(text);
    }
    case Form::enumeration:
      if (text.empty() || text[0] != '=') return column.append_invalid("");
      return append_plain(text.substr(1), column);
    case Form::set:
    case Form::uuid:
    case Form::inet6:
    case Form::inet4: return append_plain(text, column);
    case Form::boolean: return column.append(text == "0" ? "false" : "true");
    case Form::unsupported: return column.append_invalid(to_hex(text));
  }
}

void append_text(unsigned collation, std::string_view octets, Charsets& charsets, Column& column) {
  if (charsets.is_binary(collation) || octets.size() > longest_value) return append_octets(octets, column);
  const auto text = charsets.to_utf8(collation, octets);
  if (text)
    column.append(*text);
  else
    column.append_invalid(to_hex(octets));
}

void append_octets(std::string_view octets, Column& column) {
  if (octets.size() > longest_value)
    column.append_invalid(std::to_string(octets.size()) + " octets");
  else
    column.append(octets);
}

void append_date(const Moment& moment, Column& column) {
  if (is_day(moment))
    column.append(date_text(moment));
  else
    column.append_invalid(date_text(moment));
}

void append_moment(const Moment& moment, bool zoned, Column& column) {
  const bool valid = is_day(moment) && moment.hour < 24 && moment.minute < 60 && moment.second < 60;
  const std::string text = date_text(moment) + (valid ? "T" : " ") +
                           clock_text(moment.hour, moment.minute, moment.second, moment.micros) +
                           (zoned && valid ? "Z" : "");
  if (valid)
    column.append(text);
  else
    column.append_invalid(text);
}

void append_epoch(std::int64_t seconds, unsigned micros, Column& column) {
  if (seconds == 0 && micros == 0) return append_moment({}, true, column);
  // Days since 1970-01-01 to a date of the proleptic calendar, in eras of 400 years that begin in March.
  const std::int64_t days = seconds / 86'400 + 719'468;
  const auto rest = static_cast<unsigned>(seconds % 86'400);
  const std::int64_t era = days / 146'097;
  const auto of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * of_year + 2) / 153;
  Moment moment;
  moment.day = of_year - (153 * shifted + 2) / 5 + 1;
  moment.month = shifted < 10 ? shifted + 3 : shifted - 9;
  moment.year = static_cast<int>(era * 400 + year_of_era) + (moment.month <= 2 ? 1 : 0);
  moment.hour = rest / 3'600;
  moment.minute = rest / 60 % 60;
  moment.second = rest % 60;
  moment.micros = micros;
  append_moment(moment, true, column);
}

void append_time(bool negative, unsigned hours, unsigned minutes, unsigned seconds, unsigned micros, Column& column) {
  const std::string text = clock_text(hours, minutes, seconds, micros);
  if (minutes < 60 && seconds < 60 && hours <= 838)
    column.append((negative ? "-" : "") + text);
  else
    column.append_invalid((negative ? "-" : "") + text);
}

void append_year(unsigned year, Column& column) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04u", year);
  if (year == 0)
    column.append_invalid(text.data());
  else
    column.append(text.data());
}

void append_real(double value, Column& column) { append_real_of(value, column); }
void append_real(float value, Column& column) { append_real_of(value, column); }

void append_number(std::string_view digits, Column& column) {
  const bool negative = !digits.empty() && digits[0] == '-';
  std::string_view rest = digits.substr(negative ? 1 : 0);
  const bool plain = !rest.empty() && is_number_character(rest[0]) &&
                     std::all_of(rest.begin(), rest.end(), [](char c) { return is_number_character(c) || c == '.'; });
  if (!plain) return column.append_invalid(digits);
  while (rest.size() > 1 && rest[0] == '0' && rest[1] != '.') rest.remove_prefix(1);
  const bool zero = std::all_of(rest.begin(), rest.end(), [](char c) { return c == '0' || c == '.'; });
  if (!negative || zero) return column.append(rest);
  column.append("-" + std::string(rest));
}

// The server keeps versions 1 to 5 with their groups turned round, so that the node comes first; others as they are
// written. Which of the two a value is follows from where its variant bits stand.
void append_uuid(std::string_view stored, Column& column) {
  if (stored.size() != 16) return column.append_invalid(to_hex(stored));
  const auto octet = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(stored[i])); };
  std::string octets(stored);
  const bool turned = (octet(6) & 0x80U) != 0 && octet(8) > 0 && octet(8) < 0x60;
  if (turned)
    octets = std::string(stored.substr(12, 4)) + std::string(stored.substr(10, 2)) + std::string(stored.substr(8, 2)) +
             std::string(stored.substr(6, 2)) + std::string(stored.substr(0, 6));
  const std::string hex = to_hex(octets);
  column.append(hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
                hex.substr(20));
}

void append_address(std::string_view octets, Column& column) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool wide = octets.size() == 16;
  if ((!wide && octets.size() != 4) ||
      inet_ntop(wide ? AF_INET6 : AF_INET, octets.data(), text.data(), text.size()) == nullptr)
    return column.append_invalid(to_hex(octets));
  column.append(text.data());
}

}  // namespace qianzhi::mysql
