#include "agent/desk/standard/addresses.h"

#include <algorithm>

#include "agent/desk/standard/characters.h"

namespace qianzhi::desk::standard {

namespace {

constexpr std::size_t none = std::u32string::npos;

// Where the road that begins the text ends: behind 大道中, 路, 街, 巷 ...; 0 if there is none.
std::size_t road_end(std::u32string_view text) {
  for (std::size_t i = 1; i < std::min<std::size_t>(text.size(), 14); ++i) {
    if (starts_with(text, i, U"大道")) {
      const std::size_t end = i + 2;
      const bool part = end < text.size() && (text[end] == U'东' || text[end] == U'南' || text[end] == U'西' ||
                                              text[end] == U'北' || text[end] == U'中');
      return part ? end + 1 : end;
    }
    if (starts_with(text, i, U"街道")) continue;
    const char32_t c = text[i];
    if (c == U'路' || c == U'街' || c == U'巷' || c == U'里' || c == U'甫' || c == U'弄') {
      // 一横路, 东街一巷: the last of them.
      const std::size_t next = i + 1 < text.size() ? text.find_first_of(U"路街巷弄", i + 1) : none;
      return next != none && next <= i + 4 && number_at(text, i + 1).size == 0 ? next + 1 : i + 1;
    }
  }
  return 0;
}

void take_street(Address& address, std::u32string& rest) {
  for (const std::u32string_view word :
       {std::u32string_view(U"街道"), std::u32string_view(U"镇"), std::u32string_view(U"乡")}) {
    const std::size_t at = rest.find(word);
    if (at == none || at < 1 || at > 5) continue;
    address.street = rest.substr(0, at);
    rest.erase(0, at + word.size());
    if (starts_with(rest, 0, U"办事处")) rest.erase(0, 3);
    return;
  }
}

void take_number(Address& address, std::u32string& rest) {
  const NumberAt number = number_at(rest, 0);
  if (number.size == 0) return;
  for (const char c : std::to_string(number.value)) address.number.push_back(static_cast<char32_t>(c));
  std::size_t end = number.size;
  if (end < rest.size() && (rest[end] == U'号' || rest[end] == U'#')) ++end;
  rest.erase(0, end);
}

bool differ(const std::u32string& left, const std::u32string& right) {
  return !left.empty() && !right.empty() && left != right;
}

}  // namespace

Address address_of(std::string_view utf8) {
  Address address;
  std::u32string rest = cleaned(utf8, address.changes);
  rest.erase(std::remove_if(rest.begin(), rest.end(), [](char32_t c) { return c == U'(' || c == U')'; }), rest.end());
  const PlaceAt found = place_at(rest, 3, address.changes);
  address.place = found.place;
  rest.erase(0, found.size);
  if (address.place.district.empty() && rest.size() > 3) {
    for (const std::size_t size : {2, 3})
      if (rest.size() > size && (rest[size] == U'区' || rest[size] == U'县')) {
        address.place.district = rest.substr(0, size);
        rest.erase(0, size + 1);
        break;
      }
  }
  take_street(address, rest);
  const std::size_t end = road_end(rest);
  address.road = rest.substr(0, end);
  rest.erase(0, end);
  take_number(address, rest);
  address.rest = rest;
  return address;
}

std::string Address::text() const {
  std::u32string text = place.city.empty() ? place.province : place.city;
  text += place.district + street + road + number;
  if (!number.empty()) text += U"号";
  return encoded(text + rest);
}

AddressRelation relation_of(const Address& left, const Address& right) {
  if (left.empty() || right.empty()) return AddressRelation::unknown;
  if (differ(left.place.city, right.place.city) || differ(left.place.district, right.place.district) ||
      differ(left.street, right.street) || differ(left.road, right.road) || differ(left.number, right.number))
    return AddressRelation::different;
  if (left.road.empty() || left.road != right.road || left.number.empty() || left.number != right.number)
    return AddressRelation::unknown;
  return differ(left.rest, right.rest) ? AddressRelation::unknown : AddressRelation::same;
}

}  // namespace qianzhi::desk::standard
