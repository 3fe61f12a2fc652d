#include "agent/desk/match/party.h"

#include <algorithm>
#include <string_view>

#include "agent/desk/standard/characters.h"

namespace qianzhi::desk::match {

namespace {

void add_code(std::vector<standard::Code>& codes, standard::Code code) {
  const bool is_known = std::any_of(codes.begin(), codes.end(), [&](const standard::Code& other) {
    return other.kind == code.kind && other.text == code.text;
  });
  if (code.is_sound && !is_known) codes.push_back(std::move(code));
}

std::string short_text(std::u32string_view text) { return standard::encoded(text.substr(0, 40)); }

}  // namespace

Party party_of(const PartyText& text) {
  Party party;
  party.name = standard::name_of(text.name);
  for (const std::string& written : text.codes) {
    standard::Code code = standard::code_of(written);
    if (code.kind == standard::CodeKind::citizen_id) continue;  // a person's number is no code of a firm
    if (auto inside = standard::organisation_code_in(code)) add_code(party.codes, std::move(*inside));
    add_code(party.codes, std::move(code));
  }
  standard::Changes changes;
  party.person = standard::person_of(text.person, changes);
  party.address = standard::address_of(text.address);
  return party;
}

std::vector<std::string> blocking_keys(const Party& party) {
  std::vector<std::string> keys;
  for (const standard::Code& code : party.codes) keys.push_back("c:" + code.text);
  if (party.name.loose.size() >= 2) keys.push_back("n:" + short_text(party.name.loose));
  const standard::Place& place = party.name.place.city.empty() ? party.address.place : party.name.place;
  if (!party.person.empty() && !place.city.empty())
    keys.push_back("p:" + party.person.substr(0, 60) + "|" + short_text(place.city));
  if (!party.address.road.empty() && !party.address.number.empty())
    keys.push_back("a:" + short_text(party.address.road) + "|" + short_text(party.address.number));
  return keys;
}

}  // namespace qianzhi::desk::match
