// Base records over received tables in a second SQLite file, as the agent writes them.
#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "agent/desk/records/records.h"
#include "agent/desk/records/schema.h"
#include "agent/desk/records/suggestions.h"
#include "agent/mapping/check_digits.h"
#include "hub-protocol/yaml/document.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::desk;
using namespace qianzhi::desk::records;

namespace {

constexpr const char* received_schema = R"sql(
CREATE TABLE opening(registration_number TEXT PRIMARY KEY, enterprise_name TEXT, domicile TEXT, person TEXT,
                     establishment_date TEXT, qz_origin TEXT, qz_seen TEXT);
CREATE TABLE certificate(organisation_code TEXT PRIMARY KEY, registration_number TEXT, organisation_name TEXT,
                         issue_date TEXT);
CREATE TABLE tax(taxpayer_id TEXT PRIMARY KEY, registration_number TEXT, taxpayer_name TEXT, registered_address TEXT,
                 tax_registration_date TEXT);
CREATE TABLE unlicensed(source_row_id TEXT PRIMARY KEY, name TEXT, address TEXT, person TEXT);
CREATE TABLE desk_change(seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, key TEXT,
                         UNIQUE(source, key) ON CONFLICT REPLACE);
)sql";

// json_array() must not stand in a schema: with trusted_schema off SQLite 3.40 refuses the statement that fires it.
std::string trigger(const std::string& table, const std::string& key) {
  std::string sql;
  for (const std::string event : {"INSERT", "UPDATE", "DELETE"})
    for (const std::string row : {"NEW", "OLD"}) {
      if ((event == "INSERT" && row == "OLD") || (event == "DELETE" && row == "NEW")) continue;
      sql += "CREATE TRIGGER " + table + "_" + event + row + " AFTER " + event + " ON " + table +
             " BEGIN INSERT INTO desk_change(source, key) VALUES('" + table + "', '[\"' || " + row + "." + key +
             " || '\"]'); END;\n";
    }
  return sql;
}

Table table(const std::string& id, const std::string& name, const std::string& key,
            const std::vector<std::string>& columns) {
  Table made;
  made.id = id;
  made.name = "\"received\".\"" + name + "\"";
  made.key = {key};
  for (const std::string& column : columns) made.columns[column] = column;
  return made;
}

const std::vector<Table>& all_tables() {
  static const std::vector<Table> tables = {
      table("commerce.opening_registration", "opening", "registration_number",
            {"registration_number", "enterprise_name", "domicile", "person", "establishment_date", "qz_seen"}),
      table("quality.code_certificate_issue", "certificate", "organisation_code",
            {"organisation_code", "registration_number", "organisation_name", "issue_date"}),
      table("tax.registration", "tax", "taxpayer_id",
            {"taxpayer_id", "registration_number", "taxpayer_name", "registered_address", "tax_registration_date"}),
      table("commerce.unlicensed", "unlicensed", "source_row_id", {"source_row_id", "name", "address", "person"}),
  };
  return tables;
}

std::vector<ChangeFile> change_files() {
  return {{"\"received\".\"desk_change\"",
           {{"opening", "commerce.opening_registration"},
            {"certificate", "quality.code_certificate_issue"},
            {"tax", "tax.registration"},
            {"unlicensed", "commerce.unlicensed"}}}};
}

constexpr const char* good_yaml = R"yaml(records:
  firm:
    base: commerce
    match: {name: name, person: person, address: address}
    sources:
      commerce:
        table: commerce.opening_registration
        time: establishment_date
        codes: {registration_number: registration_number}
        items: {name: enterprise_name, address: domicile, person: person}
      quality:
        table: quality.code_certificate_issue
        time: issue_date
        codes: {registration_number: registration_number, organisation_code: organisation_code}
        items: {name: organisation_name}
      tax:
        table: tax.registration
        time: tax_registration_date
        codes: {registration_number: registration_number, taxpayer_id: taxpayer_id}
        items: {name: taxpayer_name, address: registered_address}
      unlicensed:
        table: commerce.unlicensed
        items: {name: name, address: address, person: person}
    items:
      name: {from: [commerce, quality, tax, unlicensed], standard: name}
      address: {from: [commerce, tax, unlicensed], rule: newest, standard: address}
      person: {from: [commerce, unlicensed], rule: authoritative}
)yaml";

RecordsConfig config_from(const std::string& text, yaml::Diagnostics& diagnostics) {
  const auto root = yaml::parse_document("desk.yaml", text, diagnostics);
  REQUIRE(root);
  yaml::MapReader reader(&*root, "", diagnostics);
  yaml::MapReader records = reader.map("records", true);
  return read_records(records, all_tables());
}

RecordsConfig good_config() {
  yaml::Diagnostics diagnostics;
  RecordsConfig config = config_from(good_yaml, diagnostics);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  return config;
}

