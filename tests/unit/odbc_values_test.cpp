// Texts of drivers and what becomes of them.
#include <catch2/catch.hpp>

#include "adapters/odbc/journal.h"
#include "adapters/odbc/settings.h"
#include "adapters/odbc/values.h"

namespace qianzhi::odbc {

namespace {

std::string canonical(Form form, std::string_view text) {
  Column column;
  append_value(form, text, column);
  const std::string value(column.text(0));
  return column.presence(0) == Presence::value ? value : "invalid " + value;
}

}  // namespace

TEST_CASE("P23 numbers keep every digit and have one text each") {
  CHECK(canonical(Form::integer, "00042") == "42");
  CHECK(canonical(Form::integer, "-0") == "0");
  CHECK(canonical(Form::integer, "18446744073709551615") == "18446744073709551615");
  CHECK(canonical(Form::integer, "1.5") == "invalid 1.5");
  CHECK(canonical(Form::integer, "") == "invalid ");
  CHECK(canonical(Form::decimal, ".5") == "0.5");
  CHECK(canonical(Form::decimal, "-.50") == "-0.50");
  CHECK(canonical(Form::decimal, "90071992547409.93") == "90071992547409.93");
  CHECK(canonical(Form::decimal, "1E5") == "invalid 1E5");
  CHECK(canonical(Form::decimal, "NaN") == "invalid NaN");
  CHECK(canonical(Form::decimal, ".") == "invalid .");
  CHECK(canonical(Form::real, "1e+20") == "1e+20");
  CHECK(canonical(Form::real, "Infinity") == "invalid Infinity");
}

TEST_CASE("P19 days that do not exist are invalid, those that do are kept") {
  CHECK(canonical(Form::date, "2024-02-29") == "2024-02-29");
  CHECK(canonical(Form::date, "2023-02-29") == "invalid 2023-02-29");
  CHECK(canonical(Form::date, "1900-02-29") == "invalid 1900-02-29");
  CHECK(canonical(Form::date, "0000-00-00") == "invalid 0000-00-00");
  CHECK(canonical(Form::date, "2024-04-31") == "invalid 2024-04-31");
  CHECK(canonical(Form::timestamp, "2024-01-02 03:04:05") == "2024-01-02T03:04:05");
  CHECK(canonical(Form::timestamp, "2024-01-02T03:04:05.100000000") == "2024-01-02T03:04:05.100000");
  CHECK(canonical(Form::timestamp, "2024-01-02 03:04:05.0000001") == "invalid 2024-01-02 03:04:05.0000001");
  CHECK(canonical(Form::timestamp, "2024-01-02 24:00:00") == "invalid 2024-01-02 24:00:00");
  CHECK(canonical(Form::timestamp, "2024-01-02") == "2024-01-02T00:00:00");
  CHECK(canonical(Form::timestamp, "2024-01-02 03:04:05 BC") == "invalid 2024-01-02 03:04:05 BC");
  CHECK(canonical(Form::instant, "2024-01-02 03:04:05.5+00") == "2024-01-02T03:04:05.500000Z");
  CHECK(canonical(Form::instant, "2024-01-02 03:04:05+08") == "invalid 2024-01-02 03:04:05+08");
}

TEST_CASE("P32 text is UTF-8 or invalid") {
  CHECK(canonical(Form::text, "㐀𠮷") == "㐀𠮷");
  CHECK(canonical(Form::text, std::string_view("a\0b", 3)) == "invalid 610062");
  CHECK(canonical(Form::text, "\xC0\xAF") == "invalid c0af");
  CHECK(canonical(Form::text, "\xED\xA0\x80") == "invalid eda080");
  CHECK(canonical(Form::text, "\xE3\x90") == "invalid e390");
  CHECK(canonical(Form::text, "\xF5\x80\x80\x80") == "invalid f5808080");
  CHECK(canonical(Form::boolean, "t") == "invalid t");
  CHECK(canonical(Form::bytes, "00fF61") == std::string("\0\xff"
                                                        "a",
                                                        3));
  CHECK(canonical(Form::bytes, "0") == "invalid 0");
}

TEST_CASE("what a trigger wrote of a key is read back, and nothing else") {
  const Texts texts = texts_of("va~1b~0c|n|v|");
  REQUIRE(texts.size() == 3);
  CHECK(texts[0] == "a|b~c");
  CHECK_FALSE(texts[1].has_value());
  CHECK(texts[2] == "");
  for (const char* bad : {"x|", "v", "nx|", "v~2|", "va~|", "|"}) {
    INFO(bad);
    CHECK_THROWS_AS(texts_of(bad), Error);
  }
}

TEST_CASE("a connection string carries what was configured, what the driver needs, and the password at its end") {
  const adapter::Connection connection{
      {{"dialect", "postgresql"}, {"connect", "Driver={a;b};Server=x;protocol=7.4-1;"}, {"user", "u;v"}},
      {{"password", "p}w;d"}}};
  CHECK(connection_text(connection, postgresql_dialect()) ==
        "Driver={a;b};Server=x;protocol=7.4-1;boolsaschar=1;usedeclarefetch=0;UID={u;v};PWD={p}}w;d}");
  for (const char* bad : {"Driver=x;PWD=a", "Driver=x; PassWord=a", "driver", "Driver={x"}) {
    INFO(bad);
    CHECK_THROWS_AS(connection_text({{{"connect", bad}}, {}}, postgresql_dialect()), Error);
  }
  CHECK_THROWS_AS(connection_text({{}, {}}, postgresql_dialect()), Error);
  CHECK(connection_text({{{"dsn", "tax"}}, {}}, oracle_dialect()) == "DSN=tax");
}

}  // namespace qianzhi::odbc
