// Each kind of comparison rule on a few rows whose findings can be told by looking at them.
#include "hub-protocol/base/error.h"
#include "tests/support/throws.h"
#include "tests/unit/desk_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::string commerce_and_tax = R"(
CREATE TABLE opening(reg TEXT PRIMARY KEY, name TEXT, since TEXT, area TEXT, phone TEXT);
CREATE TABLE closing(reg TEXT PRIMARY KEY, since TEXT);
CREATE TABLE code(org TEXT PRIMARY KEY, reg TEXT);
CREATE TABLE tax(id TEXT PRIMARY KEY, reg TEXT, org TEXT, name TEXT, area TEXT);
CREATE TABLE tax_closing(id TEXT PRIMARY KEY, reg TEXT, org TEXT);
)";

const std::string tables = R"(tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: closing, table: received.closing, key: [reg]}
  - {id: code, table: received.code, key: [org]}
  - {id: tax, table: received.tax, key: [id]}
  - {id: tax_closing, table: received.tax_closing, key: [id]}
  - {id: exemption, table: exemption, key: [reg]}
)";

const std::string unregistered = tables + R"(holidays: {file: holidays.csv}
rules:
  - id: unregistered
    kind: missing
    title: 应办未办税务登记
    base: {table: opening, subject: reg, since: since, area: area, name: name, detail: [phone]}
    parties:
      - party: tax
        table: tax
        join:
          - reg
          - {base: reg, through: {table: code, enters: reg, leaves: org}, item: org}
    exempt:
      - {table: exemption, join: reg, for: tax}
      - {table: closing, join: reg}
    notice: 20d
    warning: 30d
    on_change: true
)";

const std::string own_exemption = "CREATE TABLE exemption(reg TEXT PRIMARY KEY)";

DeskWorld opened_world(const std::string& yaml) { return {yaml, commerce_and_tax, own_exemption}; }

void write_holidays(DeskWorld& world) {
  // The May week of 2004; Saturday the 8th and Sunday the 9th were worked.
  std::ofstream file(world.dir / "holidays.csv");
  file << "date,kind\n";
  for (int day = 1; day <= 7; ++day) file << "2004-05-0" << day << ",off\n";
  file << "2004-05-08,work\n2004-05-09,work\n";
}

}  // namespace

TEST_CASE("S1.7 a firm is noticed on day 20 and warned of after day 30, extended over days off") {
  DeskWorld world(tables, commerce_and_tax, own_exemption);
  write_holidays(world);
  world.open(unregistered);
  // Day 30 is Saturday 2004-05-01: with the holidays the last day is Saturday the 8th, which was worked.
  world.writer->execute("INSERT INTO opening VALUES ('R1', '某公司', '2004-04-01', '330102', '88001')");
  const std::vector<std::pair<std::string, std::vector<std::string>>> days = {
      {"2004-04-20", {}},
      {"2004-04-21", {"R1 tax notice"}},
      {"2004-05-02", {"R1 tax notice"}},
      {"2004-05-08", {"R1 tax notice"}},
      {"2004-05-09", {"R1 tax warning"}},
  };
  world.run_plan();
  for (const auto& [date, found] : days) {
    INFO(date);
    world.day(date);
    world.changes("unregistered");
    CHECK(world.open_findings("unregistered") == found);
  }
  CHECK(world.store->database().scalar("SELECT count(*) FROM finding WHERE title = '某公司' AND area = '330102' AND"
                                       " since = '2004-04-01' AND detail = '{\"phone\":\"88001\"}'") == 1);
}

