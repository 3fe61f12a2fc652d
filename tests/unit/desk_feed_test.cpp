// The open-data feed: what it publishes, and what it refuses to.
#include <catch2/catch.hpp>

#include "agent/desk/feeds/feed.h"
#include "desk_outlet_support.h"
#include "hub-protocol/yaml/catalogue.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

Item item_of(const std::string& id, bool personal = false) {
  Item item;
  item.id = id;
  item.personal = personal;
  return item;
}

Topic topic_of(const std::string& id, bool publishable) {
  Topic topic;
  topic.id = id;
  topic.publishable = publishable;
  topic.items = {item_of("number"), item_of("name"), item_of("owner", true), item_of("phone", true)};
  topic.key = {"number"};
  return topic;
}

desk::Table table_named(const std::string& id, const std::string& name) {
  return {id, "", name, {"number"}, {{"number", "number"}, {"name", "name"}, {"owner", "owner"}, {"phone", "phone"}}};
}

struct FeedWorld : OutletWorld {
  FeedWorld() {
    sqlite::Database received(dir / "received.db", {});
    for (const char* each : {"licence", "opening", "stray"})
      received.execute("CREATE TABLE " + std::string(each) +
                       "(number TEXT PRIMARY KEY, name TEXT, owner TEXT, phone TEXT)");
    database->execute("ATTACH '" + path("received.db") + "' AS received");
    std::filesystem::create_directory(dir / "open");
    catalogue.topics["licence.company"] = topic_of("licence.company", true);
    catalogue.topics["commerce.opening"] = topic_of("commerce.opening", false);
  }

  Catalogue catalogue;
  std::vector<desk::FeedOrigin> origins{{"received", "licence", "licence.company"},
                                        {"received", "opening", "commerce.opening"}};
  desk::Table table = table_named("licence.company", "received.licence");

  desk::FeedConfig config(const std::string& more = "    items: [number, {item: owner, mask: name, as: person}]\n") {
    const std::string text = "feeds:\n  - id: f\n    table: t\n    folder: " + path("open") + "\n" + more;
    yaml::Diagnostics diagnostics;
    const auto root = yaml::parse_document("desk.yaml", text, diagnostics);
    REQUIRE(root.has_value());
    yaml::MapReader reader(&*root, "", diagnostics);
    auto feeds = desk::read_feeds(reader, {"portal"});
    reader.finish();
    INFO(diagnostics.render());
    REQUIRE(!diagnostics.has_errors());
    return feeds.at(0);
  }
  desk::FeedResult run(const desk::FeedConfig& feed, const std::function<void(std::string_view)>& passing = {}) {
    desk::FeedGuard guard(*database, catalogue, origins);
    return desk::Feed(*database, *box, feed, table, guard, passing).run(clock.now());
  }
  void refused(const std::string& code, const desk::FeedConfig& feed) {
    check_throws(code, [&] { run(feed); });
    CHECK(std::filesystem::is_empty(dir / "open"));
  }
  void put(const std::string& number, const std::string& owner) {
    database->prepare("INSERT OR REPLACE INTO received.licence VALUES(?1, ?1 || '公司', ?2, '13800000000')")
        .bind(1, number)
        .bind(2, owner)
        .run();
  }
};

struct FeedKilled {};

}  // namespace

TEST_CASE("S4.9 S3.5 a topic that is not publishable is refused, at load and at each run") {
  FeedWorld world;
  CHECK(world.run(world.config()).generation == 1);
  desk::FeedGuard guard(*world.database, world.catalogue, world.origins);
  std::filesystem::remove_all(world.dir / "open");
  std::filesystem::create_directory(world.dir / "open");
  // The department withdraws it.
  world.catalogue.topics["licence.company"].publishable = false;
  world.refused("QZ-DSK-150", world.config());
  world.catalogue.topics.erase("licence.company");
  world.refused("QZ-DSK-150", world.config());
}

TEST_CASE("S4.9 S3.5 none of the 22 classes of the shipped catalogue can be published") {
  FeedWorld world;
  yaml::Diagnostics diagnostics;
  world.catalogue = yaml::load_catalogue(QIANZHI_SOURCE "/conf/catalogue", diagnostics);
  REQUIRE(!diagnostics.has_errors());
  CHECK(world.catalogue.topics.size() >= 22);
  for (const auto& [id, topic] : world.catalogue.topics) {
    INFO(id);
    world.origins[0].topic = id;
    world.table.id = id;
    world.refused("QZ-DSK-150", world.config());
  }
}

