#include "agent/mapping/partition.h"

#include "agent/mapping/text.h"
#include "agent/mapping/types.h"

namespace qianzhi::mapping {

namespace {

constexpr std::size_t area_length = 6;
constexpr std::size_t old_registration_length = 15;

bool is_area(std::string_view text) { return text.size() == area_length && is_digits(text); }

// The code must be judged as one of several sources, so a missing one is no fault of its own.
Item optional(Item item) {
  item.required = false;
  return item;
}

}  // namespace

PartitionRule::PartitionRule(const config::ItemRule& rule, const Item& item, std::shared_ptr<const CodeTable> codes)
    : rule_(rule), value_(rule, optional(item), false, std::move(codes)), required_(item.required) {
  const bool is_area_rule = rule.kind == config::ItemRule::Kind::area;
  columns_ = {rule.kind == config::ItemRule::Kind::constant ? std::string() : rule.column,
              is_area_rule ? rule.authority_column : std::string(),
              is_area_rule ? rule.registration_number_column : std::string()};
}

Outcome PartitionRule::apply(const PartitionInputs& inputs, std::string& scratch, std::string_view day) const {
  if ((!columns_[0].empty() && !inputs.column.is_known()) || (!columns_[1].empty() && !inputs.authority.is_known()) ||
      (!columns_[2].empty() && !inputs.registration_number.is_known()))
    return {Presence::null, {}, "QZ-MAP-020", "cannot be told: its source column was not captured", false};
  Outcome outcome;
  switch (rule_.kind) {
    case config::ItemRule::Kind::constant: outcome = value_.apply(Presence::value, rule_.constant, scratch, day); break;
    case config::ItemRule::Kind::column:
      outcome = value_.apply(inputs.column.presence, inputs.column.text, scratch, day);
      break;
    case config::ItemRule::Kind::area: outcome = area(inputs, scratch, day); break;
  }
  if (outcome.presence == Presence::value && outcome.text.empty()) outcome.presence = Presence::null;
  if (required_ && outcome.code.empty() && outcome.presence != Presence::value)
    return {Presence::null, {}, "QZ-MAP-010", "is required and missing", false};
  return outcome;
}

Outcome PartitionRule::area(const PartitionInputs& inputs, std::string& scratch, std::string_view day) const {
  bool finding = false;
  if (inputs.column.presence == Presence::value && !trimmed(inputs.column.text).empty()) {
    const Outcome outcome = value_.apply(Presence::value, inputs.column.text, scratch, day);
    if (outcome.code == "QZ-MAP-017" || outcome.code == "QZ-AGT-110") return outcome;
    if (outcome.code.empty() && is_area(outcome.text)) return outcome;
    finding = true;
  }
  if (inputs.authority.presence == Presence::value) {
    const auto found = rule_.authority_table.find(std::string(trimmed(inputs.authority.text)));
    if (found != rule_.authority_table.end() && is_area(found->second))
      return {Presence::value, found->second, {}, {}, finding};
  }
  const std::string_view number = trimmed(inputs.registration_number.text);
  if (inputs.registration_number.presence == Presence::value && number.size() == old_registration_length &&
      is_digits(number))
    return {Presence::value, number.substr(0, area_length), {}, {}, finding};
  return {Presence::null, {}, {}, {}, finding};
}

}  // namespace qianzhi::mapping