TEST_CASE("S2.2 a registration by any of the codes, an exemption or a deregistration closes the warning") {
  DeskWorld world(tables, commerce_and_tax, own_exemption);
  write_holidays(world);
  world.open(unregistered);
  world.run_plan();
  world.day("2008-03-31");
  for (const char* firm : {"R1", "R2", "R3", "R4", "R5"})
    world.writer->prepare("INSERT INTO opening VALUES (?1, 'x', '2008-02-01', '440104', '')").bind(1, firm).run();
  world.writer->execute(
      "INSERT INTO opening VALUES ('R6', 'no date', NULL, '440104', ''), ('', 'no code', '2008-01-01', "
      "'', ''), (NULL, 'no code', '2008-01-01', '', '')");
  world.changes("unregistered");
  CHECK(world.open_findings("unregistered") == Texts{"R1 tax warning", "R2 tax warning", "R3 tax warning",
                                                     "R4 tax warning", "R5 tax warning", "R6 tax notice"});
  world.writer->execute(
      "INSERT INTO tax VALUES ('T1', 'R1', '', 'x', ''), ('T2', NULL, 'O2', 'x', ''),"
      " ('T3', '', '', 'no code at all', '')");
  const desk::Judgement first = world.changes("unregistered");
  CHECK_FALSE(first.full);
  CHECK(first.closed == 1);
  // The organisation code comes later than the tax registration that names it.
  world.writer->execute("INSERT INTO code VALUES ('O2', 'R2'), ('', 'R5')");
  CHECK(world.changes("unregistered").closed == 1);
  world.store->database().execute("INSERT INTO exemption VALUES ('R3')");
  CHECK(world.changes("unregistered").closed == 1);
  world.writer->execute("INSERT INTO closing VALUES ('R4', '2008-03-30')");
  CHECK(world.changes("unregistered").closed == 1);
  CHECK(world.open_findings("unregistered") == Texts{"R5 tax warning", "R6 tax notice"});
  // It comes back as the same finding.
  world.writer->execute("DELETE FROM tax WHERE id = 'T1'");
  CHECK(world.changes("unregistered").opened == 1);
  CHECK(world.store->database().scalar("SELECT count(*) FROM finding WHERE subject = 'R1'") == 1);
  CHECK(world.changes("unregistered").touched == 0);
}

TEST_CASE("S1.6 S2.2 deregistered at one and not at the other, both ways") {
  DeskWorld world = opened_world(tables + R"(rules:
  - id: tax_left
    kind: contradiction
    title: 已办工商注销未办税务注销
    base: {table: closing, subject: reg, since: since}
    parties: [{party: tax, table: tax, join: reg}]
    exempt: [{table: tax_closing, join: reg}]
    warning: 15d
  - id: commerce_left
    kind: contradiction
    title: 已办税务注销未办工商注销
    level: notice
    base: {table: tax_closing, subject: reg}
    parties: [{party: commerce, table: opening, join: reg, unless: {area: ["110000"]}}]
    exempt: [{table: closing, join: reg}]
)");
  world.writer->execute(R"(
INSERT INTO opening(reg, area) VALUES ('R1', ''), ('R2', ''), ('R3', ''), ('R4', ''), ('R5', '110000');
INSERT INTO closing VALUES ('R1', '2007-12-01'), ('R2', '2007-12-01'), ('R3', '2007-12-25');
INSERT INTO tax(id, reg) VALUES ('T1', 'R1'), ('T2', 'R2'), ('T3', 'R3'), ('T4', 'R4'), ('T5', 'R5');
INSERT INTO tax_closing(id, reg) VALUES ('T2', 'R2'), ('T4', 'R4'), ('T5', 'R5'))");
  CHECK(world.changes("tax_left").opened == 1);
  CHECK(world.open_findings("tax_left") == Texts{"R1 tax warning"});
  CHECK(world.changes("commerce_left").opened == 1);
  CHECK(world.open_findings("commerce_left") == Texts{"R4 commerce notice"});
  world.day("2008-01-10");
  CHECK(world.changes("tax_left").opened == 1);
  CHECK(world.open_findings("tax_left") == Texts{"R1 tax warning", "R3 tax warning"});
}

TEST_CASE("S1.8 S2.7 an item that differs is told with both values, writing alone is no difference") {
  DeskWorld world = opened_world(tables + R"(rules:
  - id: names
    kind: difference
    title: 名称不一致
    base: {table: opening, subject: reg, name: name, area: area}
    parties:
      - party: tax
        table: tax
        join: reg
        items:
          - {item: name, as: name}
          - {item: area, as: exact, skip_empty: true}
)");
  world.writer->execute(R"(
INSERT INTO opening(reg, name, area) VALUES ('R1', '杭州（西湖）ABC公司', '330106'), ('R2', '甲公司', '330106'),
  ('R3', '丙公司', '330106'), ('R4', '无登记', '330106');
INSERT INTO tax(id, reg, name, area) VALUES ('T1', 'R1', '杭州(西湖) ＡＢＣ公司', ''), ('T2', 'R2', '乙公司', '330106'),
  ('T3', 'R3', '丙公司', '330102'), ('T5', 'R5', '无工商', '330106'))");
  CHECK(world.changes("names").opened == 2);
  CHECK(world.open_findings("names") == Texts{"R2 tax warning", "R3 tax warning"});
  const auto detail = [&](const std::string& subject) {
    sqlite::Statement row = world.store->database().prepare("SELECT detail FROM finding WHERE subject = ?1");
    row.bind(1, subject);
    return row.step() ? row.text(0) : std::string();
  };
  CHECK(detail("R2") == R"({"name":["甲公司","乙公司"]})");
  CHECK(detail("R3") == R"({"area":["330106","330102"]})");
}

