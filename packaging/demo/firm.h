// One firm of the demonstration city: everything about it follows from the seed and its number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::demo {

// Deterministic on every machine, unlike the distributions of <random>. SplitMix64.
class Dice {
 public:
  explicit Dice(std::uint64_t state) : state_(state) {}
  // An independent one for a number and a purpose.
  static Dice of(std::uint64_t seed, std::uint64_t number, std::uint64_t purpose);
  std::uint64_t next();
  // 0 to bound - 1.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool in_thousand(std::size_t chances) { return below(1000) < chances; }

 private:
  std::uint64_t state_;
};

// What dice are thrown for.
enum Purpose : std::uint64_t {
  for_firm = 1,
  for_name = 2,
  for_address = 3,
  for_state = 11,
  for_registrations = 12,
  for_changes = 13,
};

// Six districts and three development zones (mission S1.3). The zones' codes follow the city's own numbering.
struct District {
  std::string_view code;       // 330106
  std::string_view name;       // 西湖区
  std::string_view authority;  // 杭州市工商行政管理局西湖分局
  std::string_view national_office;
  std::string_view local_office;
};
constexpr std::size_t district_count = 9;
const District& district(std::size_t index);

// Day number from 2004-09-01, the first of three months of new firms; 91 days are one load.
constexpr int load_days = 91;
// 2005-01-01. Nothing of the load is dated as late, so both can be told apart afterwards.
constexpr int first_live_day = 122;
std::string iso_date(int day);      // 2004-09-01
std::string compact_date(int day);  // 20040901
std::string chinese_date(int day);  // 2004年9月1日
std::string slash_date(int day);    // 2004/9/1

struct Firm {
  std::string registration_number;  // 15 digits with check digit; 13 for a few that are older than the rule
  std::string organisation_code;    // 9 characters
  std::string taxpayer_id;          // area and organisation code
  std::string plain_taxpayer_id;    // the same for a firm without an organisation code: 17 digits
  std::string name;
  std::string legal_representative;
  std::string document;  // citizen id, sometimes a passport
  std::string address;
  std::string postal_code;
  std::string phone;
  std::string licensed_scope;  // often empty
  std::string general_scope;
  std::string industry;         // GB/T 4754
  std::string enterprise_type;  // the department's own two characters
  std::size_t district = 0;     // at registration
  int opened = 0;               // day, for a firm of the initial load
};

// A firm's name and address after so many changes of them; Firm holds version 0.
std::string firm_name(std::uint64_t seed, std::uint64_t number, unsigned version);
std::string firm_address(std::uint64_t seed, std::uint64_t number, std::size_t district, unsigned version);
std::string person_name(Dice& dice);

Firm make_firm(std::uint64_t seed, std::uint64_t number);

}  // namespace qianzhi::demo
