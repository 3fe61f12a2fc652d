// Files that hold changes instead of whole tables.
#include "tests/unit/files_support.h"

namespace qianzhi::test {

namespace {

Options with_changes() {
  return {{"table.firm.changes", "change-*.csv"},
          {"table.firm.operation", "操作"},
          {"table.firm.upsert", "新增\n修改"},
          {"table.firm.remove", "注销"}};
}

}  // namespace

TEST_CASE("P39 files of changes are applied in the order of names and lines, deletes too") {
  DropFolder folder(with_changes());
  folder.drop("firm-1.csv", "代码,名称\n1,a\n2,b\n");
  folder.take();
  folder.drop("change-02.csv", "操作,代码,名称\n注销,1,\n新增,4,d\n");
  folder.drop("change-01.csv", "操作,代码,名称\n修改,1,x\n新增,3,c\n注销,2,b\n注销,9,\n修改,3,cc\n修改,3,cc\n");
  CHECK(folder.take() == 6);
  CHECK(folder.table() == std::vector<std::string>{"3|cc", "4|d"});
  const std::vector<std::string> expected{"remove 1",    "upsert 3 cc", "remove 2",
                                          "upsert 3 cc", "remove 1",    "upsert 4 d"};
  CHECK(folder.log == expected);
}

TEST_CASE("P39 a table with nothing but files of changes begins empty") {
  auto options = with_changes();
  options["table.firm.full"] = "-";
  DropFolder folder(options);
  CHECK(folder.take() == 0);
  CHECK(folder.events.empty());
  folder.drop("change-1.csv", "代码,名称,操作\n1,a,新增\n");
  CHECK(folder.take() == 1);
  folder.drop("change-1.csv", "代码,名称,操作\n1,a,新增\n");
  CHECK(folder.take() == 0);
}

TEST_CASE("P39 a rejected file of changes holds up the later ones until it is mended or removed") {
  DropFolder folder(with_changes());
  folder.drop("firm-1.csv", "代码,名称\n1,a\n");
  folder.take();
  folder.drop("change-01.csv", "代码,名称,操作\n1,b,变更\n");
  folder.drop("change-02.csv", "代码,名称,操作\n1,c,修改\n");
  CHECK(folder.take() == 0);
  CHECK(contains(folder.reason("change-01.csv"), "line 2: the operation is none of those configured"));
  CHECK(folder.warns("QZ-FIL-009"));
  CHECK(folder.table() == std::vector<std::string>{"1|a"});
  folder.open();
  CHECK(folder.take() == 0);

  SECTION("mended") {
    folder.drop("change-01.csv", "代码,名称,操作\n1,b,修改\n");
    CHECK(folder.take() == 2);
    CHECK(folder.rejected().empty());
  }
  SECTION("removed by a person") {
    std::filesystem::remove(folder.folder() / "rejected" / "change-01.csv");
    CHECK(folder.take() == 1);
  }
  SECTION("a full file holds it all; what comes after it by name goes on") {
    folder.drop("firm-2.csv", "代码,名称\n1,d\n");
    CHECK(folder.take() == 2);
    CHECK(folder.rejected().empty());
  }
  CHECK(folder.waiting().empty());
}

TEST_CASE("P39 the header of changes needs the operation") {
  DropFolder folder(with_changes());
  folder.drop("change-1.csv", "代码,名称\n1,a\n");
  folder.take();
  CHECK(contains(folder.reason("change-1.csv"), "lacks: 操作"));
}

TEST_CASE("P39 each file that was read is a look at the table, also one that is as the last, and only once") {
  DropFolder folder(with_changes());
  CHECK(folder.looks.empty());
  folder.drop("firm-1.csv", "代码,名称\n1,a\n");
  folder.take();
  REQUIRE(folder.looks.size() == 1);
  const auto first = folder.looks[0].at;
  folder.take();
  CHECK(folder.looks.at(0).at == first);
  // The same content under another name, then the very same file again.
  folder.drop("firm-2.csv", "代码,名称\n1,a\n");
  CHECK(folder.take() == 0);
  const auto second = folder.looks.at(0).at;
  CHECK(second > first);
  folder.drop("firm-2.csv", "代码,名称\n1,a\n");
  CHECK(folder.take() == 0);
  const auto third = folder.looks.at(0).at;
  CHECK(third > second);
  folder.open();
  folder.take();
  CHECK(folder.looks.at(0).at == third);
  // A file that is refused is none.
  folder.drop("firm-3.csv", "代码,名称\n1,a,b\n");
  folder.take();
  CHECK(folder.looks.at(0).at == third);
}

}  // namespace qianzhi::test
