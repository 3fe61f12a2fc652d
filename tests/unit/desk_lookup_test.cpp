// Lookups at a desk: what is found, who sees what, and what is kept of it.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "agent/desk/data/mask.h"
#include "agent/desk/lookup/audit.h"
#include "agent/desk/lookup/digest.h"
#include "agent/desk/lookup/index.h"
#include "agent/desk/lookup/search.h"
#include "hub-protocol/yaml/document.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::desk;
using namespace qianzhi::desk::lookup;

namespace {

constexpr const char* lookup_yaml = R"yaml(limits: {characters: 2, hits: 3, searches: 40}
subjects:
  firm:
    title: 企业
    title_en: Firms
    table: firm
    name: name
    codes: [registration, organisation]
    titles: {name: 企业名称, person: 法定代表人}
roles:
  counter: {subjects: [firm], search: [code, name, initials], items: [registration, name], masked: [person]}
  codes: {subjects: [firm], search: [code], items: [name]}
)yaml";

class SetClock final : public Clock {
 public:
  Micros now() const override { return time; }
  Micros steady() const override { return time; }
  Micros time = 1'000'000'000;
};

LookupConfig lookup_config(const std::filesystem::path& folder, const std::string& text,
                           yaml::Diagnostics& diagnostics) {
  Table firm;
  firm.id = "firm";
  firm.name = "\"main\".\"firm\"";
  firm.key = {"registration"};
  for (const char* column : {"registration", "organisation", "name", "person", "address"})
    firm.columns[column] = column;
  const auto root = yaml::parse_document(folder / "desk.yaml", text, diagnostics);
  REQUIRE(root);
  yaml::MapReader reader(&*root, "lookup", diagnostics);
  LookupConfig config = read_lookup(reader, {firm});
  reader.finish();
  return config;
}

const Account wang{"wang", "counter"};
const Account li{"li", "codes"};

struct LookupDesk {
  LookupDesk() {
    yaml::Diagnostics diagnostics;
    config = lookup_config(folder.path(), lookup_yaml, diagnostics);
    INFO(diagnostics.render());
    REQUIRE_FALSE(diagnostics.has_errors());
    database.execute(R"sql(
CREATE TABLE firm(registration TEXT PRIMARY KEY, organisation TEXT, name TEXT, person TEXT, address TEXT);
CREATE TABLE desk_change(seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, key TEXT,
                         UNIQUE(source, key) ON CONFLICT REPLACE);
INSERT INTO firm VALUES('440301103448669', '71526726X', '广州市宏达贸易有限公司', '陈志明', '体育西路1号'),
 ('2', '', '廣州恒通物流有限公司', '黄国强', ''), ('3', '', '广州宏达贸易有限公司天河分公司', '陈志明', ''),
 ('4', '', 'TCL王牌电器(惠州)有限公司', '李东', ''), ('5', '', '<b>"注入"</b>贸易有限公司', '张三', '');
)sql");
    index.build();
  }
  std::vector<std::string> names(const std::string& by, const std::string& text) {
    std::vector<std::string> found;
    for (const Hit& hit : search.ask(wang, {"firm", by, text, "核对登记"}).hits)
      found.push_back(hit.items.at(1).second);
    return found;
  }
  std::string audited(const std::string& columns) {
    sqlite::Statement query = database.prepare("SELECT " + columns + " FROM lookup_audit ORDER BY id DESC LIMIT 1");
    return query.step() ? query.text(0) : "nothing";
  }

  test::TempDir folder;
  SetClock clock;
  SystemRandom random;
  sqlite::Database database{folder / "desk.db", {}};
  LookupConfig config = [] { return LookupConfig(); }();
  Index index{database, prepared(), {{"\"main\".\"desk_change\"", {{"firm", "firm"}}}}};
  Audit audit{database, random};
  Search search{database, config, index, audit, clock};

