// A department alters its table while the agent runs and while it is down (pitfall 28): a row of a new shape is never
// sent by an old mapping, a person is told what changed and where to look, and after the cure nothing is missing.
#include <algorithm>
#include <catch2/catch.hpp>

#include "agent/flow/shape.h"
#include "tests/sim/rest.h"
#include "tests/sim/seeds.h"

using namespace qianzhi;
using config::Capture;

namespace {

constexpr const char* stopped = "QZ-AGT-032";

struct AlteredPair {
  AlteredPair(std::uint64_t seed, Capture capture)
      : world(seed), commerce(world.add("commerce", true, false, capture)), tax(world.add("tax", false, true)) {
    for (int i = 0; i < 20; ++i)
      commerce.sql("INSERT INTO firm(reg_no, ent_name, tel, district) VALUES('" + std::to_string(100 + i) +
                   "', 'n', 't" + std::to_string(i) + "', '440103')");
    world.grant("tax", GroupSet::every());
    world.publish();
    sim::require_rest(world);
  }

  std::string told(const std::string& code) const {
    for (const flow::Notice& notice : commerce.notices())
      if (notice.code == code) return notice.detail;
    return {};
  }
  void turns(int count = 12) {
    for (int i = 0; i < count; ++i) {
      world.turn();
      world.clock.advance(2'000'000);
    }
  }
  // down: the agent sees it only when it starts again.
  void alter(const std::string& sql, bool down) {
    if (down) commerce.crash();
    commerce.sql(sql);
    if (down) commerce.start();
    turns();
  }
  void edit(const std::string& item, const std::string& column) {
    commerce.crash();
    commerce.map_from_now(item, column);
    commerce.start();
  }
  // What the application wrote is what the receiver has.
  void require_phones(const std::string& column) {
    sim::require_rest(world);
    turns(30);
    sqlite::Database source(commerce.source_file, {sqlite::Access::read_write, false, {}, 5000});
    std::vector<std::string> wanted;
    auto rows = source.prepare("SELECT reg_no || '|' || coalesce(" + column + ", '') FROM firm ORDER BY 1");
    while (rows.step()) wanted.push_back(rows.text(0));
    CHECK(tax.target_phones() == wanted);
    CHECK(told(stopped).empty());
  }

