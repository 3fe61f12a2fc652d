// Canonical text of each item type (hub-protocol/model/topic.h), from what databases and people write. Exact or not
// at all: nothing is rounded, cut or guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qianzhi::mapping {

// A sign, leading zeros and a fraction of zeros may be there: +007.0 is 7, -0 is 0.
std::optional<std::string> integer_of(std::string_view text);

enum class DecimalFault : std::uint8_t { none, malformed, too_precise, too_large };

struct Decimal {
  DecimalFault fault = DecimalFault::none;
  std::string text;
};

// Exactly `scale` digits after the point; further digits must be zeros. precision: most digits in all; 0: no limit.
Decimal decimal_of(std::string_view text, std::uint32_t precision, std::uint32_t scale);

// true, t, yes, y, 1, 是 and false, f, no, n, 0, 否; letters in either case.
std::optional<std::string_view> boolean_of(std::string_view text);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_digits(std::string_view text);

// What integer_of and decimal_of give back as it is.
bool is_canonical_integer(std::string_view text);
bool is_canonical_decimal(std::string_view text, std::uint32_t precision, std::uint32_t scale);

}  // namespace qianzhi::mapping
