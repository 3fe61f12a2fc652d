// The shared catalogue: topics (主题) and their data items (数据项).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/code_table.h"

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
  // Else a bad check digit, and a value that is not in the code table, are only counted as findings.
  bool check_quarantines = false;
  std::string code_table = {};  // id of the table in the catalogue, or empty
  std::string initials = {};    // of title; see Topic
  bool operator==(const Item&) const = default;
};

// Frozen on the wire. state: one current row per key. event: rows accumulate. answer: never published; its provider
// answers requests about it: the key items are asked, the others answered, and a grant is the right to ask.
enum class TopicMode : std::uint8_t { state, event, answer };

// May others have it (共享类型)? Frozen on the wire.
enum class Sharing : std::uint8_t {
  must = 0,         // 无条件共享: whoever asks for a lawful purpose
  conditional = 1,  // 有条件共享: on the conditions that are stated
  none = 2,         // 不予共享
};

// Data grade (GB/T 43697: 一般、重要、核心). Frozen on the wire.
enum class Grade : std::uint8_t { general = 0, important = 1, core = 2 };

// On what terms a topic is provided, and what people must know of it.
struct TopicTerms {
  std::string department;  // id of who provides it; empty: not stated
  std::string code;        // in the government's own catalogue; empty: none
  Sharing sharing = Sharing::must;
  std::string basis;                  // law or decision; never empty unless everybody must get it (see fault_of)
  std::string conditions;             // of conditional sharing, for people
  std::vector<std::string> purposes;  // it may be used for these only; empty: for any lawful one
  bool publishable = false;           // may it leave the departments for the public (S3.5, S4.9)?
  Grade grade = Grade::general;
  Micros update_cycle = 0;  // how often the provider brings it up to date; 0: not stated
  std::string contact;      // of the provider, for people
  std::string summary;
  bool operator==(const TopicTerms&) const = default;
};

// Most octets of basis, conditions, contact, summary and of one purpose; most purposes.
inline constexpr std::size_t longest_term = 4000;
inline constexpr std::size_t most_purposes = 100;

struct Topic : TopicTerms {
  std::string id;  // "commerce.opening_registration": [a-z0-9_.]+, at most 100 characters
  std::string title;
  std::string title_en;
  TopicMode mode = TopicMode::state;
  std::vector<Item> items;       // in catalogue order, technical items last; ids are unique
  std::vector<std::string> key;  // ids of the key items, in order; never empty
  std::string partition;         // id of the partition item, or empty: all rows are in the unknown group
  // First letters of the title in pinyin ("企业登记": "qydj"), other letters and digits as they are, in lower case. For
  // searching only: the hub writes it when it publishes; empty in files.
  std::string initials = {};

  const Item* find(std::string_view id) const;
  // Index in items; throws Error(misuse, QZ-CFG-100) if there is no such item.
  std::size_t index_of(std::string_view id) const;
  bool is_key(std::string_view id) const;
  bool operator==(const Topic&) const = default;
};

struct Catalogue {
  std::uint64_t version = 0;
  std::map<std::string, Topic, std::less<>> topics;
  CodeTables code_tables;
  const Topic* find(std::string_view id) const;
  bool operator==(const Catalogue&) const = default;
};

std::string_view name_of(ItemType type);
std::optional<ItemType> item_type_of(std::string_view name);
// "text(200)", "decimal(12,2)", "date": as catalogue files write it.
std::string type_text(const Item& item);

// "must", "conditional", "none"; "general", "important", "core"; "none", "credit_code", ...; "state", "event",
// "answer".
std::string_view name_of(Sharing sharing);
std::string_view name_of(Grade grade);
std::string_view name_of(CheckRule rule);
std::string_view name_of(TopicMode mode);
// For people, in both languages: "无条件共享 / shared without conditions".
std::string_view title_of(Sharing sharing);
std::string_view title_of(Grade grade);

// An update cycle as configuration writes it: "12h", "1d"; empty for 0.
std::string cycle_text(Micros cycle);

// What is wrong with the terms, in English; empty: nothing. Sharing that is conditional or refused needs a legal basis.
std::string fault_of(const TopicTerms& terms);

}  // namespace qianzhi
