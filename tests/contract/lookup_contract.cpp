// What every database that answers questions must do (S2.8), directly and through the process; those that answer none
// say so.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/licences.h"
#include "tests/support/throws.h"

namespace qianzhi::test::contract {

namespace {

using adapter::Finding;
using adapter::Found;
using adapter::Severity;
using Lines = std::vector<std::string>;

std::vector<Finding> of_code(const std::vector<Finding>& findings, const std::string& code) {
  std::vector<Finding> found;
  for (const Finding& finding : findings)
    if (finding.code == code) found.push_back(finding);
  return found;
}

// Two thousand rows, c0 to c1999, those of a number that ten divides twice.
void install_many(Fixture& fixture) {
  std::string script;
  for (int i = 0; i < 2000; ++i) {
    const std::string code = "'c" + std::to_string(i) + "', 'n'";
    script += (i % 500 == 0 ? "INSERT INTO licence(id, code, name) VALUES" : ",");
    script += "(" + std::to_string(1000 + i) + ", " + code + ")";
    if (i % 10 == 0) script += ",(" + std::to_string(10'000 + i) + ", " + code + ")";
    if (i % 500 == 499) script += ";";
  }
  fixture.run(script);
}

}  // namespace

TEST_CASE("S2.8 an adapter that answers no questions says so, and one that does greets it") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (has_lookup(*fixture)) {
    install_licences(*fixture);
    CHECK(ask(*fixture->adapter().open_lookup(licence_spec(*fixture)), 1, {"1"}) == Lines{"0: 1|first"});
    return;
  }
  check_throws("QZ-ADP-021",
               [&] { fixture->adapter().open_lookup(licence_spec(*fixture))->find(1, {column_of({"1"})}, 1, {}); });
}

TEST_CASE("S2.8 questions find one row, none, several or some, each with its number, and a null finds nothing") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  Found found = lookup->find(0, {column_of({"A1", "none", "<null>", "A2", "", "007", "A1"})}, 10, {});
  CHECK(found.answered == 7);
  CHECK(found.cut.empty());
  CHECK(found.unfit.empty());
  auto rows = rows_of(found);
  std::sort(rows.begin(), rows.end());
  CHECK(rows == Lines{"0: 1|first|2024-02-29|12.25", "3: 2|second|2024-03-01|100.25", "3: 3|<null>|2024-03-02|0.01",
                      "5: 4|bond|<null>|<null>", "6: 1|first|2024-02-29|12.25"});
  CHECK(std::is_sorted(found.question.begin(), found.question.end()));

  found = lookup->find(0, {column_of({"A1", "A2", "none"})}, 1, {});
  CHECK(found.answered == 3);
  CHECK(found.cut == std::vector<std::uint32_t>{1});
  CHECK(found.question == std::vector<std::uint32_t>{0, 1});

  found = lookup->find(2, {column_of({"A2", "A2", "A2"}), column_of({"2024-03-02", "2024-03-03", "<null>"})}, 10, {});
  CHECK(rows_of(found) == Lines{"0: 3|<null>"});
  found = lookup->find(6, {column_of({"A2", "A2", "A1"}), column_of({"0.01", "50", "13"})}, 10, {});
  rows = rows_of(found);  // their order is the database's own
  std::sort(rows.begin(), rows.end());
  CHECK(rows == Lines{"0: 2|second", "0: 3|<null>", "1: 2|second"});
  CHECK(lookup->find(0, {Column()}, 10, {}).answered == 0);
}

TEST_CASE("S2.8 values compare as their column's type does: 007 is not 7, and what is no such value finds nothing") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  Found found = lookup->find(0, {column_of({"007", "7", "07"})}, 10, {});
  CHECK(found.question == std::vector<std::uint32_t>{0, 1});
  const Lines numbers{"01",  "2",   "1.0",        "abc",        "", "99999999999999999999999", "4", "1 OR 1=1", " 1",
                      "1e0", "0x1", "9999999999", "9999999998", "5"};
  found = lookup->find(1, {column_of(numbers)}, 10, {});
  CHECK(found.answered == numbers.size());
  CHECK(rows_of(found) == Lines{"1: 2|second", "6: 4|bond", "13: 5|seven"});
  for (const std::uint32_t wrong : {0U, 2U, 3U, 4U, 7U, 8U, 9U, 10U}) {
    CAPTURE(wrong);
    CHECK(std::count(found.unfit.begin(), found.unfit.end(), wrong) == 1);
  }
  CHECK(ask(*lookup, 3, {"12.25", "100.25", "12.51", "NaN"}) == Lines{"0: 1|first", "1: 2|second"});
  CHECK(ask(*lookup, 5, {"2024-02-29", "2024-02-30", "today", "2024-2-29"}) == Lines{"0: 1|first"});
  auto padded = ask(*lookup, 4, {"AB"});
  std::sort(padded.begin(), padded.end());
  CHECK(padded == Lines{"0: 1|first", "0: 4|bond"});
}

