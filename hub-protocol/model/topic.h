// The shared catalogue: topics (主题) and their data items (数据项).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi {

// Frozen: these numbers are on the wire. Canonical text of a value:
//   text, code, digits   UTF-8, NFC is not enforced; digits holds 0-9 only
//   integer              -?[0-9]+ without leading zeros
//   decimal(p,s)         -?[0-9]+(.[0-9]+)? with exactly s digits after the point
//   date                 YYYY-MM-DD (proleptic Gregorian)       year: YYYY
//   timestamp            YYYY-MM-DDTHH:MM:SS[.ffffff]Z for instants, without Z for local time as the source wrote it
//   boolean              true | false
//   bytes                the octets themselves
enum class ItemType : std::uint8_t { text, code, digits, integer, decimal, date, year, timestamp, boolean, bytes };

// Check-digit rule of an item: agent/mapping/check_digits.h.
enum class CheckRule : std::uint8_t { none, registration_number, organisation_code, credit_code, citizen_id };

struct Item {
  std::string id;
  std::string title;  // Chinese
  std::string title_en;
  ItemType type = ItemType::text;
  std::uint32_t length = 0;  // characters (text, code, digits), octets (bytes), precision (decimal); 0: no limit
  std::uint32_t scale = 0;   // decimal only
  bool required = false;     // null or empty is a finding that quarantines the row
  bool personal = false;
  CheckRule check = CheckRule::none;
  bool check_quarantines = false;  // else a bad check digit is only counted as a finding
  bool operator==(const Item&) const = default;
};

// Frozen on the wire. state: one current row per key. event: rows accumulate.
enum class TopicMode : std::uint8_t { state, event };

struct Topic {
  std::string id;  // "commerce.opening_registration": [a-z0-9_.]+, at most 100 characters
  std::string title;
  std::string title_en;
  TopicMode mode = TopicMode::state;
  std::vector<Item> items;       // in catalogue order, technical items last; ids are unique
  std::vector<std::string> key;  // ids of the key items, in order; never empty
  std::string partition;         // id of the partition item, or empty: all rows are in the unknown group

  const Item* find(std::string_view id) const;
  // Index in items; throws Error(misuse, QZ-CFG-100) if there is no such item.
  std::size_t index_of(std::string_view id) const;
  bool is_key(std::string_view id) const;
  bool operator==(const Topic&) const = default;
};

struct Catalogue {
  std::uint64_t version = 0;
  std::map<std::string, Topic, std::less<>> topics;
  const Topic* find(std::string_view id) const;
  bool operator==(const Catalogue&) const = default;
};

std::string_view name_of(ItemType type);
std::optional<ItemType> item_type_of(std::string_view name);

}  // namespace qianzhi
