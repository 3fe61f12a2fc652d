// What differs between two catalogues, and whether those who already send and receive can live with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub-protocol/model/topic.h"

namespace qianzhi::catalogue {

enum class ChangeKind : std::uint8_t {
  // compatible
  topic_added,
  texts,  // titles, code, conditions, purposes, contact, summary, grade, update cycle, provider
  sharing_relaxed,
  sharing_tightened_on_basis,  // with another legal basis than before
  publishing_ended,
  item_added,
  item_order,
  item_texts,
  item_longer,
  item_no_longer_required,
  item_check,  // check digits, code table: still only counted
  item_personal,
  code_table_added,
  code_table_removed,
  code_table_texts,
  codes_added,
  codes_changed,  // titles, dates
  // incompatible
  topic_removed,
  sharing_tightened,
  publishing_began,
  mode,
  key,
  partition,
  required_item_added,
  item_removed,
  item_type,
  item_shorter,
  item_now_required,
  item_check_quarantines,  // rows that passed may be set aside now
  codes_removed,
};

bool is_compatible(ChangeKind kind);

struct Difference {
  ChangeKind kind = ChangeKind::texts;
  std::string place;  // "TOPIC", "TOPIC.ITEM" or "code_tables.ID"
  std::string before;
  std::string after;
  bool operator==(const Difference&) const = default;
};

// By place. Versions and initials are not looked at: they follow from the rest.
std::vector<Difference> compare(const Catalogue& before, const Catalogue& after);

bool has_incompatible(const std::vector<Difference>& differences);

// One paragraph each, the incompatible ones first and with consequence and cure, in Chinese and English.
std::string render(const std::vector<Difference>& differences);

}  // namespace qianzhi::catalogue
