// Questions and statements of people who mean harm, and lookups that take too long or whose adapter dies (S2.8, A25).
#include <catch2/catch.hpp>

#include "hub-protocol/base/bytes.h"
#include "tests/contract/licences.h"
#include "tests/support/errors.h"
#include "tests/support/throws.h"

namespace qianzhi::test::contract {

namespace {

using adapter::Found;
using Lines = std::vector<std::string>;

// Texts that would be code somewhere.
const Lines& hostile_texts() {
  static const Lines texts{"' OR '1'='1",
                           "x'; DROP TABLE licence; --",
                           "'; DELETE FROM licence; --",
                           "%",
                           "_",
                           "A%",
                           "\\",
                           "\\'",
                           "\\' OR 1=1 -- ",
                           "\"",
                           "`",
                           "a\nb",
                           "\t",
                           ":code",
                           "?",
                           "$1",
                           "@x",
                           "--",
                           "/*",
                           "*/",
                           ";",
                           "NULL",
                           "𠮷野家",
                           "㐂𣇉",
                           "é",
                           "１",
                           "' UNION SELECT name, id FROM licence --",
                           "${jndi}",
                           "{fn now()}"};
  return texts;
}

std::string literal(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

}  // namespace

TEST_CASE("A25 a question's value is never SQL: hostile texts find their own row and nothing else") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  Found found = lookup->find(0, {column_of(hostile_texts())}, 100, {});
  CHECK(found.answered == hostile_texts().size());
  CHECK(found.question.empty());
  for (std::size_t i = 0; i < hostile_texts().size(); ++i)
    fixture->run("INSERT INTO licence(id, code, amount) VALUES(" + std::to_string(100 + i) + ", " +
                 literal(hostile_texts()[i]) + ", 1)");
  const auto check = [&](std::size_t statement, const std::vector<Column>& questions, std::size_t id) {
    found = lookup->find(statement, questions, 100, {});
    REQUIRE(found.question.size() == hostile_texts().size());
    for (std::uint32_t i = 0; i < found.question.size(); ++i) {
      CAPTURE(hostile_texts()[i]);
      CHECK(found.question[i] == i);
      CHECK(found.columns[id].text(i) == std::to_string(100 + i));
    }
  };
  check(0, {column_of(hostile_texts())}, 0);
  check(6, {column_of(hostile_texts()), column_of(Lines(hostile_texts().size(), "1"))}, 0);
  CHECK(fixture->query("SELECT COUNT(*) FROM licence")[0][0] == std::to_string(5 + hostile_texts().size()));
}

TEST_CASE("A25 what is no text, or too long, finds nothing and does not disturb the questions beside it") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  const Lines questions{std::string("A1\0", 3),
                        "A1",
                        "\xFF\xFE",
                        "A1",
                        std::string(8U << 20U, 'x'),
                        "\xED\xA0\x80",
                        std::string(adapter::longest_question, 'y'),
                        "A1"};
  const Found found = lookup->find(0, {column_of(questions)}, 10, {});
  CHECK(found.answered == questions.size());
  CHECK(found.question == std::vector<std::uint32_t>{1, 3, 7});
  CHECK(found.unfit == std::vector<std::uint32_t>{0, 2, 4, 5});
}

TEST_CASE("A25 a text that is not one SELECT that reads is refused when it is opened") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto refused = [&](const std::string& text, const Lines& parameters) {
    const adapter::LookupSpec spec = text_spec(*fixture, text, parameters, {"id"});
    return thrown_by([&] {
      fixture->adapter().open_lookup(spec)->find(0, std::vector<Column>(parameters.size(), column_of({"1"})), 1, {});
    });
  };
  for (const char* text :
       {"DELETE FROM licence WHERE id = :x", "SELECT id FROM licence WHERE id = :x; DROP TABLE licence",
        "SELECT id FROM licence WHERE id = :x FOR UPDATE", "SELECT id INTO stolen FROM licence WHERE id = :x",
        "SELECT id FROM licence WHERE id = :x LOCK IN SHARE MODE", "CALL spoil(:x)",
        "WITH gone AS (DELETE FROM licence WHERE id = :x RETURNING id) SELECT id FROM gone",
        "SELECT id FROM licence WHERE name = :x OR name = 'open", "SELECT id FROM licence /* :x", "  ;  "}) {
    CAPTURE(text);
    CHECK(refused(text, {"x"}) == "misuse QZ-ADP-061");
  }
  CHECK(refused("SELECT id FROM licence WHERE id = :y", {"x"}) == "misuse QZ-ADP-060");
  CHECK(refused("SELECT id FROM licence WHERE name = ':x'", {"x"}) == "misuse QZ-ADP-060");
  CHECK(refused("SELECT id FROM licence", {}) == "misuse QZ-ADP-060");
  CHECK(refused("SELECT name FROM licence WHERE code = :x", {"x"}) == "misuse QZ-ADP-011");
  CHECK(fixture->query("SELECT COUNT(*) FROM licence")[0][0] == "5");
}

TEST_CASE("A25 a text whose function would write is stopped by the read-only transaction") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture) || fixture->spoiling_function().empty()) return;
  install_licences(*fixture);
  fixture->run(fixture->spoiling_function());
  const adapter::LookupSpec spec =
      text_spec(*fixture, "SELECT spoil() AS id, l.name FROM licence l WHERE l.code = :x", {"x"}, {"id"});
  const auto lookup = fixture->adapter().open_lookup(spec);
  check_throws("QZ-ADP-061", [&] { ask(*lookup, 0, {"A1"}); });
  CHECK(fixture->query("SELECT COUNT(*) FROM licence")[0][0] == "5");
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
}

TEST_CASE(
    "S2.8 a statement is stopped when its time is over, questions before it are answered, and the lookup goes on") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture) || fixture->slow_number().empty()) return;
  install_licences(*fixture);
  adapter::LookupSpec spec = text_spec(*fixture,
                                       "SELECT CASE WHEN l.code = '7' THEN (" + fixture->slow_number() +
                                           ") ELSE l.id END AS id FROM licence l WHERE l.code = :x",
                                       {"x"}, {"id"});
  spec.timeout = 300'000;
  const auto lookup = fixture->adapter().open_lookup(spec);
  const Found found = lookup->find(0, {column_of({"none", "A1", "7", "A1"})}, 10, {});
  // Answers may come together with the one that took too long.
  CHECK(found.answered >= 1);
  CHECK(found.answered <= 2);
  CHECK(rows_of(found) == (found.answered == 2 ? Lines{"1: 1"} : Lines{}));
  check_throws("QZ-ADP-062", [&] { ask(*lookup, 0, {"7"}); });
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
}

TEST_CASE("S2.8 a lookup whose adapter is killed fails once and answers again") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!has_lookup(*fixture)) return;
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
  if (!fixture->kill_adapter()) return;
  CHECK(thrown_by([&] { ask(*lookup, 1, {"1"}); }) == "unavailable QZ-ADP-002");
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
}

}  // namespace qianzhi::test::contract