TEST_CASE("S2.8 a thousand questions a call, and fewer are answered where the limits are reached") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  install_many(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  Lines questions;
  for (int i = 0; i < 1000; ++i) questions.push_back("c" + std::to_string(2 * i + 1000));
  const Found all = lookup->find(0, {column_of(questions)}, 10, {});
  CHECK(all.answered == 1000);
  CHECK(all.question.size() == 600);
  CHECK(all.cut.empty());

  const adapter::ReadLimits limits{100, 1U << 20U};
  std::size_t done = 0;
  std::size_t rows = 0;
  int calls = 0;
  while (done < questions.size()) {
    const Lines rest(questions.begin() + static_cast<std::ptrdiff_t>(done), questions.end());
    const Found found = lookup->find(0, {column_of(rest)}, 10, limits);
    REQUIRE(found.answered > 0);
    CHECK(found.question.size() <= 100);
    CHECK(found.cut.empty());
    for (const std::uint32_t question : found.question) CHECK(question < found.answered);
    done += found.answered;
    rows += found.question.size();
    ++calls;
  }
  CHECK(rows == 600);
  CHECK(calls >= 6);
  // The first question of a call is cut by the limits; any other waits for the next call.
  const Found narrow = lookup->find(0, {column_of({"c1000", "c1010"})}, 10, {1, 1U << 20U});
  CHECK(narrow.answered == 1);
  CHECK(narrow.cut == std::vector<std::uint32_t>{0});
  const Found behind = lookup->find(0, {column_of({"c1001", "c1010", "c1011"})}, 10, {2, 1U << 20U});
  CHECK(behind.answered == 1);
  CHECK(behind.question == std::vector<std::uint32_t>{0});
  CHECK(behind.cut.empty());
  const Found few = lookup->find(0, {column_of({"c1001", "c1010", "c1011"})}, 10, {100, 1});
  CHECK(few.answered == 1);
  CHECK(few.question.size() == 1);
  questions.push_back("one more");
  check_throws("QZ-ADP-063", [&] { lookup->find(0, {column_of(questions)}, 10, {}); });
  check_throws("QZ-ADP-063", [&] { lookup->find(0, {column_of({"a"}), column_of({"b"})}, 10, {}); });
  check_throws("QZ-ADP-063", [&] { lookup->find(7, {column_of({"a"})}, 10, {}); });
}

TEST_CASE("P28 a table that is altered under a lookup is read as it is, by the same lookup") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
  fixture->run("ALTER TABLE licence RENAME COLUMN name TO title; ALTER TABLE licence ADD COLUMN name INTEGER");
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|<null>"});
  fixture->run("ALTER TABLE licence DROP COLUMN name");
  check_throws("QZ-ADP-011", [&] { ask(*lookup, 1, {"1"}); });
  fixture->run("ALTER TABLE licence RENAME COLUMN title TO name");
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
}

TEST_CASE("S2.8 preflight says of a DBA's text as well whether a table is read whole") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto whole = [&](const std::string& text) {
    const auto lookup = fixture->adapter().open_lookup(text_spec(*fixture, text, {"x"}, {"id"}));
    const auto findings = lookup->preflight();
    CHECK(of_code(findings, "QZ-ADP-066").empty());
    return of_code(findings, "QZ-ADP-064");
  };
  const auto slow = whole("SELECT id FROM licence WHERE name = :x");
  REQUIRE(slow.size() == 1);
  CHECK(slow.front().detail.find("licence") != std::string::npos);
  CHECK(slow.front().cure.find("CREATE INDEX") == 0);
  CHECK(whole("SELECT id FROM licence WHERE code = :x").empty());
}

TEST_CASE("S2.8 preflight says what each lookup gives, what is missing, and which index would serve it") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  adapter::LookupSpec spec = licence_spec(*fixture);
  spec.statements.resize(2);
  spec.statements.push_back({"by_name", "licence", {"name"}, "", {}, {"id"}, {}});
  spec.statements.push_back({"by_nothing", "licence", {"nothing"}, "", {}, {"id"}, {}});
  spec.statements.push_back({"broken", "", {}, "SELECT id FROM licence WHERE nothing = :x", {"x"}, {"id"}, {}});
  const auto lookup = fixture->adapter().open_lookup(spec);
  auto findings = lookup->preflight();
  CHECK(std::count_if(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.severity == Severity::error; }) == 2);
  CHECK(of_code(findings, "QZ-ADP-011").size() >= 1);
  const auto slow = of_code(findings, "QZ-ADP-064");
  REQUIRE(slow.size() == 1);
  CHECK(slow.front().detail.find("by_name") != std::string::npos);
  fixture->run(slow.front().cure);
  findings = lookup->preflight();
  CHECK(of_code(findings, "QZ-ADP-064").empty());
  CHECK(std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
          return finding.severity == Severity::ok && finding.detail.find("lookup by_") == 0;
        }) == 3);
  CHECK(rows_of(lookup->find(0, {column_of({"A1"})}, 1, {})).size() == 1);
}

}  // namespace qianzhi::test::contract
