#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/unit/desk_records_desk.h"

using namespace qianzhi;
using namespace qianzhi::desk;
using namespace qianzhi::desk::records;

namespace {

const std::string organisation = "71526726X";
const std::string number = "440301103448669";

}  // namespace

TEST_CASE("S1.10: commerce is the base, codes are the bridge, each value has its source and time", "[records]") {
  Desk desk;
  desk.received.execute(
      "INSERT INTO opening VALUES('440301103448669', '深圳市启航机械有限公司', '深圳市南山区科技路1号', "
      "'陈志明', '2006-03-01', 'commerce-agent', '2026-01-01')");
  desk.received.execute(
      "INSERT INTO certificate VALUES('71526726-X', '440301103448669', '深圳启航机械有限公司', '2006-03-09')");
  desk.received.execute(
      "INSERT INTO tax VALUES('44030171526726X', '', '启航机械', '深圳市福田区深南路5号', '2006-04-01')");
  CHECK(desk.records.needs_build());
  CHECK(desk.records.build(1).records == 1);
  CHECK_FALSE(desk.records.needs_build());
  CHECK(desk.item("org:71526726X", "name") == "深圳市启航机械有限公司|commerce|2006-03-01|1");
  CHECK(desk.item("org:71526726X", "address") == "深圳市福田区深南路5号|tax|2006-04-01|1");
  CHECK(desk.item("org:71526726X", "person") == "陈志明|commerce|2006-03-01|0");
  CHECK(desk.text("SELECT name || '|' || state || '|' || registration || '|' || organisation FROM base_firm") ==
        "深圳市启航机械有限公司|whole|440301103448669|71526726X");
  CHECK(desk.text("SELECT record FROM base_code WHERE code = '440301103448669'") == "org:71526726X");
}

TEST_CASE("S1.10: a firm keeps its registration number, is joined when the code arrives, and parted when it goes",
          "[records]") {
  Desk desk;
  desk.received.execute(
      "INSERT INTO opening VALUES('440301103448669', '深圳市启航机械有限公司', '', '', '2006-03-01', '', '')");
  desk.records.build(1);
  CHECK(desk.text("SELECT record FROM base_record") == "reg:" + number);
  desk.received.execute("INSERT INTO certificate VALUES('71526726X', '440301103448669', '启航机械', '2006-03-09')");
  const CatchUpReport joined = desk.records.catch_up(2, 100);
  CHECK(joined.changes == 1);
  CHECK(desk.text("SELECT group_concat(record) FROM base_record") == "org:" + organisation);
  CHECK(desk.text("SELECT old_value || '>' || new_value FROM base_history WHERE item = '' AND new_value IS NOT NULL") ==
        "reg:440301103448669>org:71526726X");
  // The first day of the firm is still that of its registration.
  CHECK(desk.count("SELECT since FROM base_record") == 1);

  desk.received.execute("UPDATE certificate SET registration_number = ''");
  desk.records.catch_up(3, 100);
  CHECK(desk.text("SELECT group_concat(record) FROM (SELECT record FROM base_record ORDER BY 1)") ==
        "org:71526726X,reg:440301103448669");
  CHECK(desk.text("SELECT state FROM base_record WHERE record LIKE 'org:%'") == "no_base");
  CHECK(desk.records.catch_up(4, 100).changes == 0);
}

TEST_CASE("S4.7: old numbers and credit codes live side by side, and come to one firm", "[records]") {
  Desk desk;
  desk.received.execute(
      "INSERT INTO opening VALUES('440301103448669', '深圳市启航机械有限公司', '', '', '2006-03-01', '', '')");
  desk.received.execute("INSERT INTO tax VALUES('9144030071526726XG', '', '启航机械', '', '2016-03-01')");
  desk.records.build(1);
  CHECK(desk.count("SELECT count(*) FROM base_record") == 2);
  desk.received.execute("INSERT INTO certificate VALUES('71526726-X', '440301103448669', '启航机械', '2006-03-09')");
  desk.records.catch_up(2, 10);
  CHECK(desk.text("SELECT record || '|' || registration || '|' || organisation || '|' || credit FROM base_firm") ==
        "org:71526726X|440301103448669|71526726X|9144030071526726XG");
  CHECK(desk.text("SELECT record FROM base_code WHERE code = '9144030071526726XG'") == "org:71526726X");
}

