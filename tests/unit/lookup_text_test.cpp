// The tokenizer that finds :name in a DBA's text, and what may be asked at all.
#include "adapters/sql/lookup_text.h"

#include <catch2/catch.hpp>

#include "adapters/sql/lookup.h"
#include "hub-protocol/base/error.h"
#include "tests/support/errors.h"

namespace qianzhi::adapter::sql {

namespace {

using Names = std::vector<std::string>;

std::string in(const TextStyle& style, const std::string& text, const Names& names = {"a", "b"}) {
  return ready_text(text, names, style).sql;
}

std::string fault(const std::string& text, const TextStyle& style = postgresql_text, const Names& names = {"a"}) {
  return test::thrown_by([&] { ready_text(text, names, style); });
}

}  // namespace

TEST_CASE("S2.8 :name becomes the database's placeholder, and nothing else of the text changes") {
  CHECK(in(postgresql_text, "SELECT x::date, :a FROM t WHERE y = :b AND z = :a") ==
        "SELECT x::date, $1 FROM t WHERE y = $2 AND z = $1");
  CHECK(in(sqlite_text, "select [:a], `:b`, \":a\" from t where y=:b and z=:a;") ==
        "select [:a], `:b`, \":a\" from t where y=?2 and z=?1");
  const ReadyText marks = ready_text("SELECT :b, :a, :b", {"a", "b"}, mariadb_text);
  CHECK(marks.sql == "SELECT ?, ?, ?");
  CHECK(marks.places == std::vector<std::size_t>{1, 0, 1});
  CHECK(ready_text("SELECT :b, :a", {"a", "b"}, mariadb_text, {"CAST(? AS DATE)", "?"}).sql ==
        "SELECT ?, CAST(? AS DATE)");
  CHECK(in(postgresql_text, "SELECT ':a''', $$:a$$, $x$ $ :b $x$, E'\\':a', a[1:2] -- :a\n, :a, :b /* :b */") ==
        "SELECT ':a''', $$:a$$, $x$ $ :b $x$, E'\\':a', a[1:2]  \n, $1, $2  ");
  CHECK(in(postgresql_text, "WITH q AS (SELECT 1) SELECT j ? 'k' FROM q WHERE x = :a OR :b", {"a", "b"}) ==
        "WITH q AS (SELECT 1) SELECT j ? 'k' FROM q WHERE x = $1 OR $2");
  CHECK(in(mariadb_text, "SELECT '\\':a', :a # :b\n, :b", {"a", "b"}) == "SELECT '\\':a', ?  \n, ?");
  CHECK(in(postgresql_text, "SELECT t.update, :企业", {"企业"}) == "SELECT t.update, $1");
}

TEST_CASE("A25 what is not one SELECT that reads, or could be read in two ways, is refused") {
  for (const char* text : {"",
                           " ",
                           "-- only\n",
                           "DELETE FROM t WHERE x = :a",
                           "SELECT :a; SELECT 2",
                           "SELECT :a;;x",
                           "VALUES(:a)",
                           "SELECT :a INTO t",
                           "SELECT :a FOR UPDATE",
                           "SELECT :a FOR share",
                           "WITH d AS (DELETE FROM t) SELECT :a",
                           "SELECT ':a",
                           "SELECT \":a",
                           "SELECT :a /* ",
                           "SELECT :a /* /* */ */",
                           "SELECT $1, :a",
                           "SELECT $$ :a",
                           "SELECT :a /*! INTO OUTFILE 'x' */",
                           "SELECT :a /*M! INTO OUTFILE 'x' */",
                           "SELECT :a, @x := 1",
                           "EXPLAIN SELECT :a",
                           "SET x = :a",
                           "SELECT 1.INTO OUTFILE :a",
                           "SELECT 5INTO OUTFILE :a"}) {
    CAPTURE(text);
    CHECK(fault(text) == "misuse QZ-ADP-061");
  }
  CHECK(fault("SELECT :a, ?", sqlite_text) == "misuse QZ-ADP-061");
  CHECK(fault("SELECT :a, @b", sqlite_text) == "misuse QZ-ADP-061");
  CHECK(fault("SELECT :a, $b", sqlite_text) == "misuse QZ-ADP-061");
  CHECK(fault("SELECT :a, ?", mariadb_text) == "misuse QZ-ADP-061");
  CHECK(fault("SELECT 5--:a\n", mariadb_text) == "misuse QZ-ADP-061");
  CHECK(fault(std::string("SELECT :a \0", 11)) == "misuse QZ-ADP-061");
  CHECK(fault("SELECT :a, '" + std::string(longest_lookup_text, 'x') + "'") == "misuse QZ-ADP-061");
  CHECK(fault("SELECT :b") == "misuse QZ-ADP-060");
  CHECK(fault("SELECT ':a'") == "misuse QZ-ADP-060");
  CHECK(fault("SELECT :A") == "misuse QZ-ADP-060");
}

TEST_CASE("S2.8 only canonical texts of a type are asked for") {
  const auto good = [](ItemType type, std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      CAPTURE(text);
      CHECK(is_canonical(type, text));
    }
  };
  const auto bad = [](ItemType type, std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      CAPTURE(text);
      CHECK_FALSE(is_canonical(type, text));
    }
  };
  good(ItemType::integer, {"0", "7", "-7", "123456789012345678901234567890"});
  bad(ItemType::integer, {"", "-", "007", "-0", "+1", "1.0", " 1", "1e3", "0x1", "１"});
  good(ItemType::decimal, {"0", "12.50", "-0.01", "0.00"});
  bad(ItemType::decimal, {"", ".5", "5.", "00.1", "1e3", "NaN", "Infinity", "1,5"});
  good(ItemType::date, {"2024-02-29", "0001-01-01", "9999-12-31"});
  bad(ItemType::date, {"2023-02-29", "2024-13-01", "0000-01-01", "2024-1-1", "today", "2024-02-29 "});
  good(ItemType::timestamp, {"2024-02-29T23:59:59", "2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.123456Z"});
  bad(ItemType::timestamp, {"2024-02-29 23:59:59", "2024-02-29T24:00:00", "2024-02-29T23:59", "now",
                            "2024-02-29T23:59:59.1234567", "2024-02-29T23:59:59.Z", "2024-02-29T23-59-59"});
  good(ItemType::boolean, {"true", "false"});
  bad(ItemType::boolean, {"t", "1", "TRUE", ""});
  good(ItemType::year, {"2024"});
  bad(ItemType::year, {"24", "20x4"});
  good(ItemType::text, {"", "企业", "𠮷", "' OR 1=1"});
  bad(ItemType::text, {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xBC"});
  CHECK_FALSE(is_canonical(ItemType::text, std::string_view("a\0b", 3)));
}

TEST_CASE("S2.8 a lookup that is not configured as a question is refused") {
  const auto opened = [](const LookupStatement& statement) {
    LookupSpec spec;
    spec.statements = {statement};
    const SystemClock clock;
    return test::thrown_by([&] { make_lookup(spec, nullptr, clock); });
  };
  const LookupStatement good{"x", "t", {"a"}, "", {}, {"b"}, {}};
  CHECK(opened(good) == "nothing");
  const auto check = [&](const auto& spoil) {
    LookupStatement bad = good;
    spoil(bad);
    CHECK(opened(bad) == "misuse QZ-ADP-060");
  };
  check([](LookupStatement& s) { s.id.clear(); });
  check([](LookupStatement& s) { s.match.clear(); });
  check([](LookupStatement& s) { s.text = "SELECT :a"; });
  check([](LookupStatement& s) { s.table.clear(); });
  check([](LookupStatement& s) { s.columns.clear(); });
  check([](LookupStatement& s) { s.columns = {"b", "b"}; });
  check([](LookupStatement& s) { s.match = {"a", ""}; });
  check([](LookupStatement& s) { s.parameters = {"a"}; });
  check([](LookupStatement& s) { s.types = {ItemType::text, ItemType::text}; });
  check([](LookupStatement& s) { s.match = std::vector<std::string>(most_parameters + 1, "a"); });
}

}  // namespace qianzhi::adapter::sql
