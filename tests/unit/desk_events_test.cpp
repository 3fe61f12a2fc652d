// Events: something that happened starts something at an outlet, once.
#include <catch2/catch.hpp>

#include "agent/desk/outlets/events.h"
#include "desk_outlet_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

// As the desk plans them (agent/desk/data): json_array() may not stand in a trigger.
const std::string received_schema = [] {
  std::string sql =
      "CREATE TABLE death(id TEXT PRIMARY KEY, name TEXT, status TEXT, day TEXT);"
      "CREATE TABLE desk_change(seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, key TEXT, UNIQUE(source, key) ON "
      "CONFLICT REPLACE);";
  for (const auto& [when, side] :
       std::map<std::string, std::string>{{"INSERT", "new"}, {"UPDATE", "new"}, {"DELETE", "old"}})
    sql += "CREATE TRIGGER death_" + when + " AFTER " + when + " ON death BEGIN INSERT INTO desk_change(source, key) " +
           R"(VALUES('death', CASE WHEN )" + side + ".id GLOB '*' || char(1) || '*' THEN '*' ELSE " +
           R"('["' || replace(replace()" + side + R"(.id, '\', '\\'), '"', '\"') || '"]' END); END;)";
  return sql;
}();

// desk.db beside the file that the agent writes, as the desk has them.
struct EventWorld : OutletWorld {
  EventWorld() {
    sqlite::Database(dir / "received.db", {}).execute(received_schema);
    database->execute("ATTACH '" + path("received.db") + "' AS received");
  }
  desk::EventTable table() const {
    return {{"civil.death",
             "",
             "received.death",
             {"citizen"},
             {{"citizen", "id"}, {"name", "name"}, {"status", "status"}, {"date", "day"}}},
            "received.desk_change",
            "death"};
  }
  std::vector<desk::EventConfig> events(const std::string& text) {
    yaml::Diagnostics diagnostics;
    const auto root = yaml::parse_document("desk.yaml", text, diagnostics);
    REQUIRE(root.has_value());
    yaml::MapReader reader(&*root, "", diagnostics);
    auto read = desk::read_events(reader, {"pension"});
    reader.finish();
    INFO(diagnostics.render());
    REQUIRE(!diagnostics.has_errors());
    return read;
  }
  std::int64_t watch(const std::string& text, std::int64_t most = 1000) {
    desk::EventWatch watcher(*database, *box, events(text), {table()});
    std::int64_t added = 0;
    while (!watcher.run_once(clock.now(), added, most)) {
    }
    return added;
  }
};

const std::string deaths = R"(
events:
  - id: death
    on: {change: civil.death}
    when: {status: [confirmed, registered]}
    version: [date]
    outlet: pension
    subject: "{citizen}"
    fields: {text: "{name} {date}"}
)";

}  // namespace

TEST_CASE("S2.11 a death that arrives is told once, an old one and an unconfirmed one never") {
  EventWorld world;
  world.database->execute("INSERT INTO received.death VALUES('old', '旧', 'confirmed', '2008-01-01')");
  CHECK(world.watch(deaths) == 0);
  world.database->execute(
      "INSERT INTO received.death VALUES('1', '张三', 'confirmed', '2008-05-01'), ('2', '李四', 'suspected', "
      "'2008-05-02')");
  CHECK(world.watch(deaths) == 1);
  CHECK(world.watch(deaths) == 0);
  const desk::Notice notice = world.box->list(std::nullopt, 1)[0];
  CHECK(notice.outlet == "pension");
  CHECK(notice.payload == R"({"text":"张三 2008-05-01","to":"1"})");
  // Confirmed later: now it is one. Written again as it was, by a refill: no other. Another date: another event.
  world.database->execute("UPDATE received.death SET status = 'registered' WHERE id = '2'");
  CHECK(world.watch(deaths) == 1);
  world.database->execute("UPDATE received.death SET name = name");
  CHECK(world.watch(deaths) == 1);  // the old one is written anew, and was never told
  world.database->execute("UPDATE received.death SET day = '2008-05-03' WHERE id = '1'");
  CHECK(world.watch(deaths) == 1);
  world.database->execute("DELETE FROM received.death");
  CHECK(world.watch(deaths) == 0);
}

