#include "agent/mapping/types.h"

#include <algorithm>
#include <array>

#include "agent/mapping/text.h"

namespace qianzhi::mapping {

namespace {

struct Number {
  bool negative = false;
  std::string_view whole;     // without leading zeros; may be empty
  std::string_view fraction;  // without trailing zeros
};

std::optional<Number> parse_number(std::string_view text) {
  Number number;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  number.whole = text.substr(0, point);
  if (point != std::string_view::npos) number.fraction = text.substr(point + 1);
  if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
  if (!is_digits(number.whole) || !is_digits(number.fraction)) return std::nullopt;
  number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
  const std::size_t last = number.fraction.find_last_not_of('0');
  number.fraction = number.fraction.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (number.whole.empty() && number.fraction.empty()) number.negative = false;
  return number;
}

std::string start_of(const Number& number) {
  std::string out = number.negative ? "-" : "";
  if (number.whole.empty()) {
    out += '0';
  } else {
    out += number.whole;
  }
  return out;
}

}  // namespace

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_canonical_integer(std::string_view text) {
  if (text == "0") return true;
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() && text.front() != '0' && is_digits(text);
}

bool is_canonical_decimal(std::string_view text, std::uint32_t precision, std::uint32_t scale) {
  if (scale == 0) return is_canonical_integer(text) && (precision == 0 || text.size() <= precision);
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.size() < scale + 2 || text[text.size() - scale - 1] != '.') return false;
  const std::string_view whole = text.substr(0, text.size() - scale - 1);
  const std::string_view fraction = text.substr(whole.size() + 1);
  if (!is_digits(whole) || !is_digits(fraction) || (whole.size() > 1 && whole.front() == '0')) return false;
  if (negative && whole == "0" && fraction.find_first_not_of('0') == std::string_view::npos) return false;
  return precision == 0 || whole.size() + scale <= precision;
}

std::optional<std::string> integer_of(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || !number->fraction.empty()) return std::nullopt;
  return start_of(*number);
}

Decimal decimal_of(std::string_view text, std::uint32_t precision, std::uint32_t scale) {
  const auto number = parse_number(text);
  if (!number) return {DecimalFault::malformed, {}};
  if (number->fraction.size() > scale) return {DecimalFault::too_precise, {}};
  if (precision != 0 && number->whole.size() + scale > precision) return {DecimalFault::too_large, {}};
  Decimal result{DecimalFault::none, start_of(*number)};
  if (scale != 0) {
    result.text += '.';
    result.text += number->fraction;
    result.text.append(scale - number->fraction.size(), '0');
  }
  return result;
}

std::optional<std::string_view> boolean_of(std::string_view text) {
  constexpr std::array<std::string_view, 6> yes = {"TRUE", "T", "YES", "Y", "1", "是"};
  constexpr std::array<std::string_view, 6> no = {"FALSE", "F", "NO", "N", "0", "否"};
  if (text.size() > 5) return std::nullopt;
  const std::string upper = to_upper_ascii(text);
  if (std::find(yes.begin(), yes.end(), upper) != yes.end()) return "true";
  if (std::find(no.begin(), no.end(), upper) != no.end()) return "false";
  return std::nullopt;
}

}  // namespace qianzhi::mapping
