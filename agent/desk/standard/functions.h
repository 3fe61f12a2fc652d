// Standard forms as plain functions of text, for rules in SQL: what holds the database registers each under its name,
// with one argument, deterministic. NULL for NULL and where the function gives nothing.
//   qz_code(text)               a sound code of whatever kind, in standard form
//   qz_registration_number(t)   qz_organisation_code(t)   qz_credit_code(t)   qz_citizen_id(t)   if it is sound
//   qz_organisation_code_in(t)  of an organisation code, credit code or taxpayer number
//   qz_name(text)               a firm's name in standard form       qz_name_core(text)   without place, form, branch
//   qz_person(text)             a person's name                      qz_address(text)     an address
//   qz_date(text)               YYYY-MM-DD
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/standard/changes.h"

namespace qianzhi::desk::standard {

using TextFunction = std::optional<std::string> (*)(std::string_view text);

struct NamedFunction {
  const char* name;
  TextFunction function;
};

// All of the above. Safe to call from any thread.
const std::vector<NamedFunction>& text_functions();

// What departments write for a date (see agent/mapping/dates.h; full-width digits and spaces too), as YYYY-MM-DD. Years
// of the Republic (民国) and of two digits are not read.
std::optional<std::string> date_of(std::string_view text, Changes& changes);

}  // namespace qianzhi::desk::standard