TEST_CASE("S1.10: history holds every change of an item, with its source", "[records]") {
  Desk desk;
  desk.received.execute("INSERT INTO opening VALUES('440301103448669', '甲', '', '', '2006-03-01', '', '')");
  desk.records.build(1);
  desk.received.execute("UPDATE opening SET enterprise_name = '乙', establishment_date = '2006-05-01'");
  desk.records.catch_up(2, 100);
  desk.received.execute("UPDATE opening SET enterprise_name = NULL");
  desk.records.catch_up(3, 100);
  CHECK(
      desk.text(
          "SELECT group_concat(item || ':' || ifnull(old_value, '-') || '>' || ifnull(new_value, '-') || ':' || source "
          "|| ':' || at) FROM base_history") == "name:甲>乙:commerce:2,name:乙>-:commerce:3");
}

TEST_CASE("S1.10: a code that ties two firms joins neither, and people are told", "[records]") {
  Desk desk;
  desk.received.execute("INSERT INTO opening VALUES('" + made_number(1) + "', '甲', '', '', '', '', '')");
  desk.received.execute("INSERT INTO opening VALUES('" + made_number(2) + "', '乙', '', '', '', '', '')");
  desk.received.execute("INSERT INTO certificate VALUES('71526726X', '" + made_number(1) + "', '甲', '')");
  desk.received.execute("INSERT INTO tax VALUES('44030171526726X', '" + made_number(2) + "', '乙', '', '')");
  desk.records.build(1);
  CHECK(desk.count("SELECT count(*) FROM base_record") == 2);
  CHECK(desk.count("SELECT count(*) FROM base_record WHERE disputed = 1 AND pieces = 2") == 2);
  desk.received.execute("DELETE FROM tax");
  desk.records.catch_up(2, 10);
  CHECK(desk.count("SELECT count(*) FROM base_record WHERE disputed = 1") == 0);
  CHECK(desk.text("SELECT record FROM base_piece WHERE source = 'quality'") == "org:71526726X");
}

TEST_CASE("S2.7 S1.10: rows without a code are suggested to people, who link them", "[records]") {
  Desk desk;
  desk.received.execute(
      "INSERT INTO opening VALUES('440301103448669', '深圳市启航机械有限公司', '深圳市南山区科技路1号', "
      "'陈志明', '2006-03-01', '', '')");
  desk.received.execute("INSERT INTO unlicensed VALUES('7', '深圳啟航機械', '深圳南山区科技路1号', '陈志明')");
  desk.records.build(1);
  match::Decisions decisions(desk.database);
  match::Candidates candidates(desk.database, decisions);
  Suggestions suggestions(desk.database, desk.config.kinds.front(), decisions, candidates);
  CHECK(suggestions.run(2, 100) == 2);
  CHECK(suggestions.run(2, 100) == 0);
  const auto waiting = decisions.waiting(10);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting.front().left == "reg:440301103448669");
  CHECK(waiting.front().right == "row:firm:unlicensed:[\"7\"]");

  desk.records.link("firm", "unlicensed", "[\"7\"]", number, "wang", 3);
  CHECK(desk.text("SELECT record FROM base_piece WHERE source = 'unlicensed'") == "reg:440301103448669");
  CHECK(desk.count("SELECT pieces FROM base_record") == 2);
  suggestions.run(4, 100);
  CHECK(decisions.waiting(10).empty());
  // A full build keeps it; taken back, the row is alone again.
  desk.records.build(5);
  CHECK(desk.count("SELECT count(*) FROM base_record") == 1);
  desk.records.link("firm", "unlicensed", "[\"7\"]", "", "wang", 6);
  CHECK(desk.count("SELECT count(*) FROM base_record") == 2);
  test::check_throws("QZ-DSK-204",
                     [&] { desk.records.link("firm", "unlicensed", "[\"7\"]", "440301103448668", "wang", 7); });
  test::check_throws("QZ-DSK-204", [&] { desk.records.link("firm", "nobody", "[\"7\"]", number, "wang", 7); });
}

