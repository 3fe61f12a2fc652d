// What a catalogue says beside topics and items: terms of sharing and code tables.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

#include "hub-protocol/base/cells.h"
#include "hub-protocol/yaml/catalogue.h"
#include "hub-protocol/yaml/code_tables.h"
#include "hub-protocol/yaml/csv.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

using Found = std::vector<std::string>;

Found found_in(const yaml::Diagnostics& diagnostics) {
  Found found;
  for (const yaml::Diagnostic& d : diagnostics.all())
    found.push_back(d.place.source->file().filename().string() + ":" + std::to_string(d.place.line) + " " + d.code);
  return found;
}

struct Folder {
  test::TempDir dir;
  yaml::Diagnostics diagnostics;

  void write(const std::string& name, const std::string& text) const { std::ofstream(dir / name) << text; }
  Catalogue load(const std::string& topic_terms, const std::string& defaults = {}) {
    write("catalogue.yaml",
          "version: 3\ncode_tables: {types: {title: 类型, title_en: Types, file: types.csv}}\n"
          "items: {a: {title: 甲, title_en: A, type: code(4), code_table: types, check_quarantines: true}}\n");
    write("types.csv", "code,title,from,until\r\n1000,公司,,\r\n");
    write("x.yaml",
          "department: {id: x, title: 部门, title_en: X}\n" + defaults +
              "topics:\n  x.t:\n    title: 题\n    title_en: T\n    mode: state\n    key: a\n    items: [a]\n" +
              topic_terms);
    return yaml::load_catalogue(dir.path(), diagnostics);
  }
};

Found entry_faults(const std::string& csv) {
  yaml::Diagnostics diagnostics;
  CodeTable table;
  yaml::parse_code_entries("t.csv", csv, table, diagnostics);
  return found_in(diagnostics);
}

}  // namespace

