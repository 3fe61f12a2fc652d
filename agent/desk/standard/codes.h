// Codes of firms and persons in one form, with what was changed. Nothing is guessed: a letter O where a zero must be
// stays as it is and is only suggested. Pure functions. Standards: GB 11714, GB 32100, GS15-2006, GB 11643.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/standard/changes.h"

namespace qianzhi::desk::standard {

enum class CodeKind {
  unknown,
  registration_number,  // 15 digits with a check digit; 13 digits before it (no check digit)
  organisation_code,    // 9 characters
  credit_code,          // 18 characters
  citizen_id,           // 18 characters; of 15 it is made 18
  taxpayer_id,          // 15, 17, 18 or 20 characters
};

std::string_view word_of(CodeKind kind);

struct Code {
  CodeKind kind = CodeKind::unknown;
  std::string text;       // in capital letters, half width, without hyphens and spaces; as given if it is no code
  bool is_sound = false;  // length and alphabet fit, and the check digit holds where the kind has one
  Changes changes;
  std::string suggestion;  // not sound, but this would be, with O I for 0 1 or the other way
};

// As the kind that it is said to be. Empty text: an unknown code.
Code code_of(std::string_view text, CodeKind kind);

// Of an unknown kind, decided by length and check digit: a credit code, an organisation code, a registration number of
// 15 digits, a citizen number. 13 digits are a registration number. What is not sound is unknown. A firm's 15-character
// taxpayer number is only known as such by who asks.
Code code_of(std::string_view text);

// The organisation code inside a sound credit code, or inside a taxpayer number of 15 (behind the area) or 18
// characters, if its check digit holds. changes says from where.
std::optional<Code> organisation_code_in(const Code& code);

}  // namespace qianzhi::desk::standard
