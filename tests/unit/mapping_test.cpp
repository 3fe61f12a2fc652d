#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "tests/unit/mapping_support.h"

using namespace qianzhi;
using namespace qianzhi::mapping;
using namespace qianzhi::mapping::test;

TEST_CASE("S2.7 normalisation: widths, spaces and case, in one order however they are listed") {
  const OneItem all(item("value"),
                    from("v", {Normalise::trim, Normalise::collapse_spaces, Normalise::upper, Normalise::width}));
  CHECK(all.one("　杭州　　ａｂｃ（中国）\xC2\xA0有限公司 ") == "杭州 ABC(中国) 有限公司");
  CHECK(all.one("中文。、“”《》￥") == "中文。、“”《》￥");
  CHECK(OneItem(item("value"), from("v", {Normalise::width})).one("！～｀＠＿") == "!~`@_");
  CHECK(OneItem(item("value"), from("v", {Normalise::trim})).one("  　Ａ ") == "Ａ");
  CHECK(OneItem(item("value")).one(" a ") == " a ");
}

TEST_CASE("R mapping: normalising twice is normalising once") {
  const OneItem all(item("value"),
                    from("v", {Normalise::trim, Normalise::collapse_spaces, Normalise::upper, Normalise::width}));
  std::mt19937 random(7);
  const std::vector<std::string> parts = {" ", "　", "\xC2\xA0", "a", "Ｂ", "中", "𠮷", "\t", "～", "。", "é"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += parts[random() % parts.size()];
    const std::string once = all.one(text);
    REQUIRE(all.one(once) == once);
  }
}

TEST_CASE("R mapping: a code table translates after normalising, a strict one sets unknown codes aside") {
  ItemRule rule = from("v", {Normalise::trim, Normalise::width});
  rule.code_table = {{"1", "1100"}, {"2", "1200"}};
  CHECK(OneItem(item("value"), rule).one(" １ ") == "1100");
  CHECK(OneItem(item("value"), rule).one("9") == "9");
  rule.code_table_strict = true;
  CHECK(OneItem(item("value"), rule).one("2") == "1200");
  CHECK(OneItem(item("value"), rule).one("9") == "QZ-MAP-017");
}

TEST_CASE("R mapping: rename, constant and an item without a rule") {
  Topic topic;
  topic.id = "test.rename";
  topic.items = {item("number"), item("source"), item("nothing")};
  topic.key = {"number"};
  PublicationConfig publication;
  publication.items = {{"number", from("REG_NO")}, {"source", constant("工商")}};
  const Mapper mapper(publication, topic);
  CHECK(mapper.columns() == std::vector<std::string>{"REG_NO"});
  CHECK(mapper.key_columns() == std::vector<std::string>{"REG_NO"});
  CHECK(mapper.old_columns().empty());
  const Mapped mapped = mapper.map({Operation::upsert, Operation::remove}, {column({"1", "2"})}, {});
  CHECK(mapped.items[0] == column({"1", "2"}));
  CHECK(mapped.items[1].text(0) == "工商");
  CHECK(mapped.items[2].presence(0) == Presence::null);
  CHECK(mapped.items[1].presence(1) == Presence::unchanged);
  CHECK(mapped.items[2].presence(1) == Presence::unchanged);
}

TEST_CASE("R mapping: a mapping that does not fit its topic is refused at once") {
  const auto refused = [](const PublicationConfig& publication, const Topic& topic) {
    try {
      const Mapper mapper(publication, topic);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::misuse && error.code() == "QZ-MAP-001";
    }
    return false;
  };
  OneItem good(item("value"));
  CHECK_FALSE(refused(good.publication, good.topic));
  OneItem unknown = good;
  unknown.publication.items["other"] = from("x");
  CHECK(refused(unknown.publication, unknown.topic));
  OneItem keyless = good;
  keyless.publication.items.erase("id");
  CHECK(refused(keyless.publication, keyless.topic));
  OneItem constant_key = good;
  constant_key.publication.items["id"] = constant("1");
  CHECK(refused(constant_key.publication, constant_key.topic));
  OneItem required = good;
  required.topic.items[1].required = true;
  required.publication.items.erase("value");
  CHECK(refused(required.publication, required.topic));
  OneItem bad_constant(item("value", ItemType::date), constant("yesterday"));
  CHECK(refused(bad_constant.publication, bad_constant.topic));
}

