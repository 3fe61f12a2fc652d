// A catalogue as YAML and as CSV, out and in again.
#include <catch2/catch.hpp>

#include <fstream>

#include "hub-protocol/catalogue/compare.h"
#include "hub-protocol/catalogue/files.h"
#include "tests/support/large_catalogue.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using catalogue::Encoding;
using catalogue::Files;

namespace {

// Everything that is hard to write, and items that are not the same in all their topics.
yaml::CatalogueFolder awkward() {
  yaml::CatalogueFolder content;
  content.departments["x"] = {"x", "部门：一", "X # \"one\""};
  content.departments["y"] = {"y", "部门二", "Y"};
  Topic topic;
  topic.id = "x.t";
  topic.title = "题：“引号”、\\ 和 \"'";
  topic.title_en = "yes";
  topic.department = "x";
  topic.code = "010";
  topic.sharing = Sharing::conditional;
  topic.basis = "条例, 第九条; 第十条 # 注";
  topic.conditions = "第一行\n第二行";
  topic.purposes = {"核税", "a: b"};
  topic.publishable = true;
  topic.grade = Grade::important;
  topic.update_cycle = 90 * Micros{1'000'000};
  topic.contact = "电话：020-1234";
  topic.summary = "- 破折号 [x] {y} &z *a !b %c @d `e`";
  for (const char* id : {"key", "money", "code", "note"}) {
    Item item;
    item.id = id;
    item.title = std::string(id) + "：题";
    item.title_en = "null";
    topic.items.push_back(item);
  }
  topic.items[0].required = true;
  topic.items[1].type = ItemType::decimal;
  topic.items[1].length = 12;
  topic.items[1].scale = 2;
  topic.items[2].type = ItemType::code;
  topic.items[2].length = 18;
  topic.items[2].check = CheckRule::credit_code;
  topic.items[2].check_quarantines = true;
  topic.items[2].code_table = "types";
  topic.items[3].personal = true;
  topic.key = {"key"};
  topic.partition = "code";
  content.catalogue.topics[topic.id] = topic;
  topic.id = "y.u";
  topic.department = "y";
  topic.mode = TopicMode::event;
  topic.items[0].required = false;  // a key there, an optional item here
  topic.items[3].title = "另一个";  // another item of the same id
  topic.items[1].required = true;
  topic.key = {"money", "code"};
  topic.items[2].required = true;
  content.catalogue.topics[topic.id] = topic;
  content.catalogue.version = 1;
  content.catalogue.code_tables["types"] = {
      "types",         "类型", "Types",
      "2007，第 1 版", true,   {{"01", "甲, \"乙\"", "2001-01-01", "2002-02-02"}, {"02", "丙", "", ""}}};
  return content;
}

yaml::CatalogueFolder again(const Files& files, Encoding encoding = Encoding::utf8) {
  const test::TempDir dir;
  catalogue::write_files(dir / "out", files);
  yaml::Diagnostics diagnostics;
  yaml::CatalogueFolder content = catalogue::read_folder(dir / "out", encoding, diagnostics);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  return content;
}

std::vector<std::string> faults(const Files& files) {
  const test::TempDir dir;
  catalogue::write_files(dir.path(), files);
  yaml::Diagnostics diagnostics;
  catalogue::read_folder(dir.path(), Encoding::utf8, diagnostics);
  std::vector<std::string> found;
  for (const auto& d : diagnostics.all())
    found.push_back(d.place.source->file().filename().string() + ":" + std::to_string(d.place.line) + " " + d.code);
  return found;
}

}  // namespace

TEST_CASE("S2.5 a catalogue goes out as YAML or CSV and comes back without loss, however awkward its texts") {
  const yaml::CatalogueFolder content = awkward();
  for (const Files& files : {catalogue::yaml_files(content), catalogue::csv_files(content)}) {
    const yaml::CatalogueFolder back = again(files);
    INFO(catalogue::render(catalogue::compare(content.catalogue, back.catalogue)));
    CHECK(back.catalogue == content.catalogue);
    CHECK(back.departments == content.departments);
  }
}

TEST_CASE("S3.1 the shipped catalogue goes out and comes back") {
  yaml::Diagnostics diagnostics;
  const yaml::CatalogueFolder shipped = yaml::load_catalogue_folder(QIANZHI_CATALOGUE, diagnostics);
  CHECK(again(catalogue::yaml_files(shipped)).catalogue == shipped.catalogue);
  CHECK(again(catalogue::csv_files(shipped)).catalogue == shipped.catalogue);
}

