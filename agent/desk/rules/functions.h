// What SQL of rules and reports may call beside SQLite's own.
//   qz_text(x) qz_code(x) qz_name(x) qz_address(x) qz_date(x)   the value as it is compared; empty for NULL
//   qz_due(date, days)     the last day of a period that began on this date, extended over days off; NULL for no date
//   qz_units(x, decimals)  a decimal as that many times ten of units; NULL for an empty value
//   qz_today()             Beijing's date
#pragma once

#include <string>
#include <string_view>

#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/rule.h"

namespace qianzhi::desk {

using Normaliser = std::string (*)(std::string_view);

struct Normalisers {
  Normaliser text;
  Normaliser code;
  Normaliser name;
  Normaliser address;
  Normaliser date;
};

// Widths, brackets, spaces and letter case only.
Normalisers plain_normalisers();

// SQL calls them until the store is gone. qz_units throws Error(rejected, QZ-DSK-004).
void add_functions(DeskStore& store, const Normalisers& normalisers);

// Name of the function; empty for exact.
std::string_view function_of(Likeness likeness);

}  // namespace qianzhi::desk