TEST_CASE("S2.12 a household that got eight quilts from two offices is found, one quilt a winter is not") {
  DeskWorld world(R"(tables:
  - {id: civil, table: received.civil, key: [id]}
  - {id: charity, table: received.charity, key: [id]}
rules:
  - id: quilts
    kind: duplicate
    title: 同一户重复发放
    most: 1
    within: 180d
    tables:
      - {table: civil, group: [household, kind], since: given, area: area, name: head}
      - {table: charity, group: [family, goods], since: day, amount: pieces, where: {goods: quilt}}
)",
                  R"(
CREATE TABLE civil(id TEXT PRIMARY KEY, household TEXT, kind TEXT, given TEXT, area TEXT, head TEXT);
CREATE TABLE charity(id TEXT PRIMARY KEY, family TEXT, goods TEXT, day TEXT, pieces TEXT);
INSERT INTO civil VALUES ('1', 'H1', 'quilt', '2007-12-01', '440104', '王'),
  ('2', 'H1', 'quilt', '2008-01-20', '440104', '王'), ('3', 'H1', 'quilt', '2008-02-01', '440104', '王'),
  ('4', 'H2', 'quilt', '2006-12-01', '440104', '李'),
  ('5', 'H2', 'quilt', '2007-12-01', '440104', '李'), ('6', 'H3', 'rice', '2008-01-01', '440104', '张'),
  ('7', '', 'quilt', '2008-01-01', '', ''), ('8', '', 'quilt', '2008-01-01', '', '');
INSERT INTO charity VALUES ('1', 'H1', 'quilt', '2008-01-25', '5'), ('2', 'H3', 'quilt', '2008-01-01', '1'),
  ('3', 'H4', 'rice', '2008-01-01', '9'))");
  CHECK(world.changes("quilts").opened == 1);
  CHECK(world.open_findings("quilts") == Texts{"H1/quilt  warning"});
  CHECK(world.store->database().scalar("SELECT json_extract(detail, '$.total') FROM finding") == 8);
  CHECK(world.store->database().scalar("SELECT count(*) FROM finding WHERE since = '2008-01-20'") == 1);
  world.run_plan();
  world.changes("quilts");
  world.writer->execute("UPDATE charity SET family = 'H2', pieces = '1' WHERE id = '1'");
  const desk::Judgement moved = world.changes("quilts");
  CHECK_FALSE(moved.full);
  CHECK(moved.touched == 2);
  CHECK(world.open_findings("quilts") == Texts{"H1/quilt  warning", "H2/quilt  warning"});
}

TEST_CASE("S2.2 free SQL finds what no other kind does, and only such SQL is taken") {
  const auto with = [](const std::string& sql) {
    return tables +
           "rules:\n  - id: free\n    kind: sql\n    title: 自由规则\n    touched_by: [{table: tax, item: reg}]\n" +
           "    sql: |\n      " + sql + "\n";
  };
  DeskWorld world = opened_world(with(
      "SELECT reg AS subject, 'tax' AS party, NULL AS area, max(name) AS title, qz_today() AS since, 'x' AS level, "
      "json_object('n', count(*)) AS detail FROM tax GROUP BY reg HAVING count(*) > 1"));
  world.run_plan();
  world.writer->execute("INSERT INTO tax(id, reg) VALUES ('T1', 'R1'), ('T2', 'R1'), ('T3', 'R3')");
  CHECK(world.changes("free").opened == 1);
  CHECK(world.open_findings("free") == Texts{"R1 tax warning"});
  world.writer->execute("UPDATE tax SET reg = 'R3' WHERE id = 'T2'");
  const desk::Judgement moved = world.changes("free");
  CHECK_FALSE(moved.full);
  CHECK(world.open_findings("free") == Texts{"R3 tax warning"});
  check_throws("QZ-DSK-002", [&] { world.open(with("SELECT reg AS subject FROM tax")); });
  check_throws("QZ-DSK-002", [&] { world.open(with("DELETE FROM finding")); });
  check_throws("QZ-DSK-002", [&] { world.open(with("SELECT 1); DELETE FROM finding; --")); });
}

