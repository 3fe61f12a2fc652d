// A20 What is too large or too much: one value, one row, a queue whose hub is away.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/sim/world.h"

using qianzhi::GroupSet;
using qianzhi::sim::World;

namespace {

constexpr std::size_t mebi = 1U << 20U;

struct CapacityPair {
  explicit CapacityPair(std::uint64_t queue_octets = 0)
      : world(1), commerce(world.add("commerce", true, false)), tax(world.add("tax", false, true)) {
    world.queue_octets = queue_octets;
    world.grant("tax", GroupSet::every());
    world.publish();
    REQUIRE(world.settle());
  }
  // Of 64 characters: no compression takes away more than a quarter.
  std::string name_of(std::size_t octets) {
    std::string name = world.random.bytes(octets);
    for (char& c : name) c = static_cast<char>('0' + (static_cast<unsigned char>(c) & 63U));
    return name;
  }
  void insert(const std::string& key, const std::string& name) {
    commerce.sql("INSERT INTO firm VALUES('" + key + "', '" + name + "', NULL, '440103')");
  }
  World world;
  qianzhi::sim::Department& commerce;
  qianzhi::sim::Department& tax;
};

}  // namespace

TEST_CASE("A20 P35 the largest value passes, a larger one is set aside with its reason, and nothing waits for it") {
  CapacityPair pair;
  const std::string largest = pair.name_of(8 * mebi);
  pair.insert("1", largest);
  pair.insert("2", largest + "x");
  // Compressed it would be small.
  pair.insert("3", std::string(9 * mebi, 'A'));
  pair.insert("4", "small");
  CHECK_FALSE(pair.world.settle(15));
  const std::vector<std::string> passed = {"1|" + largest + "|440103", "4|small|440103"};
  CHECK((pair.tax.target_rows() == passed));  // not printed
  auto entries = pair.commerce.store().quarantine(false);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  REQUIRE(entries.size() == 2);
  for (const auto& entry : entries) {
    CHECK(entry.code == "QZ-MAP-021");
    CHECK(entry.detail.size() < 200);
  }
  pair.commerce.sql("UPDATE firm SET ent_name = 'now small' WHERE reg_no IN ('2', '3')");
  REQUIRE(pair.world.settle());
  CHECK(pair.commerce.store().quarantine(false).empty());
  CHECK(pair.tax.target_rows().size() == 4);
}

TEST_CASE("A20 a row whose values are good but together too large for a batch is set aside, alone") {
  CapacityPair pair;
  // The topic has one item without a limit of its own: the others cannot make a row this large.
  const auto wide = [&] {
    qianzhi::Item& phone = pair.world.catalogue().topics.begin()->second.items[2];
    phone.length = 0;
    ++pair.world.catalogue().version;
    pair.world.publish();
  };
  wide();
  REQUIRE(pair.world.settle());
  const std::string half = pair.name_of(8 * mebi);
  pair.commerce.sql("INSERT INTO firm VALUES('1', '" + half + "', '" + pair.name_of(8 * mebi) + "', '440103')");
  pair.insert("2", half);
  CHECK_FALSE(pair.world.settle(15));
  CHECK((pair.tax.target_rows() == std::vector<std::string>{"2|" + half + "|440103"}));
  const auto entries = pair.commerce.store().quarantine(false);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].key == "1");
  CHECK(entries[0].code == "QZ-AGT-033");
}

TEST_CASE("A20 a full queue pauses capture, drops nothing, and goes on by itself when there is room") {
  constexpr std::uint64_t limit = 200'000;
  CapacityPair pair(limit);
  constexpr int rows = 600;
  for (int i = 0; i < rows; ++i) pair.insert(std::to_string(1000 + i), pair.name_of(1000));
  // The hub is away: only capture runs.
  for (int i = 0; i < 1000 && pair.commerce.last_error().find("QZ-AGT-020") == std::string::npos; ++i)
    pair.commerce.step(1);
  REQUIRE(pair.commerce.last_error().find("QZ-AGT-020") != std::string::npos);
  const std::uint64_t full = pair.commerce.store().queued_octets();
  CHECK(full >= limit);
  CHECK(full < limit + 20'000);  // by one batch of seven rows at most
  for (int i = 0; i < 20; ++i) pair.commerce.step(1);
  CHECK(pair.commerce.store().queued_octets() == full);
  // Not even a restart makes room.
  pair.commerce.crash();
  pair.commerce.start();
  for (int i = 0; i < 20; ++i) pair.commerce.step(1);
  CHECK(pair.commerce.store().queued_octets() == full);
  REQUIRE(pair.world.settle(400));
  CHECK((pair.tax.target_rows() == pair.commerce.source_rows()));
  CHECK(pair.tax.target_rows().size() == rows);
}
