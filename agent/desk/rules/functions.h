// What SQL of rules and reports may call beside SQLite's own.
//   qz_as_text(x) qz_as_code(x) qz_as_name(x) qz_as_address(x) qz_as_date(x)
//                          the value as it is compared (`as:` of compared items); empty for NULL, never NULL
//   qz_due(date, days)     the last day of a period that began on this date, extended over days off; NULL for no date
//   qz_units(x, decimals)  a decimal as that many times ten of units; NULL for an empty value
//   qz_today()             Beijing's date
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/rule.h"

namespace qianzhi::desk {

// The standard form of a value; nothing where it has none: then, as for a null pointer, widths, spaces and letter case
// alone are made alike.
using Normaliser = std::optional<std::string> (*)(std::string_view);

struct Normalisers {
  Normaliser code = nullptr;
  Normaliser name = nullptr;
  Normaliser address = nullptr;
  Normaliser date = nullptr;
};

// SQL calls them until the store is gone. qz_units throws Error(rejected, QZ-DSK-004).
void add_functions(DeskStore& store, const Normalisers& normalisers);

// Name of the function; empty for exact.
std::string_view function_of(Likeness likeness);

}  // namespace qianzhi::desk
