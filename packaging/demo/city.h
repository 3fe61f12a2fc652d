// What the demonstration's departments know of the city's firms at one moment, and what each of them writes down.
// Used by the generator only.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "packaging/demo/firm.h"
#include "packaging/demo/generator.h"

namespace qianzhi::demo {

// Days are as in firm.h; 0 also stands for never.
struct TaxState {
  bool registered = false;
  bool left = false;      // deregistered: does not come back
  bool is_new = false;    // registered since the load: stays for as long as the demonstration runs
  bool plain_id = false;  // registered without an organisation code
  bool differs = false;   // under another name than commerce has
  bool abnormal = false;
  std::uint8_t names = 0;  // version of the name it knows
  std::uint8_t district = 0;
  std::uint16_t abnormal_since = 0;
  std::uint16_t checked = 0;
  std::uint16_t requested = 0;
};

struct FirmState {
  std::uint8_t names = 0;  // how often each was changed
  std::uint8_t addresses = 0;
  std::uint8_t district = 0;
  std::uint8_t inspected = 0;  // years, from 2004
  bool open = true;
  bool revoked = false;
  bool code = false;
  bool code_left = false;    // annulled: does not come back
  bool code_is_new = false;  // given since the load: is not annulled again
  std::uint8_t code_names = 0;
  std::array<TaxState, 2> tax;  // national, local
};

struct City {
  City(std::uint64_t seed, std::size_t firms);

  std::uint64_t seed;
  Proportions proportions;
  std::vector<FirmState> firms;
  Dice dice;
  std::uint64_t changes = 0;
  std::uint64_t records = 0;  // last number given to a row that has only a number for a key

  Firm firm(std::size_t number) const { return make_firm(seed, number); }
  std::string name(std::size_t number, unsigned version) const { return firm_name(seed, number, version); }
  std::string name(std::size_t number) const { return name(number, firms[number].names); }
  std::string address(std::size_t number) const;
  int today() const;
  // A firm, by chance, that is as wanted; nothing if there is none.
  std::optional<std::size_t> pick(const std::function<bool(const FirmState&)>& wanted);
  std::string next_record() { return std::to_string(++records); }

 private:
  void grow();
  void hand_out_registrations();
};

// Firms that were gone before the three months began: they fill the tables of what ended.
constexpr std::uint64_t first_gone_firm = 9'000'000;
inline std::size_t gone_firms(const City& city) { return 1 + city.firms.size() / 200; }

// A department's rows and changes; day(n) writes dates its way.
void load_commerce(const City& city, const Sink& sink);
void load_quality(const City& city, const Sink& sink);
void load_tax(const City& city, Provider bureau, const Sink& sink);
Change commerce_change(City& city);
Change faulty_commerce_change(City& city);
Change quality_change(City& city);
Change tax_change(City& city, Provider bureau);

}  // namespace qianzhi::demo
