// Check digits of Chinese registers: compute and verify. Pure functions; nothing is normalised here.
#pragma once

#include <string_view>

#include "hub-protocol/model/topic.h"

namespace qianzhi::mapping {

// Each *_check_digit takes the body without its check digit and returns the digit, or '\0' if the body has the wrong
// length or alphabet.

// Registration number before 2015 (GS15-2006): 14 digits; ISO 7064 MOD 11,10.
char registration_number_check_digit(std::string_view body);
// Organisation code (GB 11714-1997): 8 of 0-9 A-Z.
char organisation_code_check_digit(std::string_view body);
// Unified social credit code (GB 32100-2015): 17 of its 31-letter alphabet (no I O S V Z).
char credit_code_check_digit(std::string_view body);
// Citizen identity number (GB 11643-1999): 17 digits; MOD 11-2. The birth date is not looked at here.
char citizen_id_check_digit(std::string_view body);

// True if the value is complete and its check digit holds. Letters must be upper case.
bool is_registration_number(std::string_view value);  // exactly 15 digits
bool is_organisation_code(std::string_view value);    // 9 characters, or 10 with a hyphen before the last; not PDY...
bool is_credit_code(std::string_view value);          // 18 characters
bool is_citizen_id(std::string_view value);           // 18 characters with a birth date that exists

// What a topic's check rule says of a value: false only if the rule applies to it and it does not hold. Numbers that
// are not 15 digits pass registration_number, and other documents than 18-character identity numbers pass citizen_id.
bool check_holds(CheckRule rule, std::string_view value);

}  // namespace qianzhi::mapping