TEST_CASE("S4.9 S3.5 what is not publishable is refused also where a view or another table leads to it") {
  FeedWorld world;
  world.database->execute("CREATE TABLE copied AS SELECT * FROM received.opening");
  world.database->execute(
      "CREATE TEMP VIEW harmless AS SELECT l.number, l.name, l.owner, l.phone FROM received.licence l WHERE EXISTS "
      "(SELECT 1 FROM received.opening o WHERE o.number = l.number)");
  world.table = table_named("own.view", "harmless");
  const std::string items = "    items: [number, {item: owner, mask: name}]\n";
  world.refused("QZ-DSK-150", world.config(items));
  world.refused("QZ-DSK-150", world.config("    topics: [licence.company]\n" + items));
  // A table of the department's own says nothing of where it comes from, unless told.
  world.table = table_named("own.copy", "main.copied");
  world.refused("QZ-DSK-150", world.config(items));
  world.refused("QZ-DSK-150", world.config("    topics: [licence.company, commerce.opening]\n" + items));
  // A received table that nobody listed.
  world.table = table_named("own.stray", "received.stray");
  world.refused("QZ-DSK-152", world.config("    topics: [licence.company]\n" + items));
  // The same table under a friendlier id.
  world.table = table_named("licence.company", "received.opening");
  world.refused("QZ-DSK-150", world.config(items));
}

TEST_CASE("S4.9 a topic that is not shared, or of a higher grade, is no open data either") {
  FeedWorld world;
  world.catalogue.topics["licence.company"].grade = Grade::important;
  world.refused("QZ-DSK-150", world.config());
  world.catalogue.topics["licence.company"].grade = Grade::general;
  world.catalogue.topics["licence.company"].sharing = Sharing::none;
  world.refused("QZ-DSK-150", world.config());
}

TEST_CASE("S4.9 personal items are masked or not published, and unknown ones are taken for personal") {
  FeedWorld world;
  world.refused("QZ-DSK-151", world.config("    items: [number, owner]\n"));
  world.refused("QZ-DSK-151", world.config("    items: [number, {item: phone, personal: false}]\n"));
  world.table.columns["score"] = "name";
  world.refused("QZ-DSK-151", world.config("    items: [number, score]\n"));
  CHECK(world.run(world.config("    items: [number, {item: score, personal: false}]\n")).is_new);
}

TEST_CASE("S4.9 a feed writes whole files, what changed, and a manifest with counts and digests") {
  FeedWorld world;
  for (const char* number : {"1", "2", "3"}) world.put(number, "张三");
  const desk::FeedConfig feed = world.config();
  const desk::FeedResult first = world.run(feed);
  CHECK(first.rows == 3);
  CHECK(first.added == 3);
  const std::string full = world.read("open/f-000001.csv");
  CHECK(full == "\xEF\xBB\xBFnumber,person\r\n1,张**\r\n2,张**\r\n3,张**\r\n");
  CHECK(world.read("open/f.manifest.json").find(desk::sha256_hex(full)) != std::string::npos);
  CHECK(!world.run(feed).is_new);
  // Behind the mask it is the same: nobody outside learns of it.
  world.put("1", "张四");
  CHECK(!world.run(feed).is_new);
  world.put("1", "李四");
  world.put("4", "=SUM(1)");
  world.database->execute("DELETE FROM received.licence WHERE number = '2'");
  const desk::FeedResult second = world.run(feed);
  CHECK(second.generation == 2);
  CHECK(world.read("open/f-000002-changes.csv") ==
        "\xEF\xBB\xBFop,number,person\r\nchanged,1,李**\r\nadded,4,'=**\r\nremoved,2,\r\n");
  CHECK(world.read("open/f.manifest.json").find(R"("changes":{"added":1,"changed":1,"removed":1)") !=
        std::string::npos);
  for (const auto& each : std::filesystem::directory_iterator(world.dir / "open"))
    CHECK(each.path().extension() != ".part");
}

