#include <catch2/catch.hpp>

#include "agent/mapping/value_rule.h"
#include "tests/unit/mapping_support.h"

using namespace qianzhi;
using namespace qianzhi::mapping;
using namespace qianzhi::mapping::test;

TEST_CASE("R mapping: whole numbers lose zeros and signs that mean nothing, and nothing else") {
  const OneItem integer(item("value", ItemType::integer));
  CHECK(integer.one("7") == "7");
  CHECK(integer.one("-7") == "-7");
  CHECK(integer.one("+007") == "7");
  CHECK(integer.one("-0") == "0");
  CHECK(integer.one("5.00") == "5");
  CHECK(integer.one(" 5 ") == "5");
  CHECK(integer.one("123456789012345678901234567890") == "123456789012345678901234567890");
  CHECK(integer.one("") == "(null)");
  for (const char* wrong : {"5.1", "1e5", "1,000", "五", "-", ".", "0x10", "1 2"}) {
    INFO(wrong);
    CHECK(integer.one(wrong) == "QZ-MAP-013");
  }
}

TEST_CASE("R mapping: decimals are exact, padded to their scale and never rounded") {
  Item amount = item("value", ItemType::decimal, 10);
  amount.scale = 2;
  const OneItem decimal(amount);
  CHECK(decimal.one("1.5") == "1.50");
  CHECK(decimal.one("1") == "1.00");
  CHECK(decimal.one("-.5") == "-0.50");
  CHECK(decimal.one("-0.00") == "0.00");
  CHECK(decimal.one("0012.340000") == "12.34");
  CHECK(decimal.one("12345678.90") == "12345678.90");
  CHECK(decimal.one("123456789.00") == "QZ-MAP-014");
  CHECK(decimal.one("1.005") == "QZ-MAP-014");
  CHECK(decimal.one("NaN") == "QZ-MAP-013");
  CHECK(decimal.one("1.2.3") == "QZ-MAP-013");
}

TEST_CASE("R mapping: booleans, digits and years have one form") {
  const OneItem boolean(item("value", ItemType::boolean));
  for (const char* yes : {"true", "T", "1", "Yes", "是"}) CHECK(boolean.one(yes) == "true");
  for (const char* no : {"false", "F", "0", "n", "否"}) CHECK(boolean.one(no) == "false");
  CHECK(boolean.one("2") == "QZ-MAP-013");
  const OneItem postal(item("value", ItemType::digits, 6));
  CHECK(postal.one("310000") == "310000");
  CHECK(postal.one("31000a") == "QZ-MAP-013");
  CHECK(postal.one("3100000") == "QZ-MAP-011");
  const OneItem year(item("value", ItemType::year));
  CHECK(year.one("2006") == "2006");
  CHECK(year.one("06") == "QZ-MAP-015");
  CHECK(year.one("2006年") == "QZ-MAP-015");
  CHECK(OneItem(item("value", ItemType::year), from("v", {Normalise::date})).one("2006年") == "2006");
}

TEST_CASE("R mapping: another form of date needs the date rule, a wrong date is always a fault") {
  const OneItem strict(item("value", ItemType::date));
  const OneItem loose(item("value", ItemType::date), from("v", {Normalise::date}));
  CHECK(strict.one("2024-01-05") == "2024-01-05");
  CHECK(strict.one("2024/1/5") == "QZ-MAP-015");
  CHECK(loose.one("2024年1月5日") == "2024-01-05");
  CHECK(loose.one("2024-01-05T00:00:00") == "2024-01-05");
  CHECK(strict.one("2023-02-29") == "QZ-MAP-015");
  CHECK(loose.one("2023-02-29") == "QZ-MAP-015");
  CHECK(loose.one("　") == "QZ-MAP-015");
  CHECK(loose.one("") == "(null)");
  CHECK(OneItem(item("value", ItemType::timestamp)).one("2024-01-05 01:02:03+08") == "2024-01-04T17:02:03Z");
  CHECK(OneItem(item("value", ItemType::timestamp)).one("5 Jan 2024") == "QZ-MAP-016");
}

TEST_CASE("P19: 0000-00-00 stays invalid in an optional item and sets a row aside in a required one") {
  Column zero;
  zero.append_invalid("0000-00-00");
  zero.append("0000-00-00");
  const OneItem optional(item("value", ItemType::date));
  const Mapped kept = optional.map(zero);
  CHECK(kept.faults.empty());
  CHECK(kept.items[1].presence(0) == Presence::invalid);
  CHECK(kept.items[1].presence(1) == Presence::invalid);
  CHECK(kept.items[1].text(1) == "0000-00-00");
  Item required = item("value", ItemType::date);
  required.required = true;
  const Mapped aside = OneItem(required).map(zero);
  REQUIRE(aside.faults.size() == 2);
  CHECK(aside.faults[0].code == "QZ-MAP-019");
  CHECK(aside.faults[1].code == "QZ-MAP-019");
}

