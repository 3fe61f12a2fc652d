// The shipped catalogue against the list of 2006, and what the loader refuses.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "hub-protocol/yaml/catalogue.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

bool is_technical(const std::string& item) { return item == "area_code" || item == "source_row_id"; }

yaml::CatalogueFolder shipped() {
  yaml::Diagnostics diagnostics;
  yaml::CatalogueFolder folder = yaml::load_catalogue_folder(QIANZHI_CATALOGUE, diagnostics);
  INFO(diagnostics.render());
  REQUIRE(diagnostics.errors() == 0);
  REQUIRE(diagnostics.warnings() == 0);
  return folder;
}

std::vector<std::string> agreed_items(const Topic& topic) {
  std::vector<std::string> items;
  for (const Item& item : topic.items) {
    if (!is_technical(item.id)) items.push_back(item.id);
  }
  return items;
}

std::vector<std::string> agreed_titles(const Topic& topic) {
  std::vector<std::string> titles;
  for (const Item& item : topic.items) {
    if (!is_technical(item.id)) titles.push_back(item.title);
  }
  return titles;
}

using Titles = std::vector<std::string>;

struct Class {
  std::string title;
  Titles items;
};

const std::vector<Class> commerce = {
    {"开业登记信息",
     {"企业注册号", "企业名称", "法定代表人", "身份证件号码", "住所", "邮政编码", "联系电话", "前置许可经营项目",
      "一般经营项目", "行业代码", "企业类型", "成立日期", "登记机关"}},
    {"变更登记信息", {"企业注册号", "企业名称", "变更事项", "变更后内容", "核准日期"}},
    {"注销登记信息", {"企业注册号", "企业名称", "注销事由", "注销日期", "注销机关"}},
    {"吊销营业执照信息", {"企业注册号", "企业名称", "吊销原因", "吊销日期"}},
    {"年检信息", {"企业注册号", "企业名称", "年检年度", "年检情况"}}};

const std::vector<Class> tax = {
    {"税务登记信息",
     {"组织机构代码", "企业注册号", "纳税人识别号", "纳税人名称", "法定代表人", "注册地址", "税务登记日期",
      "税务登记机关"}},
    {"注销税务登记信息",
     {"组织机构代码", "企业注册号", "纳税人识别号", "纳税人名称", "注销原因", "注销日期", "注销机关"}},
    {"税务登记验证、换证信息", {"组织机构代码", "企业注册号", "纳税人识别号", "纳税人名称", "验换证日期"}},
    {"非正常户信息",
     {"组织机构代码", "企业注册号", "纳税人识别号", "纳税人名称", "非正常户认定日期", "非正常户解除日期"}},
    {"提请工商行政管理部门吊销营业执照信息", {"企业注册号", "企业名称", "提请吊销原因", "提请吊销日期"}},
    {"行政处罚信息",
     {"组织机构代码", "企业注册号", "纳税人识别号", "纳税人名称", "违法违章手段", "行政处罚结果", "行政处罚日期"}},
    {"无照经营企业信息", {"企业名称", "住所"}}};

const std::vector<Class> quality = {
    {"组织机构代码颁证信息", {"企业注册号", "组织机构代码", "机构名称", "机构注册类型", "颁证日期"}},
    {"组织机构代码变更信息", {"组织机构代码", "机构名称", "变更事项", "变更内容", "变更日期"}},
    {"组织机构代码废置信息", {"组织机构代码", "机构名称", "废置日期"}}};

void check_department(const Catalogue& catalogue, const std::string& id, const std::vector<Class>& classes,
                      std::size_t items) {
  std::map<std::string, Titles> found;
  std::size_t count = 0;
  for (const auto& [name, topic] : catalogue.topics) {
    if (name.substr(0, id.size() + 1) != id + ".") continue;
    found.emplace(topic.title, agreed_titles(topic));
    count += agreed_items(topic).size();
  }
  INFO(id);
  CHECK(found.size() == classes.size());
  CHECK(count == items);
  for (const Class& wanted : classes) CHECK(found[wanted.title] == wanted.items);
}