 private:
  // The index creates a table for each subject, so it needs the configuration when it is made.
  const LookupConfig& prepared() {
    yaml::Diagnostics diagnostics;
    config = lookup_config(folder.path(), lookup_yaml, diagnostics);
    return config;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("S1.9: firms are found by any of their codes, by the beginning or a part of the name, and by initials",
          "[lookup]") {
  LookupDesk desk;
  const Names hongda = {"广州市宏达贸易有限公司"};
  const Names both = {"广州市宏达贸易有限公司", "广州宏达贸易有限公司天河分公司"};
  CHECK(desk.names("code", "440301103448669") == hongda);
  CHECK(desk.names("code", " 71526726-x ") == hongda);
  CHECK(desk.names("name", "广州宏达") == both);
  CHECK(desk.names("name", "廣州市宏達貿易") == both);
  CHECK(desk.names("name", "宏达") == both);
  CHECK(desk.names("name", "达贸易") == both);
  CHECK(desk.names("name", "恒通") == Names{"廣州恒通物流有限公司"});
  CHECK(desk.names("name", "王牌电器") == Names{"TCL王牌电器(惠州)有限公司"});
  CHECK(desk.names("name", "tcl王牌") == Names{"TCL王牌电器(惠州)有限公司"});
  CHECK(desk.names("initials", "hdmy") == both);
  CHECK(desk.names("initials", "GZHT") == Names{"廣州恒通物流有限公司"});
  CHECK(desk.names("name", "鸿达").empty());
}

TEST_CASE("S1.9: what changed in the table is found at once, and what is gone is not", "[lookup]") {
  LookupDesk desk;
  desk.database.execute(
      "UPDATE firm SET name = '广州鸿运贸易有限公司', organisation = '192203821' WHERE registration = '2';"
      "DELETE FROM firm WHERE registration = '3';"
      "INSERT INTO desk_change(source, key) VALUES('firm', '[\"2\"]'), ('firm', '[\"3\"]')");
  CHECK(desk.index.catch_up(100) == 2);
  CHECK(desk.index.catch_up(100) == 0);
  CHECK(desk.names("name", "鸿运") == Names{"广州鸿运贸易有限公司"});
  CHECK(desk.names("code", "192203821") == Names{"广州鸿运贸易有限公司"});
  CHECK(desk.names("name", "恒通").empty());
  CHECK(desk.names("initials", "gzht").empty());
  CHECK(desk.names("name", "宏达") == Names{"广州市宏达贸易有限公司"});
  desk.database.execute("INSERT INTO desk_change(source, key) VALUES('firm', '*')");
  desk.index.catch_up(100);
  CHECK(desk.index.needs_build());
  test::check_throws("QZ-DSK-215", [&] { desk.index.catch_up(100); });
  desk.index.build();
  CHECK(desk.names("name", "鸿运") == Names{"广州鸿运贸易有限公司"});
}

TEST_CASE("S1.9: a role sees its items only, personal ones masked, and searches only as it may", "[lookup]") {
  LookupDesk desk;
  const Question question{"firm", "name", "宏达", "核对登记"};
  const Answer answer = desk.search.ask(wang, question);
  REQUIRE(answer.hits.size() == 2);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"registration", "440301103448669"}, {"name", "广州市宏达贸易有限公司"}, {"person", "陈**"}};
  CHECK(answer.hits.front().items == expected);
  test::check_throws("QZ-DSK-211", [&] { desk.search.ask(li, question); });
  CHECK(desk.search.ask(li, {"firm", "code", "440301103448669", "核对"}).hits.front().items.size() == 1);
  test::check_throws("QZ-DSK-211", [&] { desk.search.ask(li, {"person", "code", "440301103448669", "核对"}); });
  CHECK(masked("440301197001011234") == "440*************34");
  CHECK(masked("张") == "*");
  CHECK(masked("").empty());
}

