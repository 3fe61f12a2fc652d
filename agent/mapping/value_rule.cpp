#include "agent/mapping/value_rule.h"

#include <algorithm>
#include <utility>

#include "agent/mapping/check_digits.h"
#include "agent/mapping/dates.h"
#include "agent/mapping/text.h"
#include "agent/mapping/types.h"

namespace qianzhi::mapping {

namespace {

using config::Normalise;

// Text of a value that its type cannot express: enough for every date and number that databases invent.
constexpr std::size_t longest_invalid = 64;

unsigned bit_of(Normalise step) { return 1U << static_cast<unsigned>(step); }

bool is_text_like(ItemType type) {
  return type == ItemType::text || type == ItemType::code || type == ItemType::digits || type == ItemType::bytes;
}

Outcome good(std::string_view text) { return {Presence::value, text, {}, {}, false}; }

Outcome bad(std::string_view code, std::string_view problem) { return {Presence::null, {}, code, problem, false}; }

// Keeps a string alive as long as the caller's scratch.
Outcome good(std::string text, std::string& scratch) {
  scratch = std::move(text);
  return good(scratch);
}

bool has_organisation_hyphen(const Item& item, std::string_view text) {
  return item.check == CheckRule::organisation_code && text.size() == 10 && text[8] == '-';
}

// Well-formed as a whole, and no value begins inside a character: then every value is well-formed.
bool all_utf8(const Column& column) {
  if (!is_utf8(column.data())) return false;
  const auto inside = [&](std::uint32_t end) {
    return end < column.data().size() && (static_cast<unsigned char>(column.data()[end]) & 0xC0U) == 0x80U;
  };
  return std::none_of(column.ends().begin(), column.ends().end(), inside);
}

}  // namespace

ValueRule::ValueRule(const config::ItemRule& rule, const Item& item, bool key, std::shared_ptr<const CodeTable> codes)
    : item_(item),
      key_(key),
      required_(item.required || key),
      codes_(std::move(codes)),
      strict_(rule.code_table_strict) {
  for (const Normalise step : rule.normalise) steps_ |= bit_of(step);
  table_.insert(rule.code_table.begin(), rule.code_table.end());
}

bool ValueRule::wants(Normalise step) const { return (steps_ & bit_of(step)) != 0; }

Outcome ValueRule::apply(Presence presence, std::string_view text, std::string& scratch, std::string_view day,
                         bool checks) const {
  if (presence == Presence::unchanged)
    return key_ ? bad("QZ-MAP-010", "is a key and was not captured") : Outcome{Presence::unchanged, {}, {}, {}, false};
  if (presence != Presence::value) return missing(presence, text);
  if (text.size() > largest_value) return bad("QZ-MAP-021", "is larger than a value may be");
  if (item_.type == ItemType::bytes) {
    if (item_.length != 0 && text.size() > item_.length) return bad("QZ-MAP-011", "is longer than its item allows");
    return required_ && text.empty() ? missing(Presence::null, {}) : good(text);
  }
  const unsigned traits = traits_of(text);
  if ((traits & trait_nul) != 0 || ((traits & trait_not_ascii) != 0 && !is_utf8(text)))
    return bad("QZ-MAP-012", "is not UTF-8 text without NUL");
  text = normalised(text, scratch);
  if (!table_.empty() || strict_) {
    const auto found = table_.find(text);
    if (found != table_.end()) {
      text = found->second;
    } else if (strict_ && !text.empty()) {
      return bad("QZ-MAP-017", "is not in the code table");
    }
  }
  if (text.empty() && (required_ || !is_text_like(item_.type))) return missing(Presence::null, {});
  Outcome outcome = typed(text, scratch);
  if (checks && outcome.code.empty() && outcome.presence == Presence::value && !outcome.text.empty())
    check(outcome, day);
  return outcome;
}

void ValueRule::check(Outcome& outcome, std::string_view day) const {
  const CodeState state = codes_ == nullptr ? CodeState::in_force : codes_->state_of(outcome.text, day);
  const bool good_digit = item_.check == CheckRule::none || check_holds(item_.check, outcome.text);
  if (good_digit && state == CodeState::in_force) return;
  // Registers live longer than codes: an abolished one is never a reason to set a row aside.
  const bool bad = !good_digit || state == CodeState::unknown;
  outcome.finding = !item_.check_quarantines || !bad;
  if (outcome.finding) return;
  outcome.code = good_digit ? "QZ-AGT-110" : "QZ-MAP-018";
  outcome.problem = good_digit ? "is not in the code table of the catalogue" : "has a check digit that does not hold";
}

std::string_view ValueRule::normalised(std::string_view text, std::string& scratch) const {
  if (steps_ == 0) return text;
  const unsigned traits = traits_of(text);
  const auto replace = [&](std::string by) {
    scratch = std::move(by);
    return std::string_view(scratch);
  };
  if (wants(Normalise::width) && (traits & trait_full_width) != 0) text = replace(to_half_width(text));
  if (wants(Normalise::upper) && (traits_of(text) & trait_lower) != 0) text = replace(to_upper_ascii(text));
  const bool spaces = (traits & (trait_ascii_space | trait_wide_space)) != 0;
  if (wants(Normalise::collapse_spaces) && spaces) text = replace(with_single_spaces(text));
  if (wants(Normalise::trim) && spaces) text = trimmed(text);
  return text;
}

Outcome ValueRule::missing(Presence presence, std::string_view text) const {
  if (presence == Presence::invalid) {
    if (required_) return bad("QZ-MAP-019", "holds what its type cannot express");
    if (text.size() > longest_invalid || !is_utf8(text) || (traits_of(text) & trait_nul) != 0)
      return bad("QZ-MAP-012", "is not UTF-8 text without NUL");
    return {Presence::invalid, text, {}, {}, false};
  }
  if (required_) return bad("QZ-MAP-010", "is required and missing");
  return {};
}

Outcome ValueRule::typed(std::string_view text, std::string& scratch) const {
  switch (item_.type) {
    case ItemType::text:
    case ItemType::code:
    case ItemType::digits:
    case ItemType::bytes: return text_like(text, scratch);
    case ItemType::integer:
    case ItemType::decimal:
    case ItemType::boolean: return number_like(trimmed(text), scratch);
    case ItemType::date:
    case ItemType::year:
    case ItemType::timestamp: return date_like(text, scratch);
  }
  return bad("QZ-MAP-013", "has an unknown type");
}

Outcome ValueRule::text_like(std::string_view text, std::string& scratch) const {
  if (wants(Normalise::date) && !text.empty()) {
    auto date = date_of(text);
    if (!date) return bad("QZ-MAP-015", "is not a calendar date");
    return good(std::move(*date), scratch);
  }
  if (item_.type == ItemType::digits && !is_digits(text)) return bad("QZ-MAP-013", "holds something else than digits");
  if (has_organisation_hyphen(item_, text)) {
    std::string plain(text.substr(0, 8));
    plain += text[9];
    return good(std::move(plain), scratch);
  }
  if (item_.length != 0 && text.size() > item_.length && count_characters(text) > item_.length)
    return bad("QZ-MAP-011", "is longer than its item allows");
  return good(text);
}

Outcome ValueRule::number_like(std::string_view text, std::string& scratch) const {
  if (item_.type == ItemType::boolean) {
    const auto value = boolean_of(text);
    return value ? good(*value) : bad("QZ-MAP-013", "is not true or false");
  }
  if (item_.type == ItemType::integer) {
    auto value = integer_of(text);
    return value ? good(std::move(*value), scratch) : bad("QZ-MAP-013", "is not a whole number");
  }
  Decimal value = decimal_of(text, item_.length, item_.scale);
  switch (value.fault) {
    case DecimalFault::none: return good(std::move(value.text), scratch);
    case DecimalFault::malformed: return bad("QZ-MAP-013", "is not a decimal number");
    case DecimalFault::too_precise: return bad("QZ-MAP-014", "has more decimals than its item allows");
    case DecimalFault::too_large: return bad("QZ-MAP-014", "has more digits than its item allows");
  }
  return bad("QZ-MAP-013", "is not a decimal number");
}

Outcome ValueRule::date_like(std::string_view text, std::string& scratch) const {
  const bool loose = wants(Normalise::date);
  if (is_zero_date(text)) return missing(Presence::invalid, text);
  if (item_.type == ItemType::date) {
    if (is_canonical_date(text)) return good(text);
    auto date = loose ? date_of(text) : std::nullopt;
    return date ? good(std::move(*date), scratch) : bad("QZ-MAP-015", "is not a calendar date");
  }
  if (item_.type == ItemType::year) {
    const bool plain = text.size() == 4 && is_digits(text) && text != "0000";
    if (plain) return good(text);
    auto year = loose ? year_of(text) : std::nullopt;
    return year ? good(std::move(*year), scratch) : bad("QZ-MAP-015", "is not a year of four digits");
  }
  auto timestamp = timestamp_of(text, loose);
  return timestamp ? good(std::move(*timestamp), scratch) : bad("QZ-MAP-016", "is not a date and time");
}

bool ValueRule::keeps(const Column& column) const {
  if (!table_.empty() || strict_ || item_.check != CheckRule::none || codes_ != nullptr ||
      column.octets() > largest_value)
    return false;
  for (std::size_t row = 0; row < column.size(); ++row) {
    const Presence presence = column.presence(row);
    if (presence == Presence::invalid || (key_ && presence == Presence::unchanged)) return false;
    if (required_ && presence != Presence::unchanged && column.text(row).empty()) return false;
  }
  if (item_.type == ItemType::bytes) return false;
  if (is_text_like(item_.type)) return !wants(Normalise::date) && keeps_text(column);
  for (std::size_t row = 0; row < column.size(); ++row)
    if (column.has_value(row) && !is_canonical(column.text(row))) return false;
  return true;
}

bool ValueRule::is_canonical(std::string_view text) const {
  switch (item_.type) {
    case ItemType::integer: return is_canonical_integer(text);
    case ItemType::decimal: return is_canonical_decimal(text, item_.length, item_.scale);
    case ItemType::date: return is_canonical_date(text);
    case ItemType::timestamp: return is_canonical_timestamp(text);
    default: return false;
  }
}

bool ValueRule::keeps_text(const Column& column) const {
  unsigned unwanted = trait_nul;
  if (wants(Normalise::upper)) unwanted |= trait_lower;
  if (wants(Normalise::width)) unwanted |= trait_full_width;
  if (wants(Normalise::trim) || wants(Normalise::collapse_spaces)) unwanted |= trait_ascii_space | trait_wide_space;
  if (item_.type == ItemType::digits) unwanted |= trait_lower | trait_ascii_space | trait_not_ascii;
  const std::string& data = column.data();
  if (unwanted == trait_nul) {
    if (data.find('\0') != std::string::npos || !all_utf8(column)) return false;
  } else {
    const unsigned traits = traits_of(data);
    if ((traits & unwanted) != 0 || ((traits & trait_not_ascii) != 0 && !all_utf8(column))) return false;
  }
  if (item_.type == ItemType::digits && !is_digits(data)) return false;
  if (item_.length == 0) return true;
  for (std::size_t row = 0; row < column.size(); ++row) {
    const std::string_view text = column.text(row);
    if (text.size() > item_.length && count_characters(text) > item_.length) return false;
  }
  return true;
}

}  // namespace qianzhi::mapping
