#include <catch2/catch.hpp>

#include "tests/golden/golden_parcels.h"

using namespace qianzhi;
using namespace qianzhi::test;

TEST_CASE("Golden: a parcel that is sealed today is octet for octet the frozen one, but for what SM2 draws",
          "[golden]") {
  for (const auto& [name, octets] : make_parcels()) {
    INFO(name);
    const Bytes frozen = read_golden("parcels/" + name);
    if (suite_of_parcel(name) == DigestSuite::sm3)
      CHECK((without_random_parts(frozen) == without_random_parts(octets)));
    else
      CHECK((frozen == octets));
  }
}

TEST_CASE("Golden: A6 A13 the frozen parcels hold, or are refused, exactly as parcels.txt says", "[golden]") {
  std::string text;
  for (const auto& [name, octets] : make_parcels()) text += describe_parcel(name, read_golden("parcels/" + name));
  CHECK(text == read_golden("parcels.txt"));
}
