// What standardisation did to a text, one word each: people see it beside every match.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::desk::standard {

enum class Change : std::uint8_t {
  width,                     // full-width letters, digits and signs
  spaces,                    // spaces taken out
  letter_case,               // to capitals
  signs,                     // quotes, dots and strokes taken out
  hyphens,                   // out of a code
  brackets,                  // all kinds of round brackets are ()
  traditional,               // traditional and variant characters to simplified ones
  ordinal,                   // 第一 to 第1
  city_word,                 // 市 after the name of a city left out
  province_word,             // 省, 自治区 left out
  limited_liability,         // 有限责任公司 to 有限公司
  joint_stock_short,         // 股份公司 to 股份有限公司
  organisation_in_credit,    // the organisation code is positions 9 to 17 of the credit code
  organisation_in_taxpayer,  // ... positions 7 to 15 of a taxpayer number of 15
  citizen_15_to_18,          // a citizen number of 15 digits: 19 put in, check digit added
  date_form,                 // to YYYY-MM-DD
  // Below: readings that may be wrong. They never change a standard text, only the loose one beside it.
  variant,      // characters that are interchanged in names, and are not the same: 昇 升
  number_word,  // 三九 and 39
};

// "width", "ordinal" ...: stable.
std::string_view code_of(Change change);
std::string_view zh_of(Change change);
std::string_view en_of(Change change);

using Changes = std::vector<Change>;  // each at most once, in the order of their happening

void note(Changes& changes, Change change);
// The words of all, with commas.
std::string codes_of(const Changes& changes);

}  // namespace qianzhi::desk::standard