std::vector<std::string> findings_of(const std::string& shared, const std::string& department) {
  const test::TempDir folder;
  std::ofstream(folder / "catalogue.yaml") << shared;
  std::ofstream(folder / "x.yaml") << department;
  yaml::Diagnostics diagnostics;
  yaml::load_catalogue(folder.path(), diagnostics);
  std::vector<std::string> findings;
  for (const auto& d : diagnostics.all()) {
    findings.push_back(d.place.source->file().filename().string() + ":" + std::to_string(d.place.line) + ":" +
                       std::to_string(d.place.column) + " " + d.code);
  }
  return findings;
}

const std::string good_shared =
    "version: 1\n"
    "items:\n"
    "  a: {title: 甲, title_en: A, type: text(10)}\n"
    "  b: {title: 乙, title_en: B, type: digits(6)}\n";
const std::string department = "department: {id: x, title: 部门, title_en: X}\n";

}  // namespace

TEST_CASE("S3.1 the catalogue holds 22 classes with 122 item positions in 15 structures, titles as agreed") {
  const Catalogue catalogue = shipped().catalogue;
  CHECK(catalogue.version == 1);
  CHECK(catalogue.topics.size() == 22);
  check_department(catalogue, "commerce", commerce, 31);
  check_department(catalogue, "national_tax", tax, 39);
  check_department(catalogue, "local_tax", tax, 39);
  check_department(catalogue, "quality", quality, 13);
  std::size_t positions = 0;
  std::set<std::pair<std::string, std::vector<std::string>>> structures;
  std::set<std::string> distinct;
  for (const auto& [id, topic] : catalogue.topics) {
    positions += agreed_items(topic).size();
    structures.emplace(topic.title, agreed_items(topic));
    for (const std::string& item : agreed_items(topic)) distinct.insert(item);
  }
  CHECK(positions == 122);
  CHECK(structures.size() == 15);
  CHECK(distinct.size() == 44);
}

TEST_CASE("S3.1 both tax bureaus share word for word the same seven structures") {
  const Catalogue catalogue = shipped().catalogue;
  std::size_t compared = 0;
  for (const auto& [id, topic] : catalogue.topics) {
    if (id.substr(0, 13) != "national_tax.") continue;
    const Topic* other = catalogue.find("local_tax." + id.substr(13));
    REQUIRE(other != nullptr);
    CHECK(other->title == topic.title);
    CHECK(other->items == topic.items);
    CHECK(other->key == topic.key);
    CHECK(other->mode == topic.mode);
    ++compared;
  }
  CHECK(compared == 7);
}

TEST_CASE("S3.1 every class has an area partition, an English title, and a required key") {
  for (const auto& [id, topic] : shipped().catalogue.topics) {
    INFO(id);
    CHECK(topic.partition == "area_code");
    REQUIRE(topic.find("area_code") != nullptr);
    CHECK(topic.find("area_code")->type == ItemType::digits);
    CHECK(topic.find("area_code")->length == 6);
    CHECK_FALSE(topic.title_en.empty());
    REQUIRE_FALSE(topic.key.empty());
    for (const Item& item : topic.items) {
      CHECK_FALSE(item.title.empty());
      CHECK_FALSE(item.title_en.empty());
      CHECK(item.required == topic.is_key(item.id));
      CHECK_FALSE(item.check_quarantines);
    }
  }
}

TEST_CASE("S3.1 the six weak classes, and only they, are keyed by source_row_id") {
  const std::set<std::string> weak = {"commerce.change_registration",     "national_tax.administrative_penalty",
                                      "national_tax.unlicensed_business", "local_tax.administrative_penalty",
                                      "local_tax.unlicensed_business",    "quality.code_change"};
  for (const auto& [id, topic] : shipped().catalogue.topics) {
    INFO(id);
    const bool is_weak = weak.count(id) != 0;
    CHECK((topic.find("source_row_id") != nullptr) == is_weak);
    CHECK((topic.key == std::vector<std::string>{"source_row_id"}) == is_weak);
  }
}

TEST_CASE("P45 registration number, organisation code and identity number have their check rules, as findings only") {
  const Catalogue catalogue = shipped().catalogue;
  const Topic* opening = catalogue.find("commerce.opening_registration");
  REQUIRE(opening != nullptr);
  CHECK(opening->find("registration_number")->check == CheckRule::registration_number);
  CHECK(opening->find("identity_document_number")->check == CheckRule::citizen_id);
  CHECK(opening->find("identity_document_number")->personal);
  CHECK(opening->find("contact_phone")->personal);
  CHECK_FALSE(opening->find("enterprise_name")->personal);
  CHECK(catalogue.find("quality.code_certificate_issue")->find("organisation_code")->check ==
        CheckRule::organisation_code);
}

