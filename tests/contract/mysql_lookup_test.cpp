// What only MariaDB has: columns in character sets that lack a question's characters, collations that hold different
// texts for equal, rights by column, connections that the DBA ends.
#include <catch2/catch.hpp>

#include "tests/contract/licences.h"
#include "tests/support/errors.h"

namespace qianzhi::test::contract {

namespace {

using Lines = std::vector<std::string>;

adapter::LookupSpec one_lookup(Fixture& fixture, adapter::LookupStatement statement) {
  adapter::LookupSpec spec;
  spec.connection = fixture.connection();
  spec.name = "one";
  spec.statements = {std::move(statement)};
  return spec;
}

bool warns(const std::vector<adapter::Finding>& findings) {
  for (const adapter::Finding& finding : findings)
    if (finding.severity != adapter::Severity::ok) return true;
  return false;
}

}  // namespace

TEST_CASE("A25 mariadb: a character that the column's set lacks never finds a question mark, and the index serves") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  const std::string charset = GENERATE("gbk COLLATE gbk_chinese_ci", "gb2312", "latin1", "utf8mb3");
  CAPTURE(charset);
  fixture->run("CREATE TABLE old(id INT PRIMARY KEY, name VARCHAR(40) CHARACTER SET " + charset +
               ", KEY (name)); INSERT INTO old VALUES(1, '?'), (2, '?x'), (3, 'ab'), (4, '')");
  if (charset != "latin1") fixture->run("INSERT INTO old VALUES(5, '中文'), (6, '中?')");
  const auto lookup =
      fixture->adapter().open_lookup(one_lookup(*fixture, {"by_name", "old", {"name"}, "", {}, {"id"}, {}}));
  const Lines asked{"𠮷", "中𠮷", "ab", "?", "𠮷x", "中文", ""};
  Lines expected{"2: 3", "3: 1", "6: 4"};
  if (charset != "latin1") expected = {"2: 3", "3: 1", "5: 5", "6: 4"};
  CHECK(ask(*lookup, 0, asked) == expected);
  CHECK_FALSE(warns(lookup->preflight()));
}

TEST_CASE("S2.8 mariadb: what a collation holds for equal is found, with the octets that the row has") {
  const auto fixture = make_fixture(Way::direct);
  fixture->run(
      "CREATE TABLE loose(name VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY, kind ENUM('', 'a', 'b'),"
      " big BIGINT UNSIGNED, at TIMESTAMP(6) NULL, seen DATETIME NULL, y YEAR, key(big), key(at), key(seen), key(y),"
      " key(kind));"
      "INSERT INTO loose VALUES('Ab ', 'b', 18446744073709551615, '2024-02-29 01:02:03.5', '2024-02-29 01:02:03', "
      "2024)");
  const auto found_by = [&](const std::string& column, const Lines& values) {
    const auto lookup =
        fixture->adapter().open_lookup(one_lookup(*fixture, {"x", "loose", {column}, "", {}, {"name"}, {}}));
    CHECK_FALSE(warns(lookup->preflight()));
    return ask(*lookup, 0, values);
  };
  CHECK(found_by("name", {"aB", "AB ", "ac"}) == Lines{"0: Ab ", "1: Ab "});
  CHECK(found_by("big", {"18446744073709551615", "18446744073709551616", "-1", "0"}) == Lines{"0: Ab "});
  CHECK(found_by("at", {"2024-02-29T01:02:03.500000Z", "2024-02-29T01:02:03Z"}) == Lines{"0: Ab "});
  CHECK(found_by("seen", {"2024-02-29T01:02:03", "2024-02-29T01:02:04"}) == Lines{"0: Ab "});
  CHECK(found_by("y", {"2024", "2025", "24"}) == Lines{"0: Ab "});
  CHECK(found_by("kind", {"b", "a", "2"}) == Lines{"0: Ab "});
}

TEST_CASE("S2.8 mariadb: a lookup without rights is told the GRANT, and the GRANT is enough") {
  const auto fixture = make_fixture(Way::direct);
  install_licences(*fixture);
  fixture->run(
      "CREATE OR REPLACE USER asker; GRANT USAGE ON *.* TO asker; CREATE TABLE open_to_all(id INT);"
      "GRANT SELECT ON open_to_all TO asker");
  adapter::LookupSpec spec = licence_spec(*fixture);
  spec.connection.options["user"] = "asker";
  spec.statements = {spec.statements[1], spec.statements[6]};
  const auto lookup = fixture->adapter().open_lookup(spec);
  auto findings = lookup->preflight();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].code == "QZ-MY-029");
  CHECK(findings[1].code == "QZ-MY-003");
  CHECK(findings[1].cure.find("TO 'asker'@'%';") != std::string::npos);
  fixture->run(findings[0].cure);
  CHECK(ask(*lookup, 0, {"1"}) == Lines{"0: 1|first"});
  CHECK(lookup->preflight()[0].severity == adapter::Severity::ok);
  fixture->run("DROP USER asker");
}

TEST_CASE("S2.8 mariadb: a connection that the DBA ends is made anew by the next call") {
  const auto fixture = make_fixture(Way::direct);
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
  const Rows others =
      fixture->query("SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB = 'department'");
  REQUIRE(others.size() == 1);  // bounded: one connection
  fixture->run("KILL " + others[0][0]);
  CHECK(thrown_by([&] { ask(*lookup, 1, {"1"}); }) == "unavailable QZ-MY-001");
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
}

}  // namespace qianzhi::test::contract
