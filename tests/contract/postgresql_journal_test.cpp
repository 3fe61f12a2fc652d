// What only a PostgreSQL journal can get wrong: transactions that commit late, rights, settings of the writers.
#include <libpq-fe.h>

#include <catch2/catch.hpp>

#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

// Another connection of the department, with a transaction that may stay open.
class Office {
 public:
  explicit Office(Fixture& fixture)
      : connection_(PQconnectdb(fixture.connection().options.at("dsn").c_str()), &PQfinish) {}
  void run(const std::string& sql) {
    PGresult* const result = PQexec(connection_.get(), sql.c_str());
    const auto status = PQresultStatus(result);
    PQclear(result);
    INFO(sql << ": " << PQerrorMessage(connection_.get()));
    REQUIRE((status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK));
  }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace

TEST_CASE("P26 a transaction that takes its number first and commits last is not lost, and holds back what follows") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  Office early(*fixture);
  early.run("BEGIN; INSERT INTO firm VALUES('1', 'd', 'early')");
  fixture->run("INSERT INTO firm VALUES('2', 'd', 'late')");
  CHECK(follower.drain() == 0);
  early.run("UPDATE firm SET name = 'last' WHERE id = '1'; COMMIT");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  // Both numbers are passed now, in any order of commits to come.
  early.run("BEGIN; SELECT pg_current_xact_id()");
  fixture->run("UPDATE firm SET name = 'x' WHERE id = '2'");
  early.run("UPDATE firm SET name = 'y' WHERE id = '1'");
  CHECK(follower.drain() == 0);
  early.run("ROLLBACK");
  CHECK(follower.drain() == 1);
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("P26 R4.5 what a snapshot shows is passed only when the transactions that began before it have ended") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  fixture->run("INSERT INTO firm VALUES('1', 'd', 'one'); INSERT INTO firm VALUES('2', 'd', 'two')");
  Follower follower(*fixture, firm_spec(*fixture));
  Office office(*fixture);
  office.run("BEGIN; DELETE FROM firm WHERE id = '1'");
  fixture->run("INSERT INTO firm VALUES('3', 'd', 'three')");
  REQUIRE(follower.take(follower.source().read_snapshot(0, {}, {})));
  const SourcePosition seen = follower.high_water();
  follower.drain();
  CHECK(follower.checkpoint().order < seen.order);
  office.run("COMMIT");
  for (int i = 0; i < 10 && follower.checkpoint().order < seen.order; ++i) follower.step();
  CHECK(follower.checkpoint().order >= seen.order);
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("P11 P32 what writers set for themselves changes nothing of keys and old values") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(
      "CREATE TABLE part(day date, note bytea, size double precision, padded char(6), flag boolean, district text,"
      " PRIMARY KEY(day, note, size, padded, flag))");
  adapter::SourceSpec spec{fixture->connection(),
                           "parts",
                           fixture->mode(),
                           {{"part",
                             {"day", "note", "size", "padded", "flag", "district"},
                             {"day", "note", "size", "padded", "flag"},
                             {"district"}}},
                           0};
  fixture->run(fixture->adapter().plan_source(spec).install);
  const auto source = fixture->adapter().open_source(spec);
  SourcePosition place = source->present();
  fixture->run(
      "SET datestyle = 'SQL, DMY'; SET bytea_output = 'escape'; SET extra_float_digits = -3; SET search_path = nowhere;"
      "INSERT INTO public.part VALUES('2026-02-01', '\\x00ff', 0.1234567890123456, 'ab', true, 'd1');"
      "UPDATE public.part SET district = 'd2'; DELETE FROM public.part; RESET ALL");
  std::vector<std::string> seen;
  for (bool more = true; more;) {
    const adapter::Changes changes = source->read_changes(place, {}, {}, 0);
    REQUIRE(changes.continuity == adapter::Continuity::good);
    for (const auto& table : changes.tables)
      for (std::size_t row = 0; row < table.meta.size(); ++row) {
        REQUIRE(table.meta[row].operation == Operation::remove);
        std::string text;
        for (std::size_t i = 0; i < 5; ++i)
          text += (i == 1 ? to_hex(table.columns[i].text(row)) : text_of(table.columns[i], row)) + "|";
        seen.push_back(text + text_of(table.old[0], row));
      }
    more = !(changes.position == place);
    place = changes.position;
  }
  const std::string key = "2026-02-01|00ff|0.1234567890123456|ab    |true|";
  CHECK(seen == std::vector<std::string>{key + "d1", key + "d2"});
}