TEST_CASE("R mapping: required items are set aside when null, empty or only spaces") {
  Item required = item("value");
  required.required = true;
  const OneItem one(required, from("v", {Normalise::trim}));
  const Mapped mapped = one.map(column({std::nullopt, "", "　", "x"}));
  REQUIRE(mapped.faults.size() == 3);
  for (std::size_t row = 0; row < 3; ++row) {
    CHECK(mapped.faults[row].row == row);
    CHECK(mapped.faults[row].code == "QZ-MAP-010");
    CHECK(mapped.faults[row].item == "value");
  }
}

TEST_CASE("P45: a bad check digit is a finding, or a fault that keeps the value for withholding") {
  Item code = item("value", ItemType::code, 9);
  code.check = CheckRule::organisation_code;
  const Mapped counted = OneItem(code).map(column({"71526726-X", "715267261", std::nullopt}));
  CHECK(counted.faults.empty());
  CHECK(counted.findings == 1);
  CHECK(counted.items[1].text(0) == "71526726X");  // the hyphen is for display only
  code.check_quarantines = true;
  const Mapped aside = OneItem(code).map(column({"71526726X", "715267261"}));
  REQUIRE(aside.faults.size() == 1);
  CHECK(aside.faults[0].row == 1);
  CHECK(aside.faults[0].code == "QZ-MAP-018");
  CHECK(aside.items[1].text(1) == "715267261");
  CHECK(aside.findings == 0);
}

TEST_CASE("R mapping: keys of removes are normalised as in upserts, or they would not match") {
  Item key = item("id", ItemType::code, 18);
  key.check = CheckRule::registration_number;
  key.check_quarantines = true;
  OneItem one(item("value"));
  one.topic.items[0] = key;
  one.publication.items["id"] = from("k", {Normalise::trim, Normalise::width, Normalise::upper});
  Column values = column({"x"});
  values.append_unchanged();
  const Mapped mapped = Mapper(one.publication, one.topic)
                            .map({Operation::upsert, Operation::remove}, {column({"a１ ", "　ａ1"}), values}, {});
  CHECK(mapped.items[0].text(0) == "A1");
  CHECK(mapped.items[0].text(1) == "A1");
  CHECK(mapped.items[1].presence(1) == Presence::unchanged);
  // A row with a bad key digit was set aside, so removing it must not be.
  const Mapped removed =
      Mapper(one.publication, one.topic).map({Operation::remove}, {column({"440301103448660"}), column({"x"})}, {});
  CHECK(removed.faults.empty());
}

TEST_CASE("R3.2: a row has one fault, and one of its key comes first: then it cannot be withheld by its key") {
  OneItem one(item("value", ItemType::integer));
  const Mapper mapper(one.publication, one.topic);
  std::swap(one.topic.items[0], one.topic.items[1]);  // so that the key is not simply the first item
  const Mapper swapped(one.publication, one.topic);
  for (const Mapper* m : {&mapper, &swapped}) {
    const Mapped mapped = m->map(upserts(3), {column({std::nullopt, "a", std::nullopt}), column({"x", "x", "1"})}, {});
    REQUIRE(mapped.faults.size() == 3);
    CHECK(mapped.faults[0].item == "id");
    CHECK(mapped.faults[1].item == "value");
    CHECK(mapped.faults[2].item == "id");
  }
}

TEST_CASE("R mapping: a fault shows three characters of a value at most, and none of a personal one") {
  OneItem one(item("value", ItemType::text, 4));
  const Mapped shown = one.map(column({"张三丰的秘密"}));
  CHECK(shown.faults.at(0).detail.find("张三丰") != std::string::npos);
  CHECK(shown.faults.at(0).detail.find("的") == std::string::npos);
  one.topic.items[1].personal = true;
  CHECK(one.map(column({"张三丰的秘密"})).faults.at(0).detail.find("张") == std::string::npos);
}

