#include "agent/desk/data/share.h"

namespace qianzhi::desk {

std::string percent_of(std::int64_t part, std::int64_t whole, int decimals) {
  if (whole <= 0 || part < 0) return {};
  const auto divisor = static_cast<std::uint64_t>(whole);
  std::uint64_t rest = static_cast<std::uint64_t>(part);
  std::uint64_t units = rest / divisor;
  rest %= divisor;
  // Digit by digit: products would overflow where both are large.
  for (int i = 0; i < decimals + 2; ++i) {
    std::uint64_t digit = 0;
    std::uint64_t next = 0;
    for (int j = 0; j < 10; ++j) {
      next += rest;
      if (next >= divisor) next -= divisor, ++digit;
    }
    units = units * 10 + digit;
    rest = next;
  }
  if (rest >= divisor - rest) ++units;
  return decimal_text(static_cast<std::int64_t>(units), decimals);
}

std::string decimal_text(std::int64_t units, int decimals) {
  const std::string sign = units < 0 ? "-" : "";
  std::string digits = std::to_string(units < 0 ? -units : units);
  if (decimals <= 0) return sign + digits;
  const auto places = static_cast<std::size_t>(decimals);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  return sign + digits.substr(0, digits.size() - places) + "." + digits.substr(digits.size() - places);
}

}  // namespace qianzhi::desk
