#include "agent/mapping/check_digits.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "agent/mapping/dates.h"
#include "agent/mapping/types.h"

namespace qianzhi::mapping {

namespace {

bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

// 0-9, A=10 .. Z=35; -1 for others. Not the alphabet of the credit code, which skips five letters.
int letter_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view credit_alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::array<int, 17> credit_weights = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
constexpr std::array<int, 17> citizen_weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
constexpr std::array<int, 8> organisation_weights = {3, 7, 9, 10, 5, 8, 4, 2};

bool looks_like_citizen_id(std::string_view value) {
  return value.size() == 18 && all_digits(value.substr(0, 17)) &&
         (is_digit(value[17]) || value[17] == 'X' || value[17] == 'x');
}

}  // namespace

char registration_number_check_digit(std::string_view body) {
  if (body.size() != 14 || !all_digits(body)) return '\0';
  int product = 10;
  for (const char c : body) {
    const int sum = (product % 11 + (c - '0')) % 10;
    product = 2 * (sum == 0 ? 10 : sum);
  }
  return static_cast<char>('0' + (11 - product % 11) % 10);
}

char organisation_code_check_digit(std::string_view body) {
  if (body.size() != 8) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const int value = letter_value(body[i]);
    if (value < 0) return '\0';
    sum += value * organisation_weights[i];
  }
  const int check = 11 - sum % 11;
  if (check == 10) return 'X';
  return check == 11 ? '0' : static_cast<char>('0' + check);
}

char credit_code_check_digit(std::string_view body) {
  if (body.size() != 17) return '\0';
  std::size_t sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const std::size_t value = credit_alphabet.find(body[i]);
    if (value == std::string_view::npos) return '\0';
    sum += value * static_cast<std::size_t>(credit_weights[i]);
  }
  return credit_alphabet[(31 - sum % 31) % 31];
}

char citizen_id_check_digit(std::string_view body) {
  if (body.size() != 17 || !all_digits(body)) return '\0';
  std::size_t sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i)
    sum += static_cast<std::size_t>(body[i] - '0') * static_cast<std::size_t>(citizen_weights[i]);
  return std::string_view("10X98765432")[sum % 11];
}

bool is_registration_number(std::string_view value) {
  return value.size() == 15 && is_digit(value[14]) && registration_number_check_digit(value.substr(0, 14)) == value[14];
}

bool is_organisation_code(std::string_view value) {
  const bool hyphen = value.size() == 10 && value[8] == '-';
  if (value.size() != 9 && !hyphen) return false;
  // PDY00001 to PDY99999 are handed out for private use inside one institution.
  if (value.substr(0, 3) == "PDY" && all_digits(value.substr(3, 5))) return false;
  return organisation_code_check_digit(value.substr(0, 8)) == value.back();
}

bool is_credit_code(std::string_view value) {
  if (value.size() != 18) return false;
  const char check = credit_code_check_digit(value.substr(0, 17));
  return check != '\0' && check == value[17];
}

bool is_citizen_id(std::string_view value) {
  if (!looks_like_citizen_id(value) || citizen_id_check_digit(value.substr(0, 17)) != value[17]) return false;
  const auto number = [&](std::size_t at, std::size_t size) {
    int result = 0;
    for (const char c : value.substr(at, size)) result = result * 10 + (c - '0');
    return result;
  };
  return is_calendar_date(number(6, 4), number(10, 2), number(12, 2));
}

bool check_holds(CheckRule rule, std::string_view value) {
  switch (rule) {
    case CheckRule::none: return true;
    case CheckRule::registration_number:
      return value.size() != 15 || !all_digits(value) || is_registration_number(value);
    case CheckRule::organisation_code: return is_organisation_code(value);
    case CheckRule::credit_code: return is_credit_code(value);
    case CheckRule::citizen_id: return !looks_like_citizen_id(value) || is_citizen_id(value);
  }
  return true;
}

}  // namespace qianzhi::mapping
