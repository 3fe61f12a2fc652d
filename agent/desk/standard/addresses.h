// Addresses as far as rules go: place, street office, road, number, the rest. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "agent/desk/standard/changes.h"
#include "agent/desk/standard/places.h"

namespace qianzhi::desk::standard {

struct Address {
  Place place;
  std::u32string street;  // 建设街道, 石龙镇, without its last word
  std::u32string road;    // 体育西路, 江南大道中
  std::u32string number;  // 101 of 101号; in Arabic digits
  std::u32string rest;    // building, room
  Changes changes;

  bool empty() const { return road.empty() && rest.empty() && place.empty(); }
  // Place, street, road, number and rest in this order, in the words of the table of places.
  std::string text() const;
};

Address address_of(std::string_view utf8);

enum class AddressRelation {
  unknown,    // too little is given
  same,       // road and number agree, and nothing else contradicts
  different,  // road, number, district or city differ
};
AddressRelation relation_of(const Address& left, const Address& right);

}  // namespace qianzhi::desk::standard
