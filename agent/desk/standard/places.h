// Provinces, cities and districts at the beginning of names and addresses. Our own short table: all provinces, the
// cities at and above prefecture level, and the districts of some cities; other districts are known by their last word.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agent/desk/standard/changes.h"

namespace qianzhi::desk::standard {

// Names without 省, 市, 区; a county keeps its 县. The province of a city is filled in from the table.
struct Place {
  std::u32string province;  // also 中国
  std::u32string city;
  std::u32string district;
  bool bare_district = false;  // written without 区: it may as well be part of what follows
  bool empty() const { return province.empty() && city.empty() && district.empty(); }
};

struct PlaceAt {
  Place place;
  std::size_t size = 0;  // characters it takes; 0: there is none
};

// The place at the beginning of a cleaned text. least_rest: so many characters must be left behind a city, and two more
// behind a district, that is written without 市 or 区: else it is no place but a name.
PlaceAt place_at(std::u32string_view text, std::size_t least_rest, Changes& changes);

// The district of a city in the table, with or without 区; the longest. Nothing: size 0.
PlaceAt district_at(std::u32string_view text, const std::u32string& city, std::size_t least_rest);

// Whether a word is a province, a city, 中国 or 国际, with or without its 省 or 市; without them in `plain`.
bool is_region_word(std::u32string_view word, std::u32string& plain);

}  // namespace qianzhi::desk::standard