// The received file has a writer of its own, like the agent.
struct Desk {
  Desk() {
    received.execute(received_schema);
    received.execute(trigger("opening", "registration_number"));
    received.execute(trigger("certificate", "organisation_code"));
    received.execute(trigger("tax", "taxpayer_id"));
    received.execute(trigger("unlicensed", "source_row_id"));
    attach(database);
  }
  void attach(sqlite::Database& to) const {
    to.execute("ATTACH 'file:" + (folder / "received.db").string() + "?mode=ro' AS received");
  }
  std::string text(const std::string& sql) {
    sqlite::Statement query = database.prepare(sql);
    return query.step() ? query.text(0) : "nothing";
  }
  std::string item(const std::string& record, const std::string& item) {
    return text("SELECT value || '|' || source || '|' || time || '|' || differs FROM base_item WHERE record = '" +
                record + "' AND item = '" + item + "'");
  }
  std::int64_t count(const std::string& sql) { return database.scalar(sql).value_or(-1); }

  test::TempDir folder;
  sqlite::Database received{folder / "received.db", {}};
  sqlite::Database database{folder / "desk.db", {}};
  RecordsConfig config = good_config();
  Records records{database, config, change_files()};
};

const std::string organisation = "71526726X";
const std::string number = "440301103448669";

// Everything that both ways must agree on.
std::vector<std::string> content_of(sqlite::Database& database) {
  std::vector<std::string> lines;
  for (const char* sql :
       {"SELECT record, kind, state, pieces, disputed, registration, organisation, credit FROM base_record ORDER BY 1",
        "SELECT record, item, value, source, key, time, differs FROM base_item ORDER BY 1, 2",
        "SELECT code, record, code_kind FROM base_code ORDER BY 1, 2",
        "SELECT source, key, strong, weak, credit, contradicts, record FROM base_piece ORDER BY 1, 2"}) {
    sqlite::Statement query = database.prepare(sql);
    while (query.step()) {
      std::string line;
      for (int i = 0; i < query.columns(); ++i) line += query.text(i) + "|";
      lines.push_back(line);
    }
  }
  return lines;
}

std::string made_organisation(unsigned i) {
  std::string body = std::to_string(70000000 + i * 37);
  return body + mapping::organisation_code_check_digit(body);
}

std::string made_number(unsigned i) {
  std::string body = std::to_string(44030110000000 + i * 11);
  return body + mapping::registration_number_check_digit(body);
}

// Changes the received tables at random, with few codes, so that they meet and part often.
class Randomly {
 public:
  Randomly(sqlite::Database& received, unsigned seed) : received_(received), random_(seed) {}

  void change() {
    switch (below(8)) {
      case 0:
      case 1:
        put("INSERT OR REPLACE INTO opening VALUES(?, ?, ?, ?, ?, 'a', '2026')",
            {made_number(below(8)), name(), "广州市天河区体育西路" + std::to_string(below(9)) + "号", "张" + name(),
             date()});
        break;
      case 2:
      case 3:
        put("INSERT OR REPLACE INTO certificate VALUES(?, ?, ?, ?)",
            {made_organisation(below(8)), any_number(), name(), date()});
        break;
      case 4:
        put("INSERT OR REPLACE INTO tax VALUES(?, ?, ?, ?, ?)",
            {"440301" + made_organisation(below(8)), any_number(), name(), "体育西路1号", date()});
        break;
      case 5:
        put("INSERT OR REPLACE INTO unlicensed VALUES(?, ?, ?, ?)", {std::to_string(below(5)), name(), "", ""});
        break;
      case 6: put("DELETE FROM opening WHERE registration_number = ?", {made_number(below(8))}); break;
      default:
        put("DELETE FROM certificate WHERE organisation_code = ?", {made_organisation(below(8))});
        put("DELETE FROM tax WHERE taxpayer_id = ?", {"440301" + made_organisation(below(8))});
        put("DELETE FROM unlicensed WHERE source_row_id = ?", {std::to_string(below(5))});
    }
  }
  unsigned below(std::size_t limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  void put(const std::string& sql, const std::vector<std::string>& values) {
    sqlite::Statement statement = received_.prepare(sql);
    for (std::size_t i = 0; i < values.size(); ++i) statement.bind(static_cast<int>(i) + 1, values[i]);
    statement.run();
  }
  std::string name() { return "广州第" + std::to_string(below(4)) + "贸易有限公司"; }
  std::string date() { return "2006-03-0" + std::to_string(1 + below(4)); }
  std::string any_number() { return below(4) == 0 ? "" : made_number(below(8)); }

  sqlite::Database& received_;
  std::mt19937 random_;
};

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

TEST_CASE("S1.10: changes taken one by one come to what a full build comes to", "[records]") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    Desk desk;
    desk.records.build(1);
    Randomly randomly(desk.received, seed);
    for (int round = 0; round < 40; ++round) {
      const unsigned changes = 1 + randomly.below(5);
      for (unsigned i = 0; i < changes; ++i) randomly.change();
      while (desk.records.catch_up(2, 1 + randomly.below(4)).changes != 0) {
      }
      if (round % 4 != 3) continue;
      sqlite::Database other(desk.folder / ("full" + std::to_string(round) + ".db"), {});
      desk.attach(other);
      Records full(other, desk.config, change_files());
      full.build(1);
      const std::vector<std::string> expected = content_of(other);
      INFO("seed " << seed << " round " << round);
      REQUIRE(content_of(desk.database) == expected);
    }
    // And a full build over what is there changes nothing.
    const std::vector<std::string> before = content_of(desk.database);
    desk.records.build(9);
    CHECK(content_of(desk.database) == before);
    CHECK(desk.count("SELECT count(*) FROM base_history WHERE at = 9") == 0);
  }
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
