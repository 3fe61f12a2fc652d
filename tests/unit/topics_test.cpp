// What `qianzhi topics` tells, from a directory.
#include <catch2/catch.hpp>

#include "agent/app/topics_text.h"
#include "hub-protocol/catalogue/initials.h"
#include "hub-protocol/yaml/catalogue.h"
#include "tests/support/throws.h"

using namespace qianzhi;

namespace {

constexpr Micros now = 1'800'000'000'000'000;

Directory exchange() {
  yaml::Diagnostics diagnostics;
  const yaml::CatalogueFolder shipped = yaml::load_catalogue_folder(QIANZHI_CATALOGUE, diagnostics);
  Directory directory;
  directory.version = 5;
  directory.catalogue = shipped.catalogue;
  directory.departments = shipped.departments;
  catalogue::write_initials(directory.catalogue);
  directory.agents["commerce-01"] = {"commerce-01", "commerce", {}, {}, true};
  directory.agents["tax-01"] = {"tax-01", "national_tax", {}, {}, true};
  const std::string topic = "commerce.opening_registration";
  directory.provisions.push_back({topic, "commerce-01", GroupSet::every()});
  directory.grants.push_back(
      {"g-1", topic, "national_tax", {"enterprise_name"}, GroupSet::every(), 0, "税源监控", "办法"});
  directory.grants.push_back({"g-2", topic, "national_tax", {"domicile"}, GroupSet::of({"440103"}), now + 1, "", ""});
  directory.grants.push_back({"g-3", topic, "national_tax", {"contact_phone"}, GroupSet::every(), now, "", ""});
  directory.catalogue.topics.at("commerce.annual_inspection").sharing = Sharing::none;
  return directory;
}

std::string told(const std::string& words, const std::string& agent = "tax-01", const Directory& from = exchange()) {
  return app::topics_text({from, agent, now, words});
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("S2.5 a DBA sees all about a topic: provider, terms, items with types, what is granted, what to ask for") {
  const std::string text = told("commerce.opening_registration");
  INFO(text);
  CHECK(has(text, "开业登记信息 / Opening registration"));
  CHECK(has(text, "工商部门 / Administration for Industry and Commerce (commerce)"));
  CHECK(has(text, "commerce-01"));
  CHECK(has(text, "无条件共享 / shared without conditions"));
  CHECK(has(text, "update cycle: 1d"));
  CHECK(has(text, "税源监控、市场监管"));
  CHECK(has(text, "may be published: 否 no"));
  CHECK(has(text, "contact: 工商部门信息中心"));
  CHECK(has(text, "✓ registration_number  企业注册号 / Registration number  code(18)  主键 key"));
  CHECK(has(text, "✓ enterprise_name  企业名称"));
  CHECK(has(text, "◐ domicile  住所"));
  // Its grant has ended.
  CHECK(has(text, "✕ contact_phone  联系电话 / Contact phone  text(50)  个人信息 personal"));
  CHECK_FALSE(has(text, "g-3"));
  CHECK(has(text, "g-2: 分区 groups 440103"));
  CHECK(has(text, "代码表 codes 行政区划代码（杭州、广州） GB/T 2260 ("));
  CHECK(has(text, "qianzhi request-access commerce.opening_registration --items "));
  const std::string hint = text.substr(text.find("request-access"));
  CHECK(has(hint, "contact_phone"));
  CHECK(has(hint, "domicile"));
  CHECK_FALSE(has(hint, "enterprise_name"));
  CHECK(has(text, "catalogue version 1"));
}

TEST_CASE("S2.5 the provider's own DBA is asked to request nothing, nor is anybody of a topic that is not shared") {
  const std::string own = told("commerce.opening_registration", "commerce-01");
  CHECK(has(own, "本部门提供 provided here"));
  CHECK_FALSE(has(own, "request-access"));
  const std::string refused = told("commerce.annual_inspection");
  CHECK(has(refused, "不予共享 / not shared"));
  CHECK(has(refused, "不能申请"));
  CHECK_FALSE(has(refused, "request-access"));
  // Nothing is granted: all of it is asked for.
  CHECK(has(told("commerce.deregistration"), "request-access commerce.deregistration --purpose"));
}

TEST_CASE("S2.4 S2.5 topics are looked up by words, pinyin initials and items without any dictionary at the agent") {
  const std::string all = told("");
  CHECK(has(all, "主题 topics 22/22"));
  CHECK(has(all, "已授权 granted 3/14 项 items"));
  CHECK(has(told("kydj"), "commerce.opening_registration  开业登记信息"));
  const std::string by_item = told("联系电话");
  CHECK(has(by_item, "数据项 items: 联系电话 contact_phone"));
  CHECK(has(by_item, "topics 1/22"));
  test::check_throws("QZ-AGT-111", [] { told("没有的"); });
  Directory expired = exchange();
  expired.expires = now;
  CHECK(has(told("kydj", "tax-01", expired), "目录已过期"));
  CHECK(has(told("kydj", "nobody", expired), "未授权 not granted"));
}

TEST_CASE("S2.5 the same as JSON") {
  const Directory directory = exchange();
  const std::string json = app::topics_json({directory, "tax-01", now, "commerce.opening_registration"});
  CHECK(has(json, R"("id":"commerce.opening_registration")"));
  CHECK(has(json, R"("granted_groups":["*"])"));
  CHECK(has(json, R"("purposes":["税源监控","市场监管"])"));
  CHECK(has(json, R"("granted":"some_groups")"));
  CHECK(has(json, R"("catalogue_version":"1")"));
}
