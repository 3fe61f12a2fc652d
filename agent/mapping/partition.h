// Which group a row belongs to: the value of the topic's partition item, derived from the source's columns.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"
#include "agent/mapping/cells.h"
#include "agent/mapping/value_rule.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::mapping {

// The inputs of one rule, in this order: column, authority_column, registration_number_column. Unused ones are empty.
struct PartitionInputs {
  Cell column;
  Cell authority;
  Cell registration_number;
};

// area: a code in `column` (through the rule's normalisation and code table), else the registration authority's code
// from its table, else the first six digits of a 15-digit registration number, else unknown. A code is six digits.
class PartitionRule {
 public:
  // codes: as of ValueRule.
  PartitionRule(const config::ItemRule& rule, const Item& item, std::shared_ptr<const CodeTable> codes = {});

  // Names of the source columns in the order of PartitionInputs; empty where the rule has none.
  const std::vector<std::string>& columns() const { return columns_; }

  // Outcome of the item; null is the unknown group. A column that holds no code is a finding, or a fault if the
  // code table is strict. Code QZ-MAP-020 if an input is not known at all. day: as of ValueRule.
  Outcome apply(const PartitionInputs& inputs, std::string& scratch, std::string_view day = {}) const;

 private:
  Outcome area(const PartitionInputs& inputs, std::string& scratch, std::string_view day) const;

  config::ItemRule rule_;
  ValueRule value_;
  bool required_ = false;
  std::vector<std::string> columns_;
};

}  // namespace qianzhi::mapping
