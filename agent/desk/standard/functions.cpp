#include "agent/desk/standard/functions.h"

#include "agent/desk/standard/addresses.h"
#include "agent/desk/standard/characters.h"
#include "agent/desk/standard/codes.h"
#include "agent/desk/standard/names.h"
#include "agent/mapping/dates.h"
#include "agent/mapping/text.h"

namespace qianzhi::desk::standard {

namespace {

using Found = std::optional<std::string>;

Found sound(const Code& code) { return code.is_sound ? Found(code.text) : std::nullopt; }
Found filled(std::string text) { return text.empty() ? std::nullopt : Found(std::move(text)); }

Found organisation_in(std::string_view text) {
  for (const CodeKind kind : {CodeKind::organisation_code, CodeKind::credit_code, CodeKind::taxpayer_id})
    if (const auto found = organisation_code_in(code_of(text, kind))) return found->text;
  return std::nullopt;
}

template <CodeKind kind>
Found of_kind(std::string_view text) {
  return sound(code_of(text, kind));
}

}  // namespace

std::optional<std::string> date_of(std::string_view text, Changes& changes) {
  const std::string half = mapping::to_half_width(text);
  const std::string_view core = mapping::trimmed(half);
  auto date = mapping::date_of(core);
  if (date && *date != text) note(changes, Change::date_form);
  return date;
}

const std::vector<NamedFunction>& text_functions() {
  static const std::vector<NamedFunction> all = {
      {"qz_code", [](std::string_view text) { return sound(code_of(text)); }},
      {"qz_registration_number", of_kind<CodeKind::registration_number>},
      {"qz_organisation_code", of_kind<CodeKind::organisation_code>},
      {"qz_credit_code", of_kind<CodeKind::credit_code>},
      {"qz_citizen_id", of_kind<CodeKind::citizen_id>},
      {"qz_organisation_code_in", organisation_in},
      {"qz_name", [](std::string_view text) { return filled(name_of(text).text()); }},
      {"qz_name_core", [](std::string_view text) { return filled(encoded(name_of(text).core)); }},
      {"qz_person",
       [](std::string_view text) {
         Changes changes;
         return filled(person_of(text, changes));
       }},
      {"qz_address", [](std::string_view text) { return filled(address_of(text).text()); }},
      {"qz_date",
       [](std::string_view text) {
         Changes changes;
         return date_of(text, changes);
       }},
  };
  return all;
}

}  // namespace qianzhi::desk::standard
