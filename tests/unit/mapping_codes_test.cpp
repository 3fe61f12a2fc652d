// Values of items that have a code table in the catalogue.
#include <catch2/catch.hpp>

#include "tests/unit/mapping_support.h"

using namespace qianzhi;
using namespace qianzhi::mapping;
using namespace qianzhi::mapping::test;

namespace {

CodeTables districts(bool partial = false) {
  CodeTable table{"gbt", "区划", "Divisions", "GB/T 2260", partial, {}};
  table.entries = {
      {"330103", "下城区", "", "2021-03-11"}, {"330105", "拱墅区", "", ""}, {"330113", "临平区", "2021-03-11", ""}};
  return {{"gbt", table}};
}

OneItem coded(bool quarantines) {
  Item value = item("value", ItemType::digits, 6);
  value.code_table = "gbt";
  value.check_quarantines = quarantines;
  return OneItem(value);
}

Mapped map_codes(const OneItem& one, const CodeTables& codes, const std::vector<std::optional<std::string>>& values,
                 std::string_view day) {
  Column keys;
  Column column;
  for (const auto& value : values) {
    keys.append("k" + std::to_string(column.size()));
    value ? column.append(*value) : column.append_null();
  }
  return Mapper(one.publication, one.topic, codes).map(upserts(values.size()), {keys, column}, {}, day);
}

}  // namespace

TEST_CASE("a value that is not in its item's code table is counted, or quarantined where the item says so") {
  const std::vector<std::optional<std::string>> values = {"330105", "999999", std::nullopt, ""};
  const Mapped counted = map_codes(coded(false), districts(), values, "2026-01-01");
  CHECK(counted.findings == 1);
  CHECK(counted.faults.empty());
  CHECK(counted.items[1].text(1) == "999999");
  const Mapped aside = map_codes(coded(true), districts(), values, "2026-01-01");
  CHECK(aside.findings == 0);
  REQUIRE(aside.faults.size() == 1);
  CHECK(aside.faults[0].row == 1);
  CHECK(aside.faults[0].code == "QZ-AGT-110");
  // Without the table, as with an agent whose directory has none, there is nothing to say.
  CHECK(map_codes(coded(true), {}, values, "2026-01-01").faults.empty());
}

TEST_CASE("An abolished code of GB/T 2260 is a warning and never rejects a row") {
  for (const bool quarantines : {false, true}) {
    CAPTURE(quarantines);
    const Mapped before = map_codes(coded(quarantines), districts(), {{"330103"}, {"330113"}}, "2021-03-10");
    CHECK(before.findings == 1);  // the new district, which does not exist yet
    CHECK(before.faults.empty());
    const Mapped after = map_codes(coded(quarantines), districts(), {{"330103"}, {"330113"}}, "2021-03-11");
    CHECK(after.findings == 1);
    CHECK(after.faults.empty());
    CHECK(after.items[1].text(0) == "330103");
    CHECK(map_codes(coded(quarantines), districts(), {{"330103"}}, "").findings == 0);
  }
}

TEST_CASE("what a partial code table does not hold is nothing to be said about") {
  const Mapped mapped = map_codes(coded(true), districts(true), {{"150302"}, {"330103"}}, "2026-01-01");
  CHECK(mapped.faults.empty());
  CHECK(mapped.findings == 1);
}

TEST_CASE("a key in a remove is not looked up in its code table, a partition value is") {
  OneItem one(item("value"));
  one.topic.items[0].code_table = "gbt";
  one.topic.items[0].check_quarantines = true;
  const Mapper mapper(one.publication, one.topic, districts());
  CHECK(mapper.map({Operation::remove}, {column({"999999"}), column({"x"})}, {}, "2026-01-01").faults.empty());
  CHECK(mapper.map({Operation::upsert}, {column({"999999"}), column({"x"})}, {}, "2026-01-01").faults.size() == 1);

  OneItem area = coded(true);
  area.topic.partition = "value";
  const Mapped grouped = map_codes(area, districts(), {{"330105"}, {"999999"}, {"330103"}}, "2026-01-01");
  CHECK(grouped.group == std::vector<std::string>{"330105", "", "330103"});
  REQUIRE(grouped.faults.size() == 1);
  CHECK(grouped.faults[0].code == "QZ-AGT-110");
  CHECK(grouped.findings == 1);
}
