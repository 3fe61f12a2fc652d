#include "adapters/sql/sql_text.h"

#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::sql {

TEST_CASE("names are quoted whatever they hold, and unusable ones are refused") {
  CHECK(identifier(sqlite, "firm") == "\"firm\"");
  CHECK(identifier(sqlite, "a\"; DROP TABLE x; --") == "\"a\"\"; DROP TABLE x; --\"");
  CHECK(identifier(sqlite, "企业.名录") == "\"企业.名录\"");
  CHECK(table(postgresql, "public.fi\"rm") == "\"public\".\"fi\"\"rm\"");
  CHECK(table(sqlite, "a.b") == "\"a.b\"");
  CHECK(name_literal("O'Hara") == "'O''Hara'");
  CHECK_THROWS_AS(identifier(sqlite, ""), Error);
  CHECK_THROWS_AS(identifier(sqlite, std::string_view("a\0b", 3)), Error);
  CHECK_THROWS_AS(identifier(sqlite, std::string(129, 'a')), Error);
}

TEST_CASE("P25 paging by key: row values where they are known, written out elsewhere and for NULL") {
  CHECK(key_after(postgresql, {"a", "b"}, {false, false}, 2) == "(\"a\", \"b\") > ($2, $3)");
  CHECK(key_after(sqlite, {"a"}, {false}, 1) == "(\"a\" COLLATE BINARY) > (?1)");
  Dialect old = postgresql;
  old.row_values = false;
  CHECK(key_after(old, {"a", "b"}, {false, false}, 1) ==
        "\"a\" >= $1 AND ((\"a\" > $1) OR (\"a\" = $1 AND \"b\" > $2))");
  CHECK(key_after(old, {"a", "b"}, {true, false}, 1) == "((\"a\" IS NOT NULL) OR (\"a\" IS NULL AND \"b\" > $1))");
}

TEST_CASE("a comment stays on its line") { CHECK(comment("a\nDROP TABLE x") == "-- a DROP TABLE x\n"); }

}  // namespace qianzhi::adapter::sql