TEST_CASE("S2.11 the mark and the notices are one commit, however few are taken at a time") {
  EventWorld world;
  world.watch(deaths);
  for (int i = 0; i < 25; ++i)
    world.database->execute("INSERT INTO received.death VALUES('n" + std::to_string(i) + "', '', 'confirmed', 'd')");
  CHECK(world.watch(deaths, 4) == 25);
  CHECK(world.database->scalar("SELECT mark FROM event_mark") ==
        world.database->scalar("SELECT max(seq) FROM received.desk_change"));
  // Whoever loses the mark tells nobody twice.
  world.database->execute("UPDATE event_mark SET mark = 0");
  CHECK(world.watch(deaths) == 0);
}

TEST_CASE("a value of a row is never part of a statement") {
  EventWorld world;
  world.watch(deaths);
  world.database->prepare("INSERT INTO received.death VALUES(?1, '{citizen}', 'confirmed', ?1)")
      .bind(1, R"(x' OR 1=1; -- "] \ )")
      .run();
  CHECK(world.watch(deaths) == 1);
  CHECK(world.box->list(std::nullopt, 1)[0].payload.find("{citizen}") != std::string::npos);
}

TEST_CASE("a change log that was replaced is told, and followed from its end") {
  EventWorld world;
  world.watch(deaths);
  for (int i = 0; i < 5; ++i)
    world.database->execute("INSERT INTO received.death VALUES('" + std::to_string(i) + "', '', 'confirmed', 'd')");
  world.watch(deaths);
  world.database->execute(
      "DELETE FROM received.desk_change; DELETE FROM received.sqlite_sequence;"
      "INSERT INTO received.death VALUES('x', '', 'confirmed', 'd')");
  CHECK(world.watch(deaths) == 0);
  world.database->execute("INSERT INTO received.death VALUES('y', '', 'confirmed', 'd')");
  CHECK(world.watch(deaths) == 1);
}

TEST_CASE("a change that cannot name its row is skipped, and those after it are not") {
  EventWorld world;
  world.watch(deaths);
  world.database->execute(
      "INSERT INTO received.death VALUES('a' || char(1), '', 'confirmed', 'd'), ('b', '', "
      "'confirmed', 'd')");
  CHECK(world.watch(deaths) == 1);
}

TEST_CASE("a finding is an event at its level, again when it comes back") {
  EventWorld world;
  world.database->execute(
      "CREATE TABLE finding(id INTEGER PRIMARY KEY, rule TEXT, subject TEXT, party TEXT, area TEXT, title TEXT, since "
      "TEXT, level TEXT, found INTEGER, changed INTEGER, closed INTEGER DEFAULT 0, detail TEXT)");
  const std::string text =
      "events:\n  - id: late\n    on: {finding: no_tax, level: warning}\n    outlet: pension\n"
      "    when: {area: [\"440103\"]}\n    fields: {text: \"{title} {street}\"}\n";
  world.watch(text);
  const std::string now = std::to_string(world.clock.now() + 1);
  world.database->execute("INSERT INTO finding VALUES(1, 'no_tax', 'A', 'tax', '440103', '甲', '', 'notice', " + now +
                          ", " + now +
                          ", 0, '{\"street\":\"建设街\"}'), (2, 'no_tax', 'B', 'tax', '440104', '乙', '', "
                          "'warning', " +
                          now + ", " + now + ", 0, '{}')");
  CHECK(world.watch(text) == 0);
  world.database->execute("UPDATE finding SET level = 'warning', changed = changed + 1 WHERE id = 1");
  CHECK(world.watch(text) == 1);
  CHECK(world.watch(text) == 0);
  CHECK(world.box->list(std::nullopt, 1)[0].payload == R"({"text":"甲 建设街"})");
  world.database->execute("UPDATE finding SET closed = 1");
  CHECK(world.watch(text) == 0);
  world.database->execute("UPDATE finding SET closed = 0, found = found + 9, changed = changed + 9");
  CHECK(world.watch(text) == 1);
}

TEST_CASE("an event of a table or an item that is not there is refused before anything runs") {
  EventWorld world;
  const auto refused = [&](const std::string& source, const std::string& item) {
    check_throws("QZ-DSK-108", [&] {
      desk::EventWatch(*world.database, *world.box,
                       world.events("events:\n  - {id: e, on: {change: " + source +
                                    "}, outlet: pension, fields: {t: \"{" + item + "}\"}}\n"),
                       {world.table()});
    });
  };
  refused("civil.birth", "name");
  refused("civil.death", "income");
}
