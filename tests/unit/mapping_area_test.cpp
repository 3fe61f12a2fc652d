#include <catch2/catch.hpp>

#include "tests/unit/mapping_support.h"

using namespace qianzhi;
using namespace qianzhi::mapping;
using namespace qianzhi::mapping::test;

namespace {

// Columns in name order: authority, district, reg_no.
struct Firms {
  Topic topic;
  PublicationConfig publication;

  Firms() {
    topic.id = "test.firms";
    topic.items = {item("registration_number", ItemType::code, 18), item("area_code", ItemType::digits, 6)};
    topic.key = {"registration_number"};
    topic.partition = "area_code";
    publication.items["registration_number"] = from("reg_no");
    ItemRule area;
    area.kind = ItemRule::Kind::area;
    area.column = "district";
    area.normalise = {Normalise::trim};
    area.code_table = {{"西湖区", "330106"}, {"滨江区", "330108"}};
    area.authority_column = "authority";
    area.authority_table = {{"西湖分局", "330106"}, {"上城分局", "330102"}};
    area.registration_number_column = "reg_no";
    publication.items["area_code"] = area;
  }
  Mapper mapper() const { return Mapper(publication, topic); }
};

Column unchanged(std::size_t rows) {
  Column column;
  for (std::size_t row = 0; row < rows; ++row) column.append_unchanged();
  return column;
}

}  // namespace

TEST_CASE("S3.4 area: own column, else the authority's code, else the registration number, else unknown") {
  const Mapper mapper = Firms().mapper();
  REQUIRE(mapper.columns() == std::vector<std::string>{"authority", "district", "reg_no"});
  CHECK(mapper.old_columns() == mapper.columns());
  const Mapped mapped = mapper.map(
      upserts(6),
      {column({"上城分局", "上城分局", "别处", "别处", "上城分局", std::nullopt}),
       column({" 西湖区 ", std::nullopt, std::nullopt, std::nullopt, "330108", "不详"}),
       column({"330104100000001", "330104100000002", "330104100000003", "3301041000004", "5", "330104100000006"})},
      {});
  CHECK(mapped.faults.empty());
  CHECK(mapped.group == std::vector<std::string>{"330106", "330102", "330104", "", "330108", "330104"});
  CHECK(mapped.old_group == mapped.group);
  CHECK(mapped.items[1].presence(3) == Presence::null);
  CHECK(mapped.items[1].text(0) == "330106");
  CHECK(mapped.findings == 1);  // 不详 is no district
}

TEST_CASE("S3.4 area: a strict code table sets an unknown district aside") {
  Firms firms;
  firms.publication.items["area_code"].code_table_strict = true;
  const Mapped mapped =
      firms.mapper().map(upserts(1), {column({std::nullopt}), column({"火星区"}), column({"330104100000001"})}, {});
  REQUIRE(mapped.faults.size() == 1);
  CHECK(mapped.faults[0].code == "QZ-MAP-017");
  CHECK(mapped.items[0].text(0) == "330104100000001");
}

TEST_CASE("P30: a row that moves to another district has its old and its new group") {
  const Mapper mapper = Firms().mapper();
  const Mapped mapped =
      mapper.map({Operation::upsert, Operation::upsert, Operation::remove},
                 {column({"a", "a", "a"}), column({"滨江区", "西湖区", std::nullopt}), column({"1", "2", "3"})},
                 {unchanged(3),
                  [] {
                    Column old = column({"西湖区"});
                    old.append_unchanged();
                    old.append("滨江区");
                    return old;
                  }(),
                  unchanged(3)});
  CHECK(mapped.faults.empty());
  CHECK(mapped.old_group == std::vector<std::string>{"330106", "330106", "330108"});
  CHECK(mapped.group[0] == "330108");
  CHECK(mapped.group[1] == "330106");
  CHECK(mapped.items[1].presence(2) == Presence::unchanged);
}

TEST_CASE("P6: an unchanged district is taken from the old row") {
  const Mapped mapped = Firms().mapper().map(upserts(1), {column({"a"}), unchanged(1), column({"1"})},
                                             {unchanged(1), column({"西湖区"}), unchanged(1)});
  CHECK(mapped.faults.empty());
  CHECK(mapped.group[0] == "330106");
  CHECK(mapped.items[1].text(0) == "330106");
}

TEST_CASE("R3.1: a row whose district was not captured is a fault, never sent to the wrong group") {
  const Mapper mapper = Firms().mapper();
  const std::vector<Column> columns = {column({"a"}), unchanged(1), column({"1"})};
  const std::vector<Column> old = {unchanged(1), unchanged(1), unchanged(1)};
  const Mapped upserted = mapper.map({Operation::upsert}, columns, old);
  REQUIRE(upserted.faults.size() == 1);
  CHECK(upserted.faults[0].code == "QZ-MAP-020");
  const Mapped removed = mapper.map({Operation::remove}, columns, old);
  REQUIRE(removed.faults.size() == 1);
  CHECK(removed.faults[0].code == "QZ-MAP-020");
  CHECK(mapper.map({Operation::remove}, columns, {}).faults.empty());
}

TEST_CASE("S1.3: only the configured districts pass the filter, by new and by old value") {
  Firms firms;
  firms.publication.where = {{"district", {"西湖区", "滨江区"}}, {"kind", {"1"}}};
  const Mapper mapper = firms.mapper();
  REQUIRE(mapper.columns() == std::vector<std::string>{"authority", "district", "kind", "reg_no"});
  CHECK(mapper.old_columns() == mapper.columns());
  const Column authority = column({"a", "a", "a", "a", "a"});
  const Column district = column({"西湖区", "余杭区", "西湖区 ", std::nullopt, "滨江区"});
  const Column kind = column({"1", "1", "2", "1", "1"});
  const Column number = column({"1", "2", "3", "4", "5"});
  Column old_district = column({"余杭区", "西湖区"});
  for (int i = 0; i < 3; ++i) old_district.append_unchanged();
  Column old_kind = unchanged(2);
  old_kind.append("1");
  old_kind.append_unchanged();
  old_kind.append("9");
  const Mapped mapped =
      mapper.map(upserts(5), {authority, district, kind, number}, {unchanged(5), old_district, old_kind, unchanged(5)});
  CHECK(mapped.in_filter == std::vector<bool>{true, false, false, false, true});
  CHECK(mapped.old_in_filter == std::vector<bool>{false, true, true, false, false});
  CHECK(mapped.faults.empty());
  const Mapped snapshot = mapper.map(upserts(5), {authority, district, kind, number}, {});
  CHECK(snapshot.old_in_filter == snapshot.in_filter);
}

TEST_CASE("S3.4 area: a topic whose partition comes from a column or a constant") {
  Firms firms;
  firms.publication.items["area_code"] = constant("330100");
  const Mapped constant_area = firms.mapper().map(upserts(1), {column({"1"})}, {});
  CHECK(constant_area.group[0] == "330100");
  CHECK(constant_area.items[1].text(0) == "330100");
  firms.publication.items["area_code"] = from("district");
  const Mapped plain =
      firms.mapper().map(upserts(3), {column({"330102", std::nullopt, "33010x"}), column({"1", "2", "3"})}, {});
  CHECK(plain.group == std::vector<std::string>{"330102", "", ""});
  REQUIRE(plain.faults.size() == 1);
  CHECK(plain.faults[0].row == 2);
  firms.publication.items.erase("area_code");
  CHECK(firms.mapper().map(upserts(1), {column({"1"})}, {}).group == std::vector<std::string>{""});
}
