#include <catch2/catch.hpp>
#include <set>

#include "agent/mapping/check_digits.h"
#include "packaging/demo/fill.h"
#include "tests/unit/demo_support.h"

using namespace qianzhi;
using namespace qianzhi::demo;
using namespace qianzhi::demo::test;

namespace {

std::set<std::string> column(sqlite::Database& database, const std::string& sql) {
  std::set<std::string> values;
  sqlite::Statement statement = database.prepare(sql);
  while (statement.step()) values.insert(statement.text(0));
  return values;
}

std::size_t missing(const std::set<std::string>& all, const std::set<std::string>& known) {
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const std::string& value) { return known.count(value) == 0; }));
}

std::vector<Statement> script(std::uint64_t seed) {
  Generator generator(seed, 300);
  std::vector<Statement> all;
  for (const Provider department : all_departments)
    generator.load(department, [&](const Statement& statement) { all.push_back(statement); });
  for (int i = 0; i < 400; ++i)
    for (const Provider department : all_departments)
      for (const Statement& statement : generator.next_live_change(department).statements) all.push_back(statement);
  return all;
}

}  // namespace

TEST_CASE("S1.6: of 2,757 new firms exactly 651 lack tax registration and 270 an organisation code") {
  const Generator generator(2002);
  Sources sources(generator);
  const auto firms = column(sources.at(Provider::commerce), "SELECT reg_no FROM enterprise");
  const auto national = column(sources.at(Provider::national_tax), "SELECT gszc_hm FROM dj_nsrxx");
  const auto local = column(sources.at(Provider::local_tax), "SELECT licence_no FROM taxpayer");
  const auto codes = column(sources.at(Provider::quality), "SELECT reg_no FROM org_code_cert");
  CHECK(firms.size() == 2757);
  CHECK(missing(firms, national) == 651);
  CHECK(missing(firms, local) == 651);
  CHECK(missing(firms, codes) == 270);
  CHECK(missing(national, firms) == 0);
  CHECK(missing(codes, firms) == 0);
}

TEST_CASE("S1.6: the proportions are kept at other sizes, and a city of no firms can grow") {
  CHECK(proportions_of(2757).without_tax == 651);
  CHECK(proportions_of(2757).without_code == 270);
  CHECK(proportions_of(27570).without_tax == 6510);
  for (const std::size_t firms : {0U, 1U, 2U, 7U, 50U}) {
    Generator generator(1, firms);
    Sources sources(generator);
    CHECK(sources.at(Provider::commerce).scalar("SELECT count(*) FROM enterprise") == static_cast<int>(firms));
    for (int i = 0; i < 100; ++i)
      for (const Provider department : all_departments)
        for (const Statement& statement : generator.next_live_change(department).statements)
          REQUIRE(run(sources.at(department), statement) == 1);
  }
}

TEST_CASE("P45: every code of the demonstration has the right check digit") {
  const Generator generator(5);
  Sources sources(generator);
  std::size_t short_numbers = 0;
  for (const std::string& number : column(sources.at(Provider::commerce), "SELECT reg_no FROM enterprise")) {
    if (number.size() == 13) {
      ++short_numbers;
    } else {
      REQUIRE(mapping::is_registration_number(number));
    }
  }
  CHECK(short_numbers > 20);
  for (const std::string& code : column(sources.at(Provider::quality), "SELECT org_code FROM org_code_cert"))
    REQUIRE(mapping::is_organisation_code(code));
  for (const std::string& id : column(sources.at(Provider::commerce), "SELECT cert_no FROM enterprise"))
    REQUIRE((id[0] == 'E' || mapping::is_citizen_id(id)));
  for (const std::string& id : column(sources.at(Provider::national_tax), "SELECT nsrsbh FROM dj_nsrxx"))
    REQUIRE((id.size() == 17 || mapping::is_organisation_code(id.substr(6))));
}

TEST_CASE("P32: names that GBK cannot hold are among the people") {
  const Generator generator(5);
  Sources sources(generator);
  CHECK(*sources.at(Provider::commerce)
             .scalar("SELECT count(*) FROM enterprise WHERE legal_rep LIKE '%䶮' OR legal_rep LIKE '%𠮷'") > 0);
}

TEST_CASE("S3.1: one table for each of the 22 classes, each with rows from the start") {
  const Generator generator(5);
  Sources sources(generator);
  CHECK(tables().size() == 22);
  for (const Table& table : tables()) {
    INFO(table.topic);
    CHECK(*sources.at(table.department).scalar("SELECT count(*) FROM " + std::string(table.name)) > 0);
    CHECK(&table_of(table.topic) == &table);
  }
}

TEST_CASE("E demonstration: the same seed gives the same statements, another seed others") {
  const auto first = script(7);
  CHECK(first == script(7));
  CHECK(first != script(8));
}

TEST_CASE("E demonstration: every live statement of thousands runs and changes one row") {
  Generator generator(11, 500);
  Sources sources(generator);
  std::set<std::string> titles;
  for (int i = 0; i < 3000; ++i) {
    for (const Provider department : all_departments) {
      const Change change = generator.next_live_change(department);
      REQUIRE_FALSE(change.statements.empty());
      sqlite::Transaction transaction(sources.at(department));
      for (const Statement& statement : change.statements) {
        INFO(change.title << ": " << statement.sql);
        REQUIRE(run(sources.at(department), statement) == 1);
      }
      transaction.commit();
      titles.insert(change.title.substr(0, change.title.find(' ')));
    }
  }
  for (const char* kind :
       {"开业登记",        "名称变更",       "住所变更",           "迁往西湖区",       "注销登记",
        "吊销营业执照",    "年检",           "撤销年检记录",       "税务登记",         "注销税务登记",
        "变更税务登记",    "认定非正常户",   "解除非正常户",       "提请吊销营业执照", "行政处罚",
        "税务登记验证",    "发现无照经营户", "颁发组织机构代码证", "组织机构名称变更", "地址变更备案",
        "废置组织机构代码"}) {
    INFO(kind);
    CHECK(titles.count(kind) == 1);
  }
}

TEST_CASE(
    "E demonstration: what decides the district of a commerce row may not be null, so that an index can carry it") {
  const std::string sql = schema_sql(Provider::commerce);
  for (const char* column :
       {"district VARCHAR(20) NOT NULL", "status VARCHAR(1) NOT NULL", "cancel_org VARCHAR(100) NOT NULL"})
    CHECK(sql.find(column) != std::string::npos);
}

TEST_CASE("E demonstration: templates are filled, other @ signs are left alone") {
  CHECK(fill("a: @X@ b@c @Y_Z@@", {{"X", "1"}, {"Y_Z", "2"}}) == "a: 1 b@c 2@");
}