TEST_CASE("S1.10: a build that was broken off, and a change that cannot be told, ask for a build", "[records]") {
  Desk desk;
  test::check_throws("QZ-DSK-203", [&] { desk.records.catch_up(1, 10); });
  desk.records.build(1);
  desk.received.execute("INSERT INTO desk_change(source, key) VALUES('other', '*'), ('opening#person', '*')");
  CHECK(desk.records.catch_up(2, 10).changes == 2);
  CHECK_FALSE(desk.records.needs_build());
  // What they were built by has changed.
  RecordsConfig other = desk.config;
  std::swap(other.kinds.front().items.front().from[0], other.kinds.front().items.front().from[1]);
  CHECK(Records(desk.database, other, change_files()).needs_build());
  desk.received.execute("INSERT INTO desk_change(source, key) VALUES('opening', '*')");
  desk.records.catch_up(3, 10);
  CHECK(desk.records.needs_build());
  desk.records.build(4);
  CHECK_FALSE(desk.records.needs_build());
}

TEST_CASE("S2.12: persons are bound by their citizen number, in 15 or 18 digits", "[records]") {
  test::TempDir folder;
  sqlite::Database database(folder / "desk.db", {});
  database.execute(
      "CREATE TABLE a(id TEXT PRIMARY KEY, citizen TEXT, name TEXT); CREATE TABLE b(id TEXT PRIMARY KEY, citizen TEXT, "
      "name TEXT);"
      "INSERT INTO a VALUES('1', '110105491231002', '张三'), ('2', '440524188001010014', '李四'), ('3', '123', '王五');"
      "INSERT INTO b VALUES('9', '11010519491231002x', '張三')");
  std::vector<Table> tables = {table("civil.a", "a", "id", {"id", "citizen", "name"}),
                               table("civil.b", "b", "id", {"id", "citizen", "name"})};
  for (Table& one : tables) one.name = "\"main\".\"" + one.id.substr(6) + "\"";
  yaml::Diagnostics diagnostics;
  const auto root = yaml::parse_document("desk.yaml", R"yaml(person:
  base: a
  sources:
    a: {table: civil.a, codes: {citizen_id: citizen}, items: {name: name}}
    b: {table: civil.b, codes: {citizen_id: citizen}, items: {name: name}}
  items:
    name: {from: [a, b], standard: person}
)yaml",
                                         diagnostics);
  yaml::MapReader reader(&*root, "records", diagnostics);
  const RecordsConfig config = read_records(reader, tables);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  Records records(database, config, {});
  records.build(1);
  CHECK(database.scalar("SELECT count(*) FROM base_record") == 3);
  CHECK(database.scalar("SELECT pieces FROM base_record WHERE record = 'id:11010519491231002X'") == 2);
  CHECK(database.scalar("SELECT differs FROM base_item WHERE record = 'id:11010519491231002X'") == 0);
}

TEST_CASE("records: what desk.yaml gets wrong is told with its line, in one run", "[records]") {
  std::string text = good_yaml;
  const auto replace = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("table: tax.registration", "table: tax.registratio");
  replace("items: {name: organisation_name}", "items: {name: organisation_nam}");
  replace("rule: newest", "rule: latest");
  replace("person: {from: [commerce, unlicensed]", "person: {from: [commerce, quality]");
  replace("base: commerce", "base: commerc");
  replace("standard: address}", "standard: address, colour: red}");
  yaml::Diagnostics diagnostics;
  config_from(text, diagnostics);
  unsigned unknown = 0;
  for (const yaml::Diagnostic& finding : diagnostics.all())
    if (finding.code == "QZ-DSK-202") {
      ++unknown;
      CHECK(finding.place.line > 0);
    }
  INFO(diagnostics.render());
  CHECK(unknown >= 4);
  CHECK(diagnostics.errors() >= 6);
}