TEST_CASE("S2.4 46 departments, 269 topics and 4,535 items go out and come back in both forms") {
  const Directory large = test::large_catalogue();
  std::size_t items = 0;
  for (const auto& [id, topic] : large.catalogue.topics) items += topic.items.size();
  REQUIRE(large.departments.size() == 46);
  REQUIRE(large.catalogue.topics.size() == 269);
  REQUIRE(items == 4535);
  const yaml::CatalogueFolder content{large.catalogue, large.departments};
  CHECK(again(catalogue::yaml_files(content)).catalogue == large.catalogue);
  CHECK(again(catalogue::csv_files(content)).catalogue == large.catalogue);
}

TEST_CASE("an import of CSV reports everything that is wrong at once, with file and line") {
  Files files;
  files["departments.csv"] = "id,title\nx,部门\nX,部门\nx,部门\n";
  files["code_tables.csv"] = "id,title\nnone,表\n";
  files["topics.csv"] =
      "id,title,department,mode,key,sharing,grade,update_cycle,partition,publishable\n"
      "x.t,题,x,state,a;q,some,x,daily,z,maybe\n"
      "x.u,题,nobody,,a,none,,,,\n"
      "t,,x,event,,,,,,\n"
      "x.t,题,x,state,a,,,,,\n";
  files["items.csv"] =
      "topic,id,title,type,check,code_table,required\n"
      "x.t,a,甲,text(10),,,\n"
      "x.t,a,甲,text(10),,,\n"
      "x.t,B-b,乙,varchar,odd,none,yes\n"
      "x.v,a,甲,date,,,\n";
  using Found = std::vector<std::string>;
  CHECK(faults(files) ==
        Found{"departments.csv:3 QZ-CFG-019", "departments.csv:4 QZ-CFG-031", "code_tables.csv:2 QZ-CFG-030",
              "items.csv:3 QZ-CFG-031",       "items.csv:4 QZ-CFG-019",       "items.csv:4 QZ-CFG-017",
              "items.csv:4 QZ-CFG-017",       "items.csv:4 QZ-CFG-030",       "items.csv:4 QZ-CFG-019",
              "items.csv:5 QZ-CFG-030",       "topics.csv:2 QZ-CFG-017",      "topics.csv:2 QZ-CFG-017",
              "topics.csv:2 QZ-CFG-017",      "topics.csv:2 QZ-CFG-015",      "topics.csv:2 QZ-CFG-030",
              "topics.csv:2 QZ-CFG-030",      "topics.csv:3 QZ-CFG-030",      "topics.csv:3 QZ-CFG-113",
              "topics.csv:3 QZ-CFG-018",      "topics.csv:3 QZ-CFG-030",      "topics.csv:4 QZ-CFG-018",
              "topics.csv:4 QZ-CFG-018",      "topics.csv:4 QZ-CFG-019",      "topics.csv:5 QZ-CFG-031"});
  files.erase("items.csv");
  CHECK(faults(files).back() == "items.csv:0 QZ-CFG-023");
}

TEST_CASE("P44 CSV in GB18030 is taken when that is asked for, with rare characters, and is refused where it is not") {
  CHECK(catalogue::utf8_from_gb18030("\xC6\xF3\xD2\xB5") == "企业");
  CHECK(catalogue::utf8_from_gb18030("\x95\x32\x82\x36") == "\xF0\xA0\x80\x80");  // four octets
  test::check_throws("QZ-HUB-204", [] { catalogue::utf8_from_gb18030("\xC6"); });
  test::check_throws("QZ-HUB-204", [] { catalogue::utf8_from_gb18030("\xFF\xFF"); });
  Files files;
  files["departments.csv"] = "id,title\nx,\xB2\xBF\xC3\xC5\n";
  files["topics.csv"] = "id,title,department,mode,key\nx.t,\xC6\xF3\xD2\xB5,x,state,a\n";
  files["items.csv"] = "topic,id,title,type\nx.t,a,\xBC\xD7,date\n";
  CHECK(again(files, Encoding::gb18030).catalogue.find("x.t")->title == "企业");
  CHECK(faults(files) ==
        std::vector<std::string>{"departments.csv:2 QZ-CFG-001", "items.csv:2 QZ-CFG-001", "topics.csv:2 QZ-CFG-001"});
}

TEST_CASE("an export writes over nothing, and a folder of both forms is refused") {
  const test::TempDir dir;
  catalogue::write_files(dir.path(), {{"topics.csv", "x"}});
  test::check_throws("QZ-HUB-203", [&] { catalogue::write_files(dir.path(), {{"a", "1"}, {"topics.csv", "y"}}); });
  CHECK_FALSE(std::filesystem::exists(dir / "a"));
  CHECK(faults({{"topics.csv", ""}, {"catalogue.yaml", ""}}).size() == 1);
  test::check_throws("QZ-HUB-203", [&] { catalogue::write_files(dir / "topics.csv" / "below", {{"a", "1"}}); });
}