TEST_CASE("P11 P28 a key column that becomes a date is told until capture is installed again") {
  const auto fixture = make_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('1', '2026-02-01', 'one')");
  CHECK(follower.drain() == 1);
  fixture->run("ALTER TABLE firm ALTER COLUMN district TYPE date USING district::date");
  const auto unseen = [&] {
    const adapter::Changes changes = follower.step();
    return !changes.events.empty() && changes.events[0].kind == adapter::TableEventKind::unseen_changes;
  };
  CHECK(unseen());
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  CHECK(unseen());  // that it was
  CHECK_FALSE(unseen());
}

TEST_CASE("a writer's search_path does not say what the capture function calls") {
  const auto fixture = make_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run(
      "CREATE SCHEMA trap;"
      "CREATE FUNCTION trap.format(text, anyelement) RETURNS text LANGUAGE sql AS $$ SELECT 'wrong' $$;"
      "CREATE FUNCTION trap.equal(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;"
      "CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.equal);"
      "SET search_path = trap, public, pg_catalog; INSERT INTO firm VALUES('1', 'd', 'one'); RESET search_path");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("P27 TRUNCATE is told, and a session that only replays is captured like any other") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("SET session_replication_role = replica; INSERT INTO firm VALUES('1', 'd', 'one'); RESET ALL");
  CHECK(follower.drain() == 1);
  fixture->run("TRUNCATE firm");
  const adapter::Changes changes = follower.step();
  REQUIRE(changes.events.size() == 1);
  CHECK(changes.events[0].kind == adapter::TableEventKind::truncated);
  CHECK(follower.step().events.empty());
}

TEST_CASE("the application needs no right on the journal, and the agent's role cannot write anything else") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  fixture->run(
      "DO $$ BEGIN CREATE ROLE clerk; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
      "GRANT INSERT, UPDATE, DELETE, SELECT ON firm TO clerk");
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("SET ROLE clerk; INSERT INTO firm VALUES('1', 'd', 'one'); RESET ROLE");
  CHECK(follower.drain() == 1);
  const auto may = [&](const std::string& question) { return fixture->query("SELECT has_" + question)[0][0] == "t"; };
  CHECK_FALSE(may("table_privilege('clerk', 'qianzhi.registry_journal', 'SELECT, INSERT')"));
  CHECK_FALSE(may("function_privilege('clerk', 'qianzhi.registry_firm()', 'EXECUTE')"));
}

TEST_CASE("R2.1 what was read is removed from the journal, at most once a second, and noted") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  for (int i = 0; i < 5; ++i) fixture->run("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'd', 'n')");
  follower.drain();
  follower.source().forget(follower.checkpoint());
  CHECK(fixture->query("SELECT count(*) FROM qianzhi.registry_journal")[0][0] == "0");
  CHECK(follower.drain() == 0);
}

TEST_CASE("uninstalling leaves nothing of ours in the department's database") {
  const auto fixture = make_fixture(Way::direct);
  const std::string count =
      "SELECT count(*) FROM pg_trigger UNION ALL SELECT count(*) FROM pg_proc"
      " UNION ALL SELECT count(*) FROM pg_class";
  fixture->run(firm_ddl);
  fixture->run("CREATE SCHEMA qianzhi");
  const auto before = fixture->query(count);
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  CHECK(fixture->query(count) != before);
  std::string uninstall = fixture->adapter().plan_source(firm_spec(*fixture)).uninstall;
  uninstall.erase(uninstall.find("DROP OWNED BY"));  // of the role, which is the owner here
  fixture->run(uninstall);
  CHECK(fixture->query(count) == before);
}

}  // namespace qianzhi::test::contract