TEST_CASE("P6: an unchanged column stays unchanged") {
  const OneItem one(item("value", ItemType::text, 5));
  Column values = column({"a"});
  values.append_unchanged();
  const Mapped mapped = one.map(values);
  CHECK(mapped.faults.empty());
  CHECK(mapped.items[1].presence(1) == Presence::unchanged);
  Column keys;
  keys.append_unchanged();
  CHECK(Mapper(one.publication, one.topic).map(upserts(1), {keys, column({"x"})}, {}).faults.size() == 1);
}

TEST_CASE("R mapping: columns that do not fit are a misuse, not a crash") {
  const OneItem one(item("value"));
  const Mapper mapper(one.publication, one.topic);
  CHECK_THROWS_AS(mapper.map(upserts(1), {column({"1"})}, {}), Error);
  CHECK_THROWS_AS(mapper.map(upserts(2), {column({"1"}), column({"1"})}, {}), Error);
}

TEST_CASE("R mapping: every code it uses is explained") {
  for (const char* code : {"001", "002", "010", "011", "012", "013", "014", "015", "016", "017", "018", "019", "020"}) {
    INFO(code);
    CHECK(explain("QZ-MAP-" + std::string(code)).has_value());
  }
}

namespace {

// Every type, and random rows that are canonical already.
struct EveryType {
  Topic topic;
  PublicationConfig publication;
  std::mt19937 random{11};

  EveryType() {
    topic.id = "test.identity";
    Item amount = item("amount", ItemType::decimal, 12);
    amount.scale = 2;
    topic.items = {item("id", ItemType::code, 18),
                   item("name", ItemType::text, 40),
                   item("born", ItemType::date),
                   item("seen", ItemType::timestamp),
                   amount,
                   item("count", ItemType::integer),
                   item("active", ItemType::boolean),
                   item("zip", ItemType::digits, 6),
                   item("year", ItemType::year),
                   item("photo", ItemType::bytes, 1000),
                   item("area", ItemType::digits, 6)};
    topic.key = {"id"};
    topic.partition = "area";
    for (const Item& i : topic.items) publication.items[i.id] = from(i.id);
    publication.items["area"].kind = ItemRule::Kind::area;
  }
  std::string digits(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text += static_cast<char>(i == 0 ? '1' + random() % 9 : '0' + random() % 10);
    return text;
  }
  // In Topic::items order.
  std::vector<std::string> values() {
    const std::vector<std::string> names = {"杭州𠮷祥有限公司", "㐀䶮", "", "ABC Ltd", "（股份）"};
    const std::string day = "20" + digits(2) + "-0" + digits(1) + "-1" + digits(1);
    const std::string time = day + "T10:11:12" + (random() % 2 != 0 ? ".000120Z" : "");
    const std::string amount = (random() % 2 != 0 ? "-" : "") + digits(5) + "." + digits(2);
    return {"K" + digits(8),  names[random() % names.size()], day,      time, amount, digits(12), "true", digits(6),
            "20" + digits(2), std::string("\xFF\x00\xFE", 3), digits(6)};
  }
};

}  // namespace

TEST_CASE("R mapping: rows that are canonical already come out as they went in") {
  EveryType every;
  const Mapper mapper(every.publication, every.topic);
  for (int round = 0; round < 40; ++round) {
    std::vector<Column> rows(every.topic.items.size());
    constexpr std::size_t count = 50;
    for (std::size_t row = 0; row < count; ++row) {
      const std::vector<std::string> values = every.values();
      for (std::size_t i = 0; i < values.size(); ++i) {
        const bool is_null = i != 0 && every.random() % 5 == 0;
        rows[i].add(is_null ? Presence::null : Presence::value, is_null ? "" : values[i]);
      }
    }
    std::vector<Column> columns;
    for (const std::string& name : mapper.columns()) columns.push_back(rows[every.topic.index_of(name)]);
    const Mapped mapped = mapper.map(upserts(count), columns, {});
    REQUIRE(mapped.faults.empty());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      INFO(every.topic.items[i].id);
      REQUIRE(mapped.items[i] == rows[i]);
    }
  }
}
