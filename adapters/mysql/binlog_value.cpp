#include "adapters/mysql/binlog_value.h"

#include <algorithm>
#include <array>
#include <bit>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::mysql {

namespace {

// Octets that so many decimal digits take.
constexpr std::array<std::size_t, 10> digits_size{0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
constexpr std::uint32_t group_digits = 9;

std::size_t decimal_size(std::uint32_t precision, std::uint32_t scale) {
  if (scale > precision || precision > 65) malformed("a decimal in the binary log has an impossible precision");
  const std::size_t whole = precision - scale;
  const std::size_t fraction = scale;
  return whole / group_digits * 4 + digits_size[whole % group_digits] + fraction / group_digits * 4 +
         digits_size[fraction % group_digits];
}

std::size_t fraction_size(std::uint32_t digits) {
  if (digits > 6) malformed("a time in the binary log has too many digits");
  return (digits + 1) / 2;
}

// Stored with as many digits as the type has, rounded up to an even number.
unsigned micros_of_fraction(Octets& from, std::uint32_t digits) {
  const std::size_t size = fraction_size(digits);
  auto fraction = static_cast<unsigned>(from.big(size));
  for (std::size_t i = size; i < 3; ++i) fraction *= 100;
  return fraction;
}

void append_decimal(std::string_view octets, std::uint32_t precision, std::uint32_t scale, Column& values) {
  std::string copy(octets);
  if (copy.empty()) return values.append_invalid("");
  const bool negative = (static_cast<unsigned char>(copy[0]) & 0x80U) == 0;
  copy[0] = static_cast<char>(static_cast<unsigned char>(copy[0]) ^ 0x80U);
  if (negative)
    for (char& c : copy) c = static_cast<char>(~static_cast<unsigned char>(c));
  Octets from(copy);
  std::string text = negative ? "-" : "";
  const auto put = [&](std::uint32_t digits) {
    std::string group = std::to_string(from.big(digits_size[digits]));
    if (group.size() < digits) group.insert(0, digits - group.size(), '0');
    text += group;
  };
  const std::uint32_t whole = precision - scale;
  if (whole % group_digits > 0) put(whole % group_digits);
  for (std::uint32_t i = 0; i < whole / group_digits; ++i) put(group_digits);
  if (whole == 0) text += '0';
  if (scale > 0) text += '.';
  for (std::uint32_t i = 0; i < scale / group_digits; ++i) put(group_digits);
  if (scale % group_digits > 0) put(scale % group_digits);
  append_number(text, values);
}

void append_integer(std::string_view octets, bool is_unsigned, Column& values) {
  const std::uint64_t number = Octets(octets).little(octets.size());
  if (is_unsigned) return values.append(std::to_string(number));
  const std::uint64_t sign = 1ULL << (octets.size() * 8 - 1);
  // Extends the sign.
  values.append(std::to_string(static_cast<std::int64_t>((number ^ sign) - sign)));
}

void append_datetime(Octets from, std::uint32_t digits, Column& values) {
  const std::uint64_t packed = from.big(5);
  Moment moment;
  moment.micros = micros_of_fraction(from, digits);
  const std::uint64_t date = packed >> 17U & 0x3FFFFFU;
  const std::uint64_t clock = packed & 0x1FFFFU;
  moment.year = static_cast<int>((date >> 5U) / 13);
  moment.month = static_cast<unsigned>((date >> 5U) % 13);
  moment.day = static_cast<unsigned>(date & 0x1FU);
  moment.hour = static_cast<unsigned>(clock >> 12U);
  moment.minute = static_cast<unsigned>(clock >> 6U & 0x3FU);
  moment.second = static_cast<unsigned>(clock & 0x3FU);
  append_moment(moment, false, values);
}

// The whole is one number, moved so that negative times sort before others.
void append_logged_time(Octets from, std::uint32_t digits, Column& values) {
  const std::size_t size = fraction_size(digits);
  const auto packed = static_cast<std::int64_t>(from.big(3 + size)) - (0x800000LL << (8 * size));
  const bool negative = packed < 0;
  const auto magnitude = static_cast<std::uint64_t>(negative ? -packed : packed);
  auto micros = static_cast<unsigned>(magnitude & ((1ULL << (8 * size)) - 1));
  for (std::size_t i = size; i < 3; ++i) micros *= 100;
  const std::uint64_t clock = magnitude >> (8 * size);
  append_time(negative, static_cast<unsigned>(clock >> 12U & 0x3FFU), static_cast<unsigned>(clock >> 6U & 0x3FU),
              static_cast<unsigned>(clock & 0x3FU), micros, values);
}

void append_label(const LoggedColumn& column, std::string_view octets, Charsets& charsets, Column& values) {
  const std::uint64_t number = Octets(octets).little(octets.size());
  if (number == 0) return values.append_invalid("");
  if (number > column.labels.size()) malformed("an ENUM in the binary log has a value without a label");
  append_text(column.collation, column.labels[static_cast<std::size_t>(number) - 1], charsets, values);
}

void append_labels(const LoggedColumn& column, std::string_view octets, Charsets& charsets, Column& values) {
  const std::uint64_t bits = Octets(octets).little(octets.size());
  std::string text;
  for (std::size_t i = 0; i < 64; ++i) {
    if ((bits >> i & 1U) == 0) continue;
    if (i >= column.labels.size()) malformed("a SET in the binary log has a value without a label");
    // Each by itself: a comma is not one octet in every character set.
    const auto label = charsets.to_utf8(column.collation, column.labels[i]);
    if (!label) return values.append_invalid(to_hex(column.labels[i]));
    text.append(text.empty() ? "" : ",").append(*label);
  }
  values.append(text);
}

// Zeros at the end of BINARY(n) are not logged.
void append_fixed(const LoggedColumn& column, Form form, std::string_view octets, Charsets& charsets, Column& values) {
  if (column.collation != binary_collation) return append_text(column.collation, octets, charsets, values);
  std::string whole(octets);
  whole.resize(std::max<std::size_t>(whole.size(), column.length), '\0');
  if (form == Form::uuid) return append_uuid(whole, values);
  if (form == Form::inet6 || form == Form::inet4) return append_address(whole, values);
  append_octets(whole, values);
}

void append_old_moment(std::string_view octets, Column& values) {
  const std::uint64_t number = Octets(octets).little(8);
  Moment moment;
  moment.year = static_cast<int>(number / 10'000'000'000ULL % 10'000);
  moment.month = static_cast<unsigned>(number / 100'000'000ULL % 100);
  moment.day = static_cast<unsigned>(number / 1'000'000ULL % 100);
  moment.hour = static_cast<unsigned>(number / 10'000ULL % 100);
  moment.minute = static_cast<unsigned>(number / 100ULL % 100);
  moment.second = static_cast<unsigned>(number % 100);
  append_moment(moment, false, values);
}

void append_old_time(std::string_view octets, Column& values) {
  const std::uint64_t number = Octets(octets).little(3);
  const std::int64_t wide = (static_cast<std::int64_t>(number) ^ 0x800000) - 0x800000;
  const auto clock = static_cast<unsigned>(wide < 0 ? -wide : wide);
  append_time(wide < 0, clock / 10'000, clock / 100 % 100, clock % 100, 0, values);
}

void append_logged_date(std::string_view octets, Column& values) {
  const std::uint64_t packed = Octets(octets).little(3);
  Moment moment;
  moment.year = static_cast<int>(packed >> 9U);
  moment.month = static_cast<unsigned>(packed >> 5U & 0x0FU);
  moment.day = static_cast<unsigned>(packed & 0x1FU);
  append_date(moment, values);
}

std::size_t fixed_size(const LoggedColumn& column) {
  switch (column.type) {
    case LoggedType::tiny:
    case LoggedType::year: return 1;
    case LoggedType::small: return 2;
    case LoggedType::medium:
    case LoggedType::date:
    case LoggedType::new_date:
    case LoggedType::old_time: return 3;
    case LoggedType::number:
    case LoggedType::real4:
    case LoggedType::old_timestamp: return 4;
    case LoggedType::big:
    case LoggedType::real8:
    case LoggedType::old_datetime: return 8;
    case LoggedType::timestamp: return 4 + fraction_size(column.length);
    case LoggedType::datetime: return 5 + fraction_size(column.length);
    case LoggedType::time: return 3 + fraction_size(column.length);
    case LoggedType::decimal: return decimal_size(column.length, column.scale);
    case LoggedType::bit:
    case LoggedType::set:
    case LoggedType::enumeration:
      if (column.length < 1 || column.length > 8) malformed("a column of the binary log has an impossible length");
      return column.length;
    default: malformed("a column of the binary log is of an unknown type");
  }
}

}  // namespace

std::string_view take_value(Octets& from, const LoggedColumn& column) {
  switch (column.type) {
    case LoggedType::varchar:
    case LoggedType::var_string:
    case LoggedType::compressed_varchar:
    case LoggedType::fixed: return from.take(static_cast<std::size_t>(from.little(column.length > 255 ? 2 : 1)));
    case LoggedType::blob:
    case LoggedType::compressed_blob:
    case LoggedType::geometry:
    case LoggedType::json:
      if (column.length < 1 || column.length > 4) malformed("a column of the binary log has an impossible length");
      return from.take(static_cast<std::size_t>(from.little(column.length)));
    default: return from.take(fixed_size(column));
  }
}

void append_logged(const LoggedColumn& column, Form form, std::string_view octets, Charsets& charsets, Column& values) {
  switch (column.type) {
    case LoggedType::tiny:
    case LoggedType::small:
    case LoggedType::medium:
    case LoggedType::number:
    case LoggedType::big: return append_integer(octets, column.is_unsigned, values);
    case LoggedType::real4:
      return append_real(std::bit_cast<float>(static_cast<std::uint32_t>(Octets(octets).little(4))), values);
    case LoggedType::real8: return append_real(std::bit_cast<double>(Octets(octets).little(8)), values);
    case LoggedType::decimal: return append_decimal(octets, column.length, column.scale, values);
    case LoggedType::year: {
      const auto year = static_cast<unsigned>(Octets(octets).little(1));
      return append_year(year == 0 ? 0 : 1900 + year, values);
    }
    case LoggedType::date:
    case LoggedType::new_date: return append_logged_date(octets, values);
    case LoggedType::datetime: return append_datetime(Octets(octets), column.length, values);
    case LoggedType::time: return append_logged_time(Octets(octets), column.length, values);
    case LoggedType::timestamp: {
      Octets from(octets);
      const auto seconds = static_cast<std::int64_t>(from.big(4));
      return append_epoch(seconds, micros_of_fraction(from, column.length), values);
    }
    case LoggedType::old_timestamp: return append_epoch(static_cast<std::int64_t>(Octets(octets).little(4)), 0, values);
    case LoggedType::old_datetime: return append_old_moment(octets, values);
    case LoggedType::old_time: return append_old_time(octets, values);
    case LoggedType::bit: return values.append(std::to_string(Octets(octets).big(octets.size())));
    case LoggedType::enumeration: return append_label(column, octets, charsets, values);
    case LoggedType::set: return append_labels(column, octets, charsets, values);
    case LoggedType::geometry: return append_octets(octets, values);
    case LoggedType::fixed: return append_fixed(column, form, octets, charsets, values);
    case LoggedType::varchar:
    case LoggedType::var_string:
    case LoggedType::blob: return append_text(column.collation, octets, charsets, values);
    default: return values.append_invalid(to_hex(octets));
  }
}

std::string unreadable(const LoggedColumn& column, const Charsets& charsets) {
  switch (column.type) {
    case LoggedType::compressed_blob:
    case LoggedType::compressed_varchar: return "is COMPRESSED";
    case LoggedType::json: return "is of a type of MySQL";
    case LoggedType::enumeration:
    case LoggedType::set:
    case LoggedType::varchar:
    case LoggedType::var_string:
    case LoggedType::blob:
    case LoggedType::fixed:
      return charsets.is_known(column.collation)
                 ? ""
                 : "has a character set that is not known (collation " + std::to_string(column.collation) + ")";
    default: return {};
  }
}

}  // namespace qianzhi::mysql
