// What a change of a table's shape means for a publication, and that it means nothing for the others of its source.
#include <algorithm>
#include <catch2/catch.hpp>

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/capture.h"
#include "agent/flow/shape.h"
#include "hub-protocol/sqlite/database.h"
#include "hub_calls.h"
#include "hub_support.h"

using namespace qianzhi;

namespace {

bool has_text(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

config::PublicationConfig firm_mapping() {
  config::PublicationConfig publication;
  publication.topic = test::firms;
  publication.source = "registry";
  publication.table = "firm";
  const auto text = std::make_shared<yaml::SourceText>("agent.yaml", "items:\n  number: id\n  name: title\n");
  std::size_t line = 1;
  for (const auto& [item, column] : {std::pair{"number", "id"}, {"name", "title"}, {"area", "district"}}) {
    publication.items[item].column = column;
    publication.items[item].place = {text, ++line, 3, 4};
  }
  return publication;
}

adapter::TableInfo firm_table() {
  adapter::TableInfo table{"firm", {}, {"id"}, 100};
  table.columns = {{"id", "varchar(20)", ItemType::text, false},
                   {"title", "varchar(50)", ItemType::text, true},
                   {"district", "char(6)", ItemType::text, false},
                   {"since", "timestamp without time zone", ItemType::timestamp, true},
                   {"capital", "numeric(10,2)", ItemType::decimal, true}};
  return table;
}

struct Judged {
  explicit Judged(config::PublicationConfig config = firm_mapping()) : mapping(std::move(config)) {
    known = judge(std::nullopt, firm_table()).next;
  }
  flow::ShapeVerdict judge(const std::optional<flow::Shape>& before, const adapter::TableInfo& now,
                           bool accepted = false) const {
    Topic topic = test::topic_of(test::firms);
    for (const char* more : {"since", "capital"}) topic.items.push_back({more, "", ""});
    topic.items[3].type = ItemType::timestamp;
    topic.items[4].type = ItemType::decimal;
    topic.items[4].scale = 2;
    return flow::judge_shape(before, now, flow::Publication(mapping, topic, GroupSet::every()),
                             {"id", "title", "other"}, accepted, 5);
  }
  flow::ShapeVerdict after(const std::function<void(adapter::TableInfo&)>& change, bool accepted = false) const {
    adapter::TableInfo now = firm_table();
    change(now);
    return judge(known, now, accepted);
  }
  config::PublicationConfig mapping;
  std::optional<flow::Shape> known;
};

// One source with two topics: firms and closed firms.
class Registry {
 public:
  Registry(bool one_table, config::Capture way) : one_table_(one_table) {
    directory.refresh(link);
    run("PRAGMA journal_mode=WAL; CREATE TABLE firm(id TEXT PRIMARY KEY NOT NULL, title TEXT, district TEXT, tel TEXT);"
        "CREATE TABLE closed(id TEXT PRIMARY KEY NOT NULL, title TEXT, district TEXT, tel TEXT);"
        "INSERT INTO firm VALUES('1', 'one', '440103', '1'); INSERT INTO closed VALUES('9', 'nine', '440103', '9')");
    source_.database = {"registry", "sqlite", {}, {}};
    source_.capture = way;
    source_.poll_interval = 0;
    if (way != config::Capture::diff) {
      adapter::SourceSpec spec;
      spec.name = "commerce_01_registry";
      for (const char* table : {"firm", "closed"})
        spec.tables.push_back({table, {"district", "id", "title"}, {"id"}, {"district"}});
      if (one_table_) spec.tables.pop_back();
      run(adapter->plan_source(spec).install);
    }
    start();
  }
  void run(const std::string& sql) {
    sqlite::Database database(world.dir / "source.db", {sqlite::Access::read_write_create, false, {}, 5000});
    database.execute(sql);
  }
  // The first topic reads `name` from here.
  void start(const std::string& column = "tel") {
    config::PublicationConfig one = firm_mapping();
    one.items["name"].column = column;
    config::PublicationConfig two = firm_mapping();
    two.topic = test::closed_firms;
    two.table = one_table_ ? "firm" : "closed";
    capture.reset();
    capture = std::make_unique<flow::Capture>(source_, std::vector{one, two},
                                              flow::CaptureParts{*adapter, store, directory, sealer, {}, {}},
                                              adapter::Connection{{{"file", (world.dir / "source.db").string()}}, {}});
  }
  void turns() {
    for (int turn = 0; turn < 12; ++turn) {
      world.clock.advance(3'000'000);
      capture->run_once();
    }
  }
  std::uint64_t rows(const char* topic) const {
    const auto state = store.stream(topic);
    return state->rows_sealed + state->rows_refilled;
  }
  std::string stopped(const char* topic) const { return store.stream(topic)->stopped_code; }

  test::HubWorld world;
  test::HubCalls link{*world.hub, "commerce-01"};
  store::Store store{{world.dir / "outbox.db", {}, 0}, Bytes(32, 'k'), world.random};
  flow::DirectoryKeeper directory{store, world.clock, world.directory_key.record()};
  flow::Sealer sealer{"commerce-01", world.key, world.clock, world.random, {}};
  std::unique_ptr<adapter::Adapter> adapter = adapter::make_sqlite_adapter(world.clock, nullptr);
  std::unique_ptr<flow::Capture> capture;

 private:
  bool one_table_;
  config::SourceConfig source_;
};

}  // namespace

TEST_CASE("P28 what stops is told with file and line, old shape, new shape and what it may be called now") {
  const Judged judged;
  CHECK(judged.after([](adapter::TableInfo&) {}).stop.empty());
  const auto renamed = judged.after([](adapter::TableInfo& table) { table.columns[1].name = "caption"; });
  CHECK(renamed.stop ==
        "agent.yaml:3:3 items.name <- title：原 was varchar(50)，现 is 不存在 missing，可能改名为 perhaps renamed to "
        "caption varchar(50)");
  const auto number = judged.after([](adapter::TableInfo& table) {
    table.columns[1] = {"title", "bigint", ItemType::integer, true};
  });
  CHECK(has_text(number.stop, "agent.yaml:3:3 items.name <- title：原 was varchar(50)，现 is bigint"));
  const auto gone = judged.after([](adapter::TableInfo& table) { table.columns.clear(); });
  CHECK(has_text(gone.stop, "table firm 不存在 is gone"));
  const auto key = judged.after([](adapter::TableInfo& table) { table.key = {"id", "title"}; });
  CHECK(has_text(key.stop,
                 "agent.yaml:2:3 items.number：原 was 主键 primary key (id)，现 is 主键 primary key (id, title)"));
  const auto keyless = judged.after([](adapter::TableInfo& table) { table.key.clear(); });
  CHECK(has_text(keyless.stop, "no primary key"));
}

TEST_CASE("P28 compatible changes go on: wider, shorter, nullable, reordered, names in other letters, new columns") {
  const Judged judged;
  const auto wider = judged.after([](adapter::TableInfo& table) {
    table.columns[1].native_type = "text";
    table.columns[2].nullable = true;
    std::swap(table.columns[0], table.columns[1]);
    table.columns.push_back({"OTHER", "text", ItemType::text, true});
    table.columns.push_back({"fax", "text", ItemType::text, true});
    table.columns[1].name = "ID";
  });
  CHECK(wider.stop.empty());
  CHECK_FALSE(wider.resend);
  REQUIRE(wider.notes.size() == 3);
  CHECK(has_text(wider.notes[0], "district：现在可以为空"));
  CHECK(has_text(wider.notes[1], "title：varchar(50) → text"));
  CHECK(has_text(wider.notes[2], "fax text"));
  REQUIRE(wider.next.notes.size() == 3);
  CHECK(wider.next.notes[2].time == 5);
  // Once.
  adapter::TableInfo now = firm_table();
  now.columns.push_back({"fax", "text", ItemType::text, true});
  const auto again = judged.judge(wider.next, now);
  CHECK(std::none_of(again.notes.begin(), again.notes.end(), [](const auto& n) { return has_text(n, "fax"); }));
}

TEST_CASE("P28 numbers and times that are written otherwise stop, longer ones do not") {
  config::PublicationConfig mapping = firm_mapping();
  mapping.items["since"].column = "since";
  mapping.items["capital"].column = "capital";
  const Judged judged(mapping);
  const auto with = [&](std::size_t column, const char* native, ItemType type) {
    return judged.after([&](adapter::TableInfo& table) {
      table.columns[column].native_type = native;
      table.columns[column].type = type;
    });
  };
  CHECK(with(4, "numeric(18,4)", ItemType::decimal).stop.empty());
  CHECK_FALSE(with(4, "double precision", ItemType::decimal).stop.empty());
  CHECK(with(3, "timestamp(3) without time zone", ItemType::timestamp).stop.empty());
  CHECK_FALSE(with(3, "timestamp with time zone", ItemType::timestamp).stop.empty());
  CHECK_FALSE(with(3, "date", ItemType::date).stop.empty());
}

TEST_CASE("P28 an operator's word or another mapping of the column is an answer, and rows are sent again") {
  Judged judged;
  const auto number = [](adapter::TableInfo& table) {
    table.columns[1] = {"title", "bigint", ItemType::integer, true};
  };
  CHECK_FALSE(judged.after(number).stop.empty());
  const auto accepted = judged.after(number, true);
  CHECK(accepted.stop.empty());
  CHECK(accepted.resend);
  // What is not there cannot be accepted.
  CHECK_FALSE(judged.after([](adapter::TableInfo& table) { table.columns.erase(table.columns.begin() + 1); }, true)
                  .stop.empty());
  judged.mapping.items["number"].normalise = {config::Normalise::trim};
  CHECK_FALSE(judged.after(number).stop.empty());  // an answer to something else
  judged.mapping.items["name"].code_table["1"] = "one";
  const auto mapped = judged.after(number);
  CHECK(mapped.stop.empty());
  CHECK(mapped.resend);
}

TEST_CASE("P28 a shape is kept as it is, and another table of the same name is noticed") {
  const Judged judged;
  CHECK(flow::decode_shape(flow::encode(*judged.known)) == judged.known);
  CHECK_FALSE(flow::decode_shape("\xff").has_value());
  std::optional<flow::Shape> known = judged.known;
  known->instance = "1";
  adapter::TableInfo now = firm_table();
  now.instance = "2";
  CHECK(judged.judge(known, now).resend);
  now.instance = "1";
  CHECK_FALSE(judged.judge(known, now).resend);
}

TEST_CASE("P28 only the publication that needs a column stops, and others of the source, and of the table, go on") {
  const bool one_table = GENERATE(false, true);
  const auto way = GENERATE(config::Capture::journal, config::Capture::diff);
  const bool down = GENERATE(false, true);
  CAPTURE(one_table, static_cast<int>(way), down);
  Registry registry(one_table, way);
  registry.turns();
  const std::string other = one_table ? "firm" : "closed";
  const std::uint64_t before = registry.rows(test::closed_firms);
  const std::uint64_t stands = registry.rows(test::firms);
  if (down) registry.capture.reset();
  registry.run("ALTER TABLE firm DROP COLUMN tel; INSERT INTO " + other +
               "(id, title, district) VALUES('2', 'two', '440103')");
  if (down) registry.start();
  // A read that failed for what is gone is followed by a look.
  for (int i = 0; i < 3; ++i) try {
      registry.turns();
    } catch (const Error&) {
    }
  CHECK(registry.stopped(test::firms) == "QZ-AGT-032");
  CHECK(registry.stopped(test::closed_firms).empty());
  CHECK(registry.rows(test::closed_firms) == before + 1);
  CHECK(registry.rows(test::firms) == stands);
  registry.start("title");
  registry.turns();
  CHECK(registry.stopped(test::firms).empty());
  CHECK(registry.rows(test::firms) > stands);
}