TEST_CASE("S1.9: no wildcards, no search for everybody, no more than so many hits and searches", "[lookup]") {
  LookupDesk desk;
  const auto refused = [&](const char* by, const char* text, const char* code) {
    test::check_throws(code, [&] { desk.search.ask(wang, {"firm", by, text, "核对登记"}); });
  };
  for (const char* text : {"宏%", "宏达*", "宏？达", "宏", "有限公司", "广州市", "广州市有限公司", ""})
    refused("name", text, "QZ-DSK-212");
  refused("code", "44030", "QZ-DSK-212");
  refused("initials", "hd", "QZ-DSK-212");
  refused("initials", "宏达贸", "QZ-DSK-212");
  refused("name OR 1=1", "宏达", "QZ-DSK-211");
  test::check_throws("QZ-DSK-213", [&] { desk.search.ask(wang, {"firm", "name", "宏达", " "}); });
  CHECK(desk.names("name", "\") OR words MATCH(\"宏达").empty());

  for (int i = 10; i < 20; ++i)
    desk.database.execute("INSERT INTO firm VALUES('" + std::to_string(i) + "', '', '广州宏达" + std::to_string(i) +
                          "号店', '', '')");
  desk.index.build();
  const Answer many = desk.search.ask(wang, {"firm", "name", "宏达", "核对登记"});
  CHECK(many.hits.size() == 3);
  CHECK(many.has_more);

  desk.clock.time += 60'000'000;
  for (int i = 0; i < 40; ++i) desk.names("code", "440301103448669");
  refused("code", "440301103448669", "QZ-DSK-214");
  CHECK(desk.search.ask(li, {"firm", "code", "440301103448669", "核对"}).hits.size() == 1);
  desk.clock.time += 60'000'000;
  CHECK(desk.names("code", "440301103448669").size() == 1);
}

TEST_CASE("S1.9: every search is kept with who, when and why, without values, and no row can be changed unseen",
          "[lookup]") {
  LookupDesk desk;
  desk.names("name", "宏达");
  CHECK(desk.audited("account || '|' || role || '|' || subject || '|' || search || '|' || purpose || '|' || outcome || "
                     "'|' || hits || '|' || at") == "wang|counter|firm|name|核对登记|ok|2|1000000000");
  CHECK(desk.audit.has_asked(1, "宏达"));
  CHECK_FALSE(desk.audit.has_asked(1, "恒通"));
  test::check_throws("QZ-DSK-212", [&] { desk.names("name", "宏%"); });
  CHECK(desk.audited("outcome") == "QZ-DSK-212");
  desk.names("code", "440301103448669");
  sqlite::Statement all = desk.database.prepare("SELECT * FROM lookup_audit");
  while (all.step())
    for (int i = 0; i < all.columns(); ++i) {
      CHECK(all.text(i).find("宏达") == std::string::npos);
      CHECK(all.text(i).find("440301103448669") == std::string::npos);
    }
  all.reset();
  CHECK_FALSE(desk.audit.first_broken());
  desk.database.execute("UPDATE lookup_audit SET account = 'li' WHERE id = 2");
  CHECK(desk.audit.first_broken() == 2);
  desk.database.execute("UPDATE lookup_audit SET account = 'wang' WHERE id = 2");
  CHECK_FALSE(desk.audit.first_broken());
  // Who computes the chain of one row anew breaks that of the next.
  sqlite::Statement row = desk.database.prepare(
      "SELECT id, at, 'li', role, subject, search, purpose, outcome, hits, salt, asked, found FROM lookup_audit LIMIT "
      "1");
  REQUIRE(row.step());
  std::vector<std::string> values;
  for (int i = 0; i < 12; ++i) values.push_back(row.text(i));
  row.reset();
  std::vector<std::string_view> fields(values.begin(), values.end());
  fields.emplace_back();
  const std::string forged = digest_of(fields);
  desk.database.execute("CREATE TEMP TABLE kept AS SELECT * FROM lookup_audit WHERE id = 1");
  desk.database.execute("UPDATE lookup_audit SET account = 'li', chain = '" + forged + "' WHERE id = 1");
  CHECK(desk.audit.first_broken() == 2);
  desk.database.execute("REPLACE INTO lookup_audit SELECT * FROM kept");
  CHECK_FALSE(desk.audit.first_broken());
  desk.database.execute("DELETE FROM lookup_audit WHERE id = 2");
  CHECK(desk.audit.first_broken() == 3);
}

TEST_CASE("lookup: what desk.yaml gets wrong is told in one run", "[lookup]") {
  test::TempDir folder;
  std::string text = lookup_yaml;
  const auto replace = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("codes: [registration", "codes: [registratio");
  replace("search: [code]", "search: [cod]");
  replace("masked: [person]", "masked: [persn]");
  yaml::Diagnostics diagnostics;
  lookup_config(folder.path(), text, diagnostics);
  INFO(diagnostics.render());
  CHECK(diagnostics.errors() == 3);
}