TEST_CASE("S2.6 a topic states its provider, sharing class, basis, purposes, grade, cycle and contact") {
  Folder folder;
  const Catalogue catalogue = folder.load(
      "    code: 307010001\n    sharing: conditional\n    basis: 条例第九条\n    conditions: 仅限核税\n"
      "    purposes: [税源监控, 市场监管]\n    publishable: true\n    grade: important\n    update_cycle: 12h\n"
      "    contact: 020-12345678\n    summary: 说明\n");
  INFO(folder.diagnostics.render());
  REQUIRE_FALSE(folder.diagnostics.has_errors());
  const Topic& topic = *catalogue.find("x.t");
  CHECK(topic.department == "x");
  CHECK(topic.code == "307010001");
  CHECK(topic.sharing == Sharing::conditional);
  CHECK(topic.basis == "条例第九条");
  CHECK(topic.conditions == "仅限核税");
  CHECK(topic.purposes == std::vector<std::string>{"税源监控", "市场监管"});
  CHECK(topic.publishable);
  CHECK(topic.grade == Grade::important);
  CHECK(topic.update_cycle == 12 * Micros{3'600'000'000});
  CHECK(topic.contact == "020-12345678");
  CHECK(topic.summary == "说明");
  CHECK(topic.items[0].code_table == "types");
}

TEST_CASE("S2.6 a topic without terms is shared with all, is not public, and belongs to its file's department") {
  Folder folder;
  const Topic topic = *folder.load("").find("x.t");
  TopicTerms expected;
  expected.department = "x";
  CHECK(static_cast<const TopicTerms&>(topic) == expected);
  CHECK_FALSE(topic.publishable);
}

TEST_CASE("S2.6 what a file says of all its topics holds where a topic says nothing else") {
  Folder folder;
  const Catalogue catalogue = folder.load("    sharing: none\n", "defaults: {basis: 法, publishable: true}\n");
  INFO(folder.diagnostics.render());
  CHECK_FALSE(folder.diagnostics.has_errors());
  CHECK(catalogue.find("x.t")->sharing == Sharing::none);
  CHECK(catalogue.find("x.t")->basis == "法");
  CHECK(catalogue.find("x.t")->publishable);
}

TEST_CASE("S2.6 conditional or refused sharing without a legal basis is refused, as are unknown words and names") {
  for (const auto* sharing : {"conditional", "none"}) {
    Folder folder;
    folder.load("    sharing: " + std::string(sharing) + "\n");
    CHECK(found_in(folder.diagnostics) == Found{"x.yaml:4 QZ-CFG-113"});
  }
  Folder folder;
  folder.load("    sharing: some\n    grade: secret\n    update_cycle: daily\n    department: y\n    purpose: x\n");
  CHECK(found_in(folder.diagnostics) == Found{"x.yaml:9 QZ-CFG-017", "x.yaml:10 QZ-CFG-017", "x.yaml:11 QZ-CFG-015",
                                              "x.yaml:12 QZ-CFG-030", "x.yaml:13 QZ-CFG-012"});
}

TEST_CASE("an item that names an unknown code table, and a table without its file, are told with their places") {
  Folder folder;
  folder.load("");
  folder.write("catalogue.yaml",
               "version: 3\ncode_tables: {other: {title: 类型, title_en: Types, file: none.csv}}\n"
               "items: {a: {title: 甲, title_en: A, type: code(4), code_table: types}}\n");
  yaml::Diagnostics diagnostics;
  yaml::load_catalogue(folder.dir.path(), diagnostics);
  Found found = found_in(diagnostics);
  std::sort(found.begin(), found.end());
  CHECK(found == Found{"catalogue.yaml:3 QZ-CFG-030", "none.csv:0 QZ-CFG-023"});
}

TEST_CASE("CSV as spreadsheets write it: byte order mark, CRLF, quotes, commas and line ends in fields, empty lines") {
  yaml::Diagnostics diagnostics;
  const auto table =
      yaml::parse_csv("t.csv", "\xEF\xBB\xBFtitle,code,note\r\n\"有,\"\"号\"\"\",1,\"两\n行\"\r\n\r\n简,2,\r\n",
                      {"code", "title"}, {"note"}, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  REQUIRE(table);
  REQUIRE(table->rows.size() == 2);
  CHECK(yaml::field_of(*table, table->rows[0], "title") == "有,\"号\"");
  CHECK(yaml::field_of(*table, table->rows[0], "note") == "两\n行");
  CHECK(table->rows[0].line == 2);
  CHECK(yaml::field_of(*table, table->rows[1], "code") == "2");
  CHECK(table->rows[1].line == 5);
  CHECK(yaml::field_of(*table, table->rows[1], "absent").empty());
  const std::vector<std::string> fields = {"a,b", "c\"d", "e\nf", "plain", ""};
  const auto again =
      yaml::parse_csv("t.csv", "v,w,x,y,z\n" + csv_record(fields), {"v", "w", "x", "y", "z"}, {}, diagnostics);
  REQUIRE(again);
  CHECK(again->rows.at(0).fields == fields);
}

TEST_CASE("P44 a CSV file that is GBK, has broken quotes, columns or control characters is told line by line") {
  CHECK(entry_faults("code,title\n1,\xD6\xD0\xCE\xC4\n") == Found{"t.csv:2 QZ-CFG-001"});
  CHECK(entry_faults("code\n1\n") == Found{"t.csv:1 QZ-CFG-111"});
  CHECK(entry_faults("code,title,colour\n1,a,b\n") == Found{"t.csv:1 QZ-CFG-111"});
  CHECK(entry_faults("code,title,code\n1,a,b\n") == Found{"t.csv:1 QZ-CFG-111"});
  CHECK(entry_faults("") == Found{"t.csv:1 QZ-CFG-111", "t.csv:1 QZ-CFG-111"});
  CHECK(entry_faults("code,title\n1\n2,b,c\n3,c\n") == Found{"t.csv:2 QZ-CFG-111", "t.csv:3 QZ-CFG-111"});
  CHECK(entry_faults("code,title\n1,a\"b\n2,\"x\"y\n3,\x01\n4,\"\n\n") ==
        Found{"t.csv:2 QZ-CFG-110", "t.csv:3 QZ-CFG-110", "t.csv:4 QZ-CFG-110", "t.csv:5 QZ-CFG-110"});
  CHECK(entry_faults("code,title\n" + std::string(5U << 20U, 'x')) == Found{"t.csv:0 QZ-CFG-020"});
}

TEST_CASE("a code holds from its first day until the day of its abolition, and once at a time") {
  yaml::Diagnostics diagnostics;
  CodeTable table;
  yaml::parse_code_entries("t.csv",
                           "code,title,from,until\n2,乙,2020-01-01,2021-03-11\n2,新乙,2021-03-11,\n1,甲,,2014-12-13\n",
                           table, diagnostics);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  CHECK(fault_of(CodeTable{"t", "", "", "", false, table.entries}).empty());
  CHECK(table.state_of("1", "2014-12-12") == CodeState::in_force);
  CHECK(table.state_of("1", "2014-12-13") == CodeState::not_in_force);
  CHECK(table.state_of("1", "") == CodeState::in_force);
  CHECK(table.state_of("2", "2019-12-31") == CodeState::not_in_force);
  CHECK(table.find("2", "2021-03-10")->title == "乙");
  CHECK(table.find("2", "2021-03-11")->title == "新乙");
  CHECK(table.find("1", "2030-01-01")->title == "甲");
  CHECK(table.state_of("3", "2020-01-01") == CodeState::unknown);
  CHECK(table.find("3", "") == nullptr);
  table.partial = true;
  CHECK(table.state_of("3", "2020-01-01") == CodeState::in_force);
  CHECK(table.state_of("1", "2014-12-13") == CodeState::not_in_force);

  CHECK(entry_faults("code,title,from,until\n1,甲,,\n1,乙,2020-01-01,\n") == Found{"t.csv:3 QZ-CFG-112"});
  CHECK(entry_faults(
            "code,title,from,until\n1,甲,2020-02-30,\n,乙,,\n3,,,\n4,丁,2020-01-02,2020-01-02\n5,戊,20200101,\n") ==
        Found{"t.csv:2 QZ-CFG-112", "t.csv:3 QZ-CFG-112", "t.csv:4 QZ-CFG-112", "t.csv:5 QZ-CFG-112",
              "t.csv:6 QZ-CFG-112"});
}

TEST_CASE("S3.5 the 22 classes may be used for two purposes and are never published, on a stated basis") {
  yaml::Diagnostics diagnostics;
  const Catalogue catalogue = yaml::load_catalogue(QIANZHI_CATALOGUE, diagnostics);
  INFO(diagnostics.render());
  REQUIRE(diagnostics.all().empty());
  REQUIRE(catalogue.topics.size() == 22);
  for (const auto& [id, topic] : catalogue.topics) {
    INFO(id);
    CHECK_FALSE(topic.publishable);
    CHECK(topic.purposes == std::vector<std::string>{"税源监控", "市场监管"});
    CHECK_FALSE(topic.basis.empty());
    CHECK_FALSE(topic.contact.empty());
    CHECK(topic.update_cycle == 24 * Micros{3'600'000'000});
    CHECK(id.substr(0, id.find('.')) == topic.department);
    CHECK(topic.find("area_code")->code_table == "gbt_2260");
  }
  const CodeTable& divisions = catalogue.code_tables.at("gbt_2260");
  CHECK(divisions.partial);
  CHECK(divisions.state_of("330103", "2021-03-10") == CodeState::in_force);
  CHECK(divisions.state_of("330103", "2026-01-01") == CodeState::not_in_force);
  CHECK(divisions.state_of("330113", "2026-01-01") == CodeState::in_force);
}
