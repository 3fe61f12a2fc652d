// Whether two descriptions are of one firm. `same` is only said where no other reading is left; what may be and is not
// sure is for people (`review`). What is decided on which evidence is written in tests/unit/desk_names.txt.
//   codes agree and the names fit             -> same            codes agree, names do not    -> review
//   codes of one kind differ                  -> names agree: review, else different
//   no codes: place, core, bracket, form and branch agree -> same; of shops only if person or address agree
//             the same with something missing or unsure   -> review
//             near names with person or address agreeing  -> review
//             everything else                             -> different
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/match/party.h"

namespace qianzhi::desk::match {

enum class Decision { same, review, different };

enum class Reason {
  same_code,
  other_code,
  same_name,     // core, bracket and form
  loose_name,    // alike only if characters or numbers are read loosely
  near_name,     // few characters differ
  part_of_name,  // one holds the other
  other_name,
  same_place,
  place_missing,  // on one side or both
  district_on_one_side,
  other_place,
  other_form,
  other_branch,
  bracket_and_place,  // a place in brackets on one side
  same_person,
  other_person,
  same_address,
  other_address,
  shop_name,  // names of shops are not unique
  decided,    // by a person, before
};
std::string_view code_of(Reason reason);  // "same_code" ...: stable
std::string_view zh_of(Reason reason);
std::string_view en_of(Reason reason);

struct Verdict {
  Decision decision = Decision::different;
  int score = 0;  // 0 to 1000; same: 900 or more, review: 400 to 899, different: below 400
  std::vector<Reason> reasons;
};
std::string_view word_of(Decision decision);
// "same_name,same_place".
std::string codes_of(const std::vector<Reason>& reasons);

// The same whichever side comes first.
Verdict compare(const Party& left, const Party& right);

}  // namespace qianzhi::desk::match