  sim::World world;
  sim::Department& commerce;
  sim::Department& tax;
};

std::string insert(int id, const std::string& columns, const std::string& values) {
  return "INSERT INTO firm(reg_no, ent_name, district" + columns + ") VALUES('" + std::to_string(id) +
         "', 'new', '440103'" + values + ");";
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE(
    "P28 a renamed column stops its publication with old shape, new shape and a guess, and the corrected mapping goes "
    "on") {
  const Capture capture = GENERATE(Capture::journal, Capture::diff, Capture::watermark);
  const bool down = GENERATE(false, true);
  CAPTURE(static_cast<int>(capture), down);
  AlteredPair pair(11, capture);
  const auto before = pair.tax.target_rows();
  pair.alter(insert(200, ", tel", ", 'old'") + "ALTER TABLE firm RENAME COLUMN tel TO mobile;" +
                 insert(201, ", mobile", ", 'new'"),
             down);
  const std::string text = pair.told(stopped);
  INFO(text);
  CHECK(holds(text, "items.contact_phone <- tel"));
  CHECK(holds(text, "原 was TEXT，现 is 不存在 missing"));
  CHECK(holds(text, "renamed to mobile TEXT"));
  // Not one row of the new shape.
  CHECK(pair.tax.target_rows() == before);
  pair.edit("contact_phone", "mobile");
  pair.require_phones("mobile");
}

TEST_CASE("P28 a column of another type stops its publication until an operator accepts it or it is put back") {
  const Capture capture = GENERATE(Capture::journal, Capture::diff);
  const bool down = GENERATE(false, true);
  const bool accepted = GENERATE(false, true);
  CAPTURE(static_cast<int>(capture), down, accepted);
  AlteredPair pair(12, capture);
  const auto before = pair.tax.target_phones();
  const std::string other =
      "ALTER TABLE firm ADD COLUMN next INTEGER; UPDATE firm SET next = 7;"
      "ALTER TABLE firm DROP COLUMN tel; ALTER TABLE firm RENAME COLUMN next TO tel;";
  pair.alter(other + insert(200, ", tel", ", 8"), down);
  const std::string text = pair.told(stopped);
  INFO(text);
  CHECK(holds(text, "原 was TEXT，现 is INTEGER"));
  CHECK(pair.tax.target_phones() == before);
  // Another start changes nothing.
  pair.commerce.crash();
  pair.commerce.start();
  pair.turns();
  CHECK(pair.tax.target_phones() == before);
  if (accepted)
    pair.commerce.store().update(
        [](store::StoreTransaction& transaction) { transaction.put_value(flow::accepted_name(sim::topic_id), "1"); });
  else
    pair.commerce.sql(
        "ALTER TABLE firm ADD COLUMN next TEXT; UPDATE firm SET next = 'x'; ALTER TABLE firm DROP COLUMN tel;"
        "ALTER TABLE firm RENAME COLUMN next TO tel");
  pair.turns();
  pair.require_phones("tel");
}

TEST_CASE("P28 a new column is noted once and nothing stops or is sent again") {
  const Capture capture = GENERATE(Capture::journal, Capture::diff, Capture::watermark);
  const bool down = GENERATE(false, true);
  CAPTURE(static_cast<int>(capture), down);
  AlteredPair pair(13, capture);
  const auto refilled = pair.commerce.store().stream(sim::topic_id)->rows_refilled;
  pair.alter("ALTER TABLE firm ADD COLUMN fax VARCHAR(20);" + insert(200, ", tel, fax", ", 't', 'f'"), down);
  pair.require_phones("tel");
  CHECK(pair.commerce.store().stream(sim::topic_id)->rows_refilled == refilled);
  CHECK(holds(pair.told("QZ-AGT-105"), "fax VARCHAR(20)"));
  const auto shape = flow::decode_shape(*pair.commerce.store().value(flow::shape_name(sim::topic_id)));
  REQUIRE(shape);
  CHECK(shape->notes.size() == 1);
  pair.commerce.crash();
  pair.commerce.start();
  pair.world.clock.advance(8 * 86'400'000'000);
  pair.turns();
  CHECK(pair.told("QZ-AGT-105").empty());
}

TEST_CASE("P28 a table that is dropped and made again under its name is refilled whole once capture is installed") {
  const bool down = GENERATE(false, true);
  CAPTURE(down);
  AlteredPair pair(14, Capture::journal);
  pair.alter(
      "DROP TABLE firm; CREATE TABLE firm(reg_no TEXT PRIMARY KEY NOT NULL, ent_name TEXT, tel TEXT, "
      "district TEXT);" +
          insert(300, ", tel", ", 'only'"),
      down);
  CHECK_FALSE(pair.commerce.store().stream(sim::topic_id)->stopped_code.empty());
  pair.commerce.install();
  pair.require_phones("tel");
  CHECK(pair.tax.target_rows().size() == 1);
}

TEST_CASE("P28 another mapping sends again what was sent by the old one") {
  AlteredPair pair(15, GENERATE(Capture::journal, Capture::diff));
  pair.edit("contact_phone", "ent_name");
  pair.require_phones("ent_name");
}

TEST_CASE("P28 tables altered at random under crashes and dying adapters: after the cure targets equal their sources",
          "[seeds]") {
  sim::for_each_seed(2800, 12, [](std::uint64_t seed) {
    const Capture capture = seed % 3 == 0 ? Capture::diff : Capture::journal;
    AlteredPair pair(seed, capture);
    sim::World& world = pair.world;
    world.lose_reply = world.lose_request = 5;
    world.crash_chance = 1;
    world.adapter_dies = 3;
    std::string phone = "tel";
    for (int round = 0; round < 40; ++round) {
      const std::string name = std::to_string(round);
      const bool down = world.random.chance(30) && pair.commerce.is_running();
      if (down) pair.commerce.crash();
      switch (world.random.below(8)) {
        case 0:
          pair.commerce.sql("ALTER TABLE firm RENAME COLUMN " + phone + " TO p" + name);
          phone = "p" + name;
          break;
        case 1: pair.commerce.sql("ALTER TABLE firm ADD COLUMN extra" + name + " TEXT"); break;
        case 2:
          pair.commerce.sql("ALTER TABLE firm ADD COLUMN q" + name + " INTEGER; UPDATE firm SET q" + name +
                            " = 5; ALTER TABLE firm DROP COLUMN " + phone);
          phone = "q" + name;
          break;
        case 3:
          if (pair.commerce.is_running()) pair.commerce.crash();
          pair.commerce.map_from_now("contact_phone", phone);
          break;
        default:
          pair.commerce.sql(insert(1000 + round, ", " + phone, ", '" + name + "'") + "UPDATE firm SET ent_name = 'r" +
                            name + "' WHERE reg_no = '" + std::to_string(100 + round % 20) + "'");
      }
      world.turn();
    }
    world.crash_chance = world.adapter_dies = world.lose_reply = world.lose_request = 0;
    if (pair.commerce.is_running()) pair.commerce.crash();
    pair.commerce.map_from_now("contact_phone", phone);
    pair.commerce.start();
    pair.turns();
    pair.require_phones(phone);
  });
}