TEST_CASE("S4.9 a feed that dies between its files and its commit, or after it, ends with the same files") {
  FeedWorld world;
  const desk::FeedConfig feed = world.config("    format: json\n    items: [number, name]\n");
  world.put("1", "");
  world.run(feed);
  world.put("2", "");
  const auto die_at = [&](const std::string& point) {
    CHECK_THROWS_AS(world.run(feed,
                              [&](std::string_view at) {
                                if (at == point) throw FeedKilled();
                              }),
                    FeedKilled);
  };
  die_at("feed.files");
  CHECK(world.read("open/f.manifest.json").find(R"("generation":1,)") != std::string::npos);
  die_at("feed.committed");
  CHECK(world.read("open/f.manifest.json").find(R"("generation":1,)") != std::string::npos);
  CHECK(!world.run(feed).is_new);
  CHECK(world.read("open/f.manifest.json").find(R"("generation":2,)") != std::string::npos);
  CHECK(world.read("open/f-000002.json") ==
        "{\"number\":\"1\",\"name\":\"1公司\"}\n{\"number\":\"2\",\"name\":\"2公司\"}\n");
}

TEST_CASE("S4.9 changes go to an outlet in pages, each once") {
  FeedWorld world;
  for (int i = 0; i < 25; ++i) world.put(std::to_string(100 + i), "张三");
  const desk::FeedConfig feed = world.config("    outlet: portal\n    page: 10\n    items: [number, name]\n");
  CHECK(world.run(feed).pages == 3);
  CHECK(world.run(feed).pages == 0);
  const auto pages = world.box->list(std::nullopt, 10);
  REQUIRE(pages.size() == 3);
  CHECK(occurrences(pages[2].payload, "\"op\":\"added\"") == 10);
  CHECK(occurrences(pages[0].payload, "\"op\":\"added\"") == 5);
  CHECK(pages[0].subject == "1/3");
  check_throws("QZ-DSK-154", [&] { world.run(world.config("    outlet: portal\n    items: [name]\n")); });
}

TEST_CASE("a feed is due by its interval, and a folder that is gone is told") {
  FeedWorld world;
  const desk::FeedConfig feed = world.config("    every: 1h\n    items: [number]\n");
  desk::FeedGuard guard(*world.database, world.catalogue, world.origins);
  desk::Feed daily(*world.database, *world.box, feed, world.table, guard);
  CHECK(daily.is_due(world.clock.now()));
  daily.run(world.clock.now());
  CHECK(!daily.is_due(world.clock.now()));
  world.clock.pass(3'600'000'000);
  CHECK(daily.is_due(world.clock.now()));
  std::filesystem::remove_all(world.dir / "open");
  check_throws("QZ-DSK-153", [&] { daily.run(world.clock.now()); });
}

TEST_CASE("S4.9 the masks") {
  using desk::FeedMask;
  const auto of = [](FeedMask mask, const std::string& value) { return desk::masked(mask, value, "key"); };
  CHECK(of(FeedMask::name, "欧阳修") == "欧**");
  CHECK(of(FeedMask::name, "") == "");
  CHECK(of(FeedMask::all, "x") == "***");
  CHECK(of(FeedMask::phone, "13812345678") == "138****5678");
  CHECK(of(FeedMask::phone, "8223311") == "***");
  CHECK(of(FeedMask::document, "11010519491231002X") == "110105************");
  CHECK(of(FeedMask::document, "110105") == "***");
  CHECK(of(FeedMask::year, "2006-03-01") == "2006");
  CHECK(of(FeedMask::year, "一九九九") == "***");
  CHECK(of(FeedMask::district, "广东省广州市越秀区建设街1号") == "广东省广州市越秀区");
  CHECK(of(FeedMask::district, "杭州市文三路1号") == "杭州市");
  CHECK(of(FeedMask::district, "文三路1号") == "***");
  CHECK(of(FeedMask::pseudonym, "a") == of(FeedMask::pseudonym, "a"));
  CHECK(of(FeedMask::pseudonym, "a") != of(FeedMask::pseudonym, "b"));
  CHECK(of(FeedMask::pseudonym, "a") != desk::masked(FeedMask::pseudonym, "a", "other"));
  for (const char* name : {"all", "name", "phone", "document", "year", "district", "pseudonym"})
    CHECK(desk::feed_mask_of(name).has_value());
  CHECK(!desk::feed_mask_of("blur").has_value());
}