TEST_CASE("S1.6 a rule or a holiday that was changed is judged anew, one that is gone leaves nothing open") {
  DeskWorld world(tables, commerce_and_tax, own_exemption);
  write_holidays(world);
  world.open(unregistered);
  world.run_plan();
  world.writer->execute(
      "INSERT INTO opening VALUES ('R1', 'x', '2007-12-01', '', ''), ('R2', 'x', '2007-12-11', '', '')");
  CHECK(world.changes("unregistered").full);
  CHECK(world.open_findings("unregistered") == Texts{"R1 tax warning", "R2 tax notice"});
  CHECK_FALSE(world.changes("unregistered").full);
  // Without the holiday table New Year's day of 2008, a Tuesday, counts; with it day 20 of R2 moves to the 2nd.
  std::ofstream(world.dir / "holidays.csv") << "date,kind\n2007-12-31,off\n2008-01-01,off\n";
  world.open();
  CHECK(world.changes("unregistered").full);
  CHECK(world.open_findings("unregistered") == Texts{"R1 tax notice"});
  world.open(tables);
  CHECK(world.judge->close_forgotten() == 1);
  CHECK(world.open_findings("unregistered").empty());
}

TEST_CASE("P21 a change is not missed when triggers are gone, the log is or the clock went back") {
  DeskWorld world(tables, commerce_and_tax, own_exemption);
  write_holidays(world);
  world.open(unregistered);
  CHECK_FALSE(world.judge->changes().missing().empty());
  world.run_plan();
  CHECK(world.judge->changes().missing().empty());
  world.changes("unregistered");
  world.writer->execute(
      "DROP TRIGGER qz_desk_opening_insert; INSERT INTO opening VALUES ('R1', 'x', '2007-01-01', '', '')");
  CHECK(world.changes("unregistered").full);
  CHECK(world.open_findings("unregistered").size() == 1);
  CHECK(world.judge->changes().missing() == Texts{"received.opening: triggers"});
  world.run_plan();
  CHECK_FALSE(world.changes("unregistered").full);
  world.day("2007-01-10");
  CHECK(world.changes("unregistered").full);
  CHECK(world.open_findings("unregistered").empty());
  world.writer->execute("INSERT INTO tax(id) VALUES ('T1')");
  world.changes("unregistered");
  world.writer->execute("DELETE FROM desk_change");
  world.day("2008-01-01");
  CHECK(world.changes("unregistered").full);
  CHECK(world.open_findings("unregistered").size() == 1);
}

TEST_CASE("S1.7 what the adapter writes for itself is no change, and its own statements never fail for the triggers") {
  DeskWorld world(R"(tables:
  - {id: opening, source: commerce-01, table: received.opening, key: [reg], columns: {since: opened_on}}
rules:
  - id: unregistered
    kind: missing
    title: t
    base: {table: opening, subject: reg, since: since}
    parties: [{party: none, table: opening, join: {base: since, item: reg}}]
    warning: 1d
)",
                  R"(
CREATE TABLE opening(reg TEXT PRIMARY KEY, opened_on TEXT, octets BLOB, qz_origin TEXT, qz_group TEXT, qz_seen TEXT,
  qz_deleted INTEGER DEFAULT 0);
INSERT INTO opening VALUES ('R1', '2007-01-01', x'00ff', 'commerce-01', 'a', '1', 0), ('R2', '2007-01-01', NULL,
  'other-01', 'a', '1', 0), ('R3', '2007-01-01', NULL, 'commerce-01', 'a', '1', 1))");
  world.run_plan();
  world.changes("unregistered");
  CHECK(world.open_findings("unregistered") == Texts{"R1 none warning"});
  world.writer->execute("UPDATE opening SET qz_seen = '2', qz_group = 'b'");
  CHECK(world.changes("unregistered").touched == 0);
  world.writer->execute(
      "INSERT OR IGNORE INTO opening VALUES ('R4', '2007-01-01', x'ff', 'commerce-01', '', '', 0);"
      "UPDATE opening SET qz_deleted = 0 WHERE reg = 'R3';"
      "UPDATE OR IGNORE opening SET qz_deleted = 1 WHERE reg = 'R1'");
  CHECK_FALSE(world.changes("unregistered").full);
  CHECK(world.open_findings("unregistered") == Texts{"R3 none warning", "R4 none warning"});
}

