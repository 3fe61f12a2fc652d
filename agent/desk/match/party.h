// One side of a comparison: what one department says of a firm, in standard form.
#pragma once

#include <string>
#include <vector>

#include "agent/desk/standard/addresses.h"
#include "agent/desk/standard/codes.h"
#include "agent/desk/standard/names.h"

namespace qianzhi::desk::match {

struct PartyText {
  std::string name;
  std::vector<std::string> codes;  // of whatever kind; empty texts do no harm
  std::string person;              // legal representative or owner
  std::string address;
};

struct Party {
  standard::Name name;
  std::vector<standard::Code> codes;  // sound ones, and the organisation code inside a credit code
  std::string person;
  standard::Address address;
};

Party party_of(const PartyText& text);

// What two parties that may be one share at least one of: codes, core of the name, person with district or city, road
// with number. Strings of at most 200 octets; none for a party of which nothing is known.
std::vector<std::string> blocking_keys(const Party& party);

}  // namespace qianzhi::desk::match