TEST_CASE("P32: text that is not UTF-8, or holds NUL, is set aside, empty is not null") {
  const OneItem text(item("value"));
  CHECK(text.one("\xB9\xE3\xD6\xDD") == "QZ-MAP-012");  // GBK octets
  CHECK(text.one("\xED\xA0\x80") == "QZ-MAP-012");      // surrogate
  CHECK(text.one("\xC0\x80") == "QZ-MAP-012");          // overlong
  CHECK(text.one(std::string("a\0b", 3)) == "QZ-MAP-012");
  const Mapped mapped = text.map(column({"", std::nullopt}));
  CHECK(mapped.items[1].presence(0) == Presence::value);
  CHECK(mapped.items[1].presence(1) == Presence::null);
}

TEST_CASE("P32: values that are malformed alone are caught though together they are a character") {
  const Mapped mapped = OneItem(item("value")).map(column({"\xE4\xB8", "\xAD"}));
  REQUIRE(mapped.faults.size() == 2);
  CHECK(mapped.faults[0].code == "QZ-MAP-012");
}

TEST_CASE("P32: rare four-octet names count as one character each and pass untouched") {
  const std::string name = "㐀䶮𠮷";
  const OneItem three(item("value", ItemType::text, 3),
                      from("v", {Normalise::trim, Normalise::width, Normalise::collapse_spaces, Normalise::upper}));
  CHECK(three.one(name) == name);
  CHECK(three.one(name + "王") == "QZ-MAP-011");
}

TEST_CASE("R mapping: octets are limited in octets and not read as text") {
  const OneItem octets(item("value", ItemType::bytes, 3));
  CHECK(octets.one(std::string("\xFF\0\x01", 3)) == std::string("\xFF\0\x01", 3));
  CHECK(octets.one("1234") == "QZ-MAP-011");
}

namespace {

// Canonical texts, others that look like them, and each once more with one character changed, everywhere.
std::vector<std::string> lookalikes() {
  std::vector<std::string> texts = {"0",
                                    "-0",
                                    "00",
                                    "-",
                                    "",
                                    "7",
                                    "-7",
                                    "+7",
                                    "07",
                                    "12345",
                                    "0.00",
                                    "-0.00",
                                    "-0.01",
                                    "0.1",
                                    ".10",
                                    "00.10",
                                    "1234.00",
                                    "12345.00",
                                    "-1234.56",
                                    "1234.5",
                                    "1234.567",
                                    "1.2.3",
                                    "2024-02-29",
                                    "2023-02-29",
                                    "2024-2-29",
                                    "0000-00-00",
                                    "2024-02-29T23:59:59",
                                    "2024-02-29T24:00:00",
                                    "2024-02-29T23:60:00",
                                    "2024-02-29T23:59:60",
                                    "2024-02-29 23:59:59",
                                    "2024-02-29T23:59:59Z",
                                    "2024-02-29T23:59:59.5",
                                    "2024-02-29T23:59:59.500000",
                                    "2024-02-29T23:59:59.000000",
                                    "2024-02-29T23:59:59.500000Z",
                                    "2024-02-29T23:59:59+08",
                                    "2024-02-30T00:00:00",
                                    "0000-00-00T00:00:00",
                                    "2024-02-29T29:59:59",
                                    "2024-02-29T2:59:59",
                                    "2024-02-29T23:59",
                                    "9999-12-31T00:00:00ZZ"};
  for (std::size_t i = texts.size(); i-- > 0;)
    for (std::size_t at = 0; at < texts[i].size(); ++at)
      for (const char c : {'0', '9', '-', '.', 'T', ' '}) {
        std::string other = texts[i];
        other[at] = c;
        texts.push_back(other);
      }
  return texts;
}

}  // namespace

TEST_CASE("R mapping: what is taken for canonical in a whole column is what the rule gives back, value by value") {
  Item amount = item("value", ItemType::decimal, 6);
  amount.scale = 2;
  Item whole = item("value", ItemType::decimal, 4);
  const std::vector<Item> items = {item("value", ItemType::integer), amount, whole, item("value", ItemType::date),
                                   item("value", ItemType::timestamp)};
  const std::vector<std::string> texts = lookalikes();
  std::size_t kept = 0;
  for (const Item& each : items) {
    const ValueRule rule(from("v"), each, false);
    for (const std::string& text : texts) {
      if (!rule.keeps(column({text}))) continue;
      ++kept;
      INFO(text);
      std::string scratch;
      const Outcome outcome = rule.apply(Presence::value, text, scratch);
      CHECK(outcome.code.empty());
      CHECK(outcome.presence == Presence::value);
      CHECK(outcome.text == text);
    }
  }
  CHECK(kept > 200);
  // And the ordinary ones are taken.
  CHECK(ValueRule(from("v"), items[0], false).keeps(column({"0", "-12", std::nullopt})));
  CHECK(ValueRule(from("v"), items[1], false).keeps(column({"0.00", "-1234.56"})));
  CHECK(ValueRule(from("v"), items[2], false).keeps(column({"1234"})));
  CHECK(ValueRule(from("v"), items[4], false).keeps(column({"2024-02-29T23:59:59", "2024-02-29T23:59:59.500000Z"})));
}
