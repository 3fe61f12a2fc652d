#include "agent/flow/known_index.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

using qianzhi::flow::KnownIndex;

namespace {

std::string tag(std::uint64_t number) {
  std::mt19937_64 mix(number);
  std::string text;
  for (int half = 0; half < 2; ++half)
    for (std::uint64_t value = mix(), i = 0; i < 8; ++i, value >>= 8U) text += static_cast<char>(value & 0xffU);
  return text;
}

std::string digest(std::uint64_t number) { return tag(number + 1'000'000).substr(0, 8); }

}  // namespace

TEST_CASE("R3.3 the index of known rows finds what a map finds, over many merges, replacements and erasures") {
  KnownIndex index;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::int64_t>> model;  // key -> digest, id
  std::mt19937_64 random(7);
  std::int64_t id = 0;
  for (int step = 0; step < 60'000; ++step) {
    const std::uint64_t key = random() % 20'000;
    if (random() % 4 == 0) {
      index.erase(tag(key));
      model.erase(key);
      continue;
    }
    const std::uint64_t value = random() % 5;
    index.put(tag(key), digest(value), ++id);
    model[key] = {value, id};
  }
  for (std::uint64_t key = 0; key < 20'000; ++key) {
    const KnownIndex::Entry* const found = index.find(tag(key));
    const auto expected = model.find(key);
    REQUIRE((found != nullptr) == (expected != model.end()));
    if (found == nullptr) continue;
    REQUIRE(found->id == expected->second.second);
    REQUIRE(found->digest == KnownIndex::short_digest(digest(expected->second.first)));
  }
}

TEST_CASE("R3.3 rows that a walk does not meet are told in pages, each once") {
  KnownIndex index;
  for (std::int64_t id = 1; id <= 10'000; ++id) index.put(tag(static_cast<std::uint64_t>(id)), digest(0), id);
  CHECK(index.unmet(0, 100).empty());
  index.forget_met();
  for (std::int64_t id = 1; id <= 10'000; ++id)
    if (id % 3 != 0) index.find(tag(static_cast<std::uint64_t>(id)))->met = true;
  index.erase(tag(3));
  std::vector<std::int64_t> all;
  for (auto page = index.unmet(0, 700); !page.empty(); page = index.unmet(page.back(), 700)) {
    CHECK(page.size() <= 700);
    all.insert(all.end(), page.begin(), page.end());
  }
  CHECK(all.size() == 3332);
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(all.front() == 6);
}
