#include "packaging/demo/city.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace qianzhi::demo {

namespace {

constexpr std::size_t changes_a_day = 200;

std::size_t scaled(std::size_t firms, std::size_t part, std::size_t whole) {
  return (firms * part + whole / 2) / whole;
}

// True for exactly `some` of `all` numbers below all, evenly spread.
bool is_one_of(std::size_t number, std::size_t some, std::size_t all) {
  return all != 0 && (number + 1) * some / all != number * some / all;
}

}  // namespace

Proportions proportions_of(std::size_t firms) {
  Proportions result;
  result.firms = firms;
  result.without_tax = scaled(firms, 651, 2757);
  result.without_code = scaled(firms, 270, 2757);
  result.national_differs = scaled(firms - result.without_tax, 70, 1000);
  result.local_differs = scaled(firms - result.without_tax, 62, 1000);
  return result;
}

City::City(std::uint64_t number, std::size_t count)
    : seed(number), proportions(proportions_of(count)), firms(count), dice(Dice::of(number, count, for_changes)) {
  grow();
  hand_out_registrations();
  // Above every number that a load gives, which are at most one a firm and table.
  records = 10 * (count + 1000);
}

void City::grow() {
  for (std::size_t number = 0; number < firms.size(); ++number) {
    FirmState& state = firms[number];
    Dice chance = Dice::of(seed, number, for_state);
    state.district = static_cast<std::uint8_t>(firm(number).district);
    state.names = chance.in_thousand(50) ? 1 : 0;
    state.addresses = chance.in_thousand(40) ? 1 : 0;
    state.inspected = chance.in_thousand(400) ? 1 : 0;
    if (chance.in_thousand(25)) {
      state.open = false;
    } else {
      state.revoked = chance.in_thousand(8);
    }
  }
}

void City::hand_out_registrations() {
  std::vector<std::uint32_t> order(firms.size());
  std::iota(order.begin(), order.end(), 0U);
  Dice shuffle = Dice::of(seed, firms.size(), for_registrations);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[shuffle.below(i)]);
  // A good part of those that avoid the tax bureaus avoid the quality bureau as well.
  const std::size_t both = proportions.without_code / 2;
  const std::size_t first_without_code = proportions.without_tax - std::min(proportions.without_tax, both);
  for (std::size_t i = 0; i < order.size(); ++i) {
    FirmState& state = firms[order[i]];
    state.code = i < first_without_code || i >= first_without_code + proportions.without_code;
    state.code_names = state.names;
    if (i < proportions.without_tax) continue;
    const std::size_t place = i - proportions.without_tax;
    const std::size_t registered = firms.size() - proportions.without_tax;
    for (TaxState& tax : state.tax) {
      tax.registered = true;
      tax.plain_id = !state.code;
      tax.names = state.names;
      tax.district = state.district;
    }
    state.tax[0].differs = is_one_of(place, proportions.national_differs, registered);
    state.tax[1].differs = is_one_of(registered - 1 - place, proportions.local_differs, registered);
    state.tax[0].abnormal_since = place % 70 == 3 ? 60 : 0;
    state.tax[1].abnormal_since = place % 80 == 5 ? 61 : 0;
    for (TaxState& tax : state.tax) {
      tax.abnormal = tax.abnormal_since != 0 && place % 2 == 1;
      tax.checked = place % 6 == 0 ? 75 : 0;
      tax.requested = place % 300 == 7 ? 80 : 0;
    }
  }
}

std::string City::address(std::size_t number) const {
  return firm_address(seed, number, firms[number].district, firms[number].addresses);
}

int City::today() const { return first_live_day + static_cast<int>(changes / changes_a_day); }

std::optional<std::size_t> City::pick(const std::function<bool(const FirmState&)>& wanted) {
  if (firms.empty()) return std::nullopt;
  for (int tries = 0; tries < 100; ++tries) {
    const std::size_t number = dice.below(firms.size());
    if (wanted(firms[number])) return number;
  }
  const std::size_t start = dice.below(firms.size());
  for (std::size_t i = 0; i < firms.size(); ++i) {
    const std::size_t number = (start + i) % firms.size();
    if (wanted(firms[number])) return number;
  }
  return std::nullopt;
}

}  // namespace qianzhi::demo