TEST_CASE("S3.1 the files name the four departments") {
  const auto departments = shipped().departments;
  REQUIRE(departments.size() == 4);
  CHECK(departments.at("quality").title == "质监部门");
}

TEST_CASE("E1 a broken catalogue is refused with every place") {
  using Findings = std::vector<std::string>;
  CHECK(findings_of(good_shared,
                    department + "topics: {x.t: {title: 题, title_en: T, mode: state, key: a, items: [a, b]}}\n")
            .empty());
  CHECK(
      findings_of(good_shared,
                  department +
                      "topics:\n"
                      "  x.t: {title: 题, title_en: T, mode: stat, key: [c], partition: d, items: [a, q]}\n") ==
      Findings{"x.yaml:3:38 QZ-CFG-017", "x.yaml:3:50 QZ-CFG-034", "x.yaml:3:65 QZ-CFG-034", "x.yaml:3:79 QZ-CFG-034"});
  CHECK(findings_of(good_shared,
                    department + "topics:\n  t: {title: 题, title_en: T, mode: state, key: [], items: [a, a]}\n") ==
        Findings{"x.yaml:3:3 QZ-CFG-019", "x.yaml:3:48 QZ-CFG-018", "x.yaml:3:63 QZ-CFG-031"});
  CHECK(findings_of(good_shared, department + "items: {a: {title: 甲, title_en: A, type: date}}\ntopics: {}\n") ==
        Findings{"x.yaml:2:9 QZ-CFG-031"});
  CHECK(findings_of("version: 01\nitems:\n  A-b: {title: 甲, title_en: A, type: text(0)}\n",
                    department + "topics: {}\n") ==
        Findings{"catalogue.yaml:1:10 QZ-CFG-016", "catalogue.yaml:3:3 QZ-CFG-019", "catalogue.yaml:3:38 QZ-CFG-019"});
}

TEST_CASE("E1 types of items are read exactly") {
  for (const char* type : {"text", "text(1)", "code(18)", "digits(6)", "bytes(100)", "integer", "'decimal(12,2)'",
                           "date", "year", "timestamp", "boolean"}) {
    INFO(type);
    CHECK(findings_of(std::string("version: 1\nitems: {a: {title: 甲, title_en: A, type: ") + type + "}}\n",
                      department + "topics: {}\n")
              .empty());
  }
  for (const char* type : {"txt", "text()", "text(0)", "text(-1)", "text(1", "date(3)", "decimal", "'decimal(2)'",
                           "'decimal(2,3)'", "text(99999999)", "integer(3)"}) {
    INFO(type);
    CHECK(findings_of(std::string("version: 1\nitems: {a: {title: 甲, title_en: A, type: ") + type + "}}\n",
                      department + "topics: {}\n") == std::vector<std::string>{"catalogue.yaml:2:42 QZ-CFG-019"});
  }
}

TEST_CASE("S2.4 a catalogue of 269 topics and 4,535 items loads") {
  const test::TempDir folder;
  std::ofstream shared(folder / "catalogue.yaml");
  shared << "version: 7\nitems:\n";
  for (int i = 0; i < 4535; ++i) shared << "  i" << i << ": {title: 项, title_en: Item, type: text(100)}\n";
  shared.close();
  std::ofstream file(folder / "x.yaml");
  file << department << "topics:\n";
  for (int t = 0; t < 269; ++t) {
    file << "  x.t" << t << ":\n    title: 题\n    title_en: T\n    mode: state\n    key: [i" << t << "]\n    items:\n";
    for (int i = t; i < 4535; i += 269) file << "      - i" << i << "\n";
  }
  file.close();
  yaml::Diagnostics diagnostics;
  const Catalogue catalogue = yaml::load_catalogue(folder.path(), diagnostics);
  INFO(diagnostics.render());
  REQUIRE(diagnostics.errors() == 0);
  std::size_t items = 0;
  for (const auto& [id, topic] : catalogue.topics) items += topic.items.size();
  CHECK(catalogue.topics.size() == 269);
  CHECK(items == 4535);
}
