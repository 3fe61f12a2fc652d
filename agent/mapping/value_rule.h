// One item's way from a source value to its canonical text: normalise, translate, check.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/config/config.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::mapping {

// Octets. A longer one is set aside: a batch with it could be refused by who receives it.
inline constexpr std::size_t largest_value = 8U << 20U;

// What became of one value. text points into the value that was given, into the rule or into the scratch string.
struct Outcome {
  Presence presence = Presence::null;
  std::string_view text;
  std::string_view code;     // QZ-MAP-..., or empty: no fault
  std::string_view problem;  // what is wrong, in English, when code is set
  bool finding = false;      // check digit or code are not as they should be, and that does not quarantine
};

// Normalisations run in one order whatever order they are configured in: width, upper, collapse_spaces, trim, date.
// A date, timestamp, year, number or boolean that is empty is null; an empty text stays an empty text.
class ValueRule {
 public:
  // Key items are required. codes: the item's table in the catalogue; null: its values are not looked up.
  ValueRule(const config::ItemRule& rule, const Item& item, bool key, std::shared_ptr<const CodeTable> codes = {});

  // Never throws for a bad value. day: YYYY-MM-DD, for codes; empty: their dates are not looked at. Keys of removes go
  // unchecked by digits and codes: a remove of what was set aside is harmless, one that is set aside itself leaves a
  // row behind.
  Outcome apply(Presence presence, std::string_view text, std::string& scratch, std::string_view day = {},
                bool checks = true) const;

  // True if apply would give every value of the column back as it is, without fault or finding. May be false for a
  // column for which that holds: then apply tells.
  bool keeps(const Column& column) const;

  const Item& item() const { return item_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  bool wants(config::Normalise step) const;
  std::string_view normalised(std::string_view text, std::string& scratch) const;
  Outcome typed(std::string_view text, std::string& scratch) const;
  Outcome text_like(std::string_view text, std::string& scratch) const;
  Outcome number_like(std::string_view text, std::string& scratch) const;
  Outcome date_like(std::string_view text, std::string& scratch) const;
  // Check digit and code of a value that is well-formed. It stays, so that the row can still be withheld by its key.
  void check(Outcome& outcome, std::string_view day) const;
  Outcome missing(Presence presence, std::string_view text) const;
  bool keeps_text(const Column& column) const;
  // Text of a type that is not text-like, as apply would give it back. May be false for a text for which that holds.
  bool is_canonical(std::string_view text) const;

  Item item_;
  bool key_ = false;
  bool required_ = false;
  std::shared_ptr<const CodeTable> codes_;
  unsigned steps_ = 0;  // bit set of Normalise
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> table_;
  bool strict_ = false;
};

}  // namespace qianzhi::mapping