TEST_CASE("S2.2 whatever octets a key holds, its changes are judged") {
  DeskWorld world(tables, commerce_and_tax, own_exemption);
  write_holidays(world);
  world.open(unregistered);
  world.run_plan();
  world.changes("unregistered");
  const std::vector<std::string> keys = {"\"",    "\\",   "\\\"", "'", "%_*[a]", "R\n1",
                                         "R\x01", "啊𠮷", "null", "1", "01",     " "};
  std::size_t judged = 0;
  for (const std::string& key : keys) {
    INFO(key);
    world.writer->prepare("INSERT INTO opening(reg, since) VALUES (?1, '2007-01-01')").bind(1, key).run();
    const desk::Judgement opened = world.changes("unregistered");
    CHECK(opened.opened == 1);
    CHECK(opened.full == (key.find_first_of("\n\x01") != std::string::npos));
    CHECK(world.open_findings("unregistered").size() == ++judged);
  }
  for (const std::string& key : keys) {
    INFO(key);
    world.writer->prepare("INSERT INTO tax(id, reg) VALUES (?1, ?1)").bind(1, key).run();
    CHECK(world.changes("unregistered").closed == 1);
  }
  CHECK(world.open_findings("unregistered").empty());
}

TEST_CASE("S1.10 a view of desk.db, as base records are, is judged whole and gets no triggers") {
  DeskWorld world(R"(tables:
  - {id: base_firm, table: base_firm, key: [reg]}
  - {id: opening, table: received.opening, key: [reg]}
rules:
  - id: unknown
    kind: missing
    title: t
    base: {table: opening, subject: reg}
    parties: [{party: records, table: base_firm, join: reg}]
)",
                  commerce_and_tax,
                  "CREATE TABLE record(reg TEXT); CREATE VIEW base_firm AS SELECT reg FROM record;"
                  "INSERT INTO record VALUES ('R1')");
  world.run_plan();
  world.writer->execute("INSERT INTO opening(reg) VALUES ('R1'), ('R2')");
  world.changes("unknown");
  CHECK(world.open_findings("unknown") == Texts{"R2 records warning"});
  world.store->database().execute("INSERT INTO record VALUES ('R2')");
  CHECK(world.changes("unknown").closed == 1);
}

TEST_CASE("S2.2 what does not fit the tables or the language of rules is told before anything runs") {
  DeskWorld world = opened_world(tables);
  const auto findings_of = [&](const std::string& rules) {
    std::ofstream(world.dir / "bad.yaml") << "version: 1\ndesk: {id: d}\ndatabase: desk.db\nreceived:\n"
                                          << "  - {name: received, file: received.db}\n"
                                          << tables << rules;
    yaml::Diagnostics diagnostics;
    desk::load_desk(world.dir / "bad.yaml", diagnostics);
    Texts codes;
    for (const auto& found : diagnostics.all()) codes.push_back(found.code);
    return codes;
  };
  const std::string head = "rules:\n  - id: r\n    kind: missing\n    title: t\n";
  CHECK(findings_of(head +
                    "    base: {table: openings, subject: reg}\n    parties: [{party: p, table: tax, join: reg}]\n") ==
        Texts{"QZ-CFG-030"});
  CHECK(findings_of(head + "    base: {table: opening, subject: reg}\n") == Texts{"QZ-CFG-013"});
  CHECK(findings_of(head +
                    "    base: {table: opening, subject: reg}\n    parties: [{party: p, table: tax, join: reg}]\n"
                    "    warning: 30h\n") == Texts{"QZ-CFG-013", "QZ-CFG-019"});
  CHECK(findings_of(head + "    base: {table: opening, subject: reg, sinse: x}\n"
                           "    parties: [{party: p, table: tax, join: reg}]\n") == Texts{"QZ-CFG-012"});
  check_throws("QZ-DSK-001", [&] {
    world.open(tables + head +
               "    base: {table: opening, subject: nothing}\n    parties: [{party: p, table: tax, join: reg}]\n");
  });
  check_throws("QZ-DSK-003", [&] {
    DeskWorld other = opened_world(tables);
    other.judge->rule("nothing");
  });
}
