// Cases as people work on them.
#include <catch2/catch.hpp>

#include "agent/desk/cases/case_text.h"
#include "desk_case_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

struct WarnedWorld : CaseWorld {
  WarnedWorld() : CaseWorld(plain_cases) {
    clock.set_day("2004-04-02");
    find("A", "2004-03-01", "warning", "440103");
    find("B", "2004-03-01", "warning", "440104");
    keep();
    a = file("A").id;
    b = file("B").id;
  }
  std::int64_t a = 0;
  std::int64_t b = 0;
};

}  // namespace

TEST_CASE("who may not is refused, and both are in the audit") {
  WarnedWorld world;
  check_throws("QZ-DSK-121", [&] { world.desk.urge("nobody", world.a, ""); });
  check_throws("QZ-DSK-121", [&] { world.desk.urge("zhao", world.a, ""); });
  check_throws("QZ-DSK-121", [&] { world.desk.urge("li", world.b, ""); });
  check_throws("QZ-DSK-121", [&] { world.desk.exempt("li", world.a, "x"); });
  check_throws("QZ-DSK-121", [&] { world.desk.assign("li", world.a, "越秀所", ""); });
  check_throws("QZ-DSK-121", [&] { world.desk.show("nobody", 4711); });
  check_throws("QZ-DSK-120", [&] { world.desk.show("wang", 4711); });
  CHECK(world.file("A").urges == 0);
  world.desk.urge("li", world.a, "");
  CHECK(world.number("SELECT count(*) FROM case_audit WHERE allowed = 0") == 7);
  CHECK(world.number("SELECT count(*) FROM case_audit WHERE allowed = 1 AND who = 'li' AND role = 'officer'") == 1);
}

TEST_CASE("an officer's list holds the own office's cases only") {
  WarnedWorld world;
  CHECK(world.desk.list("li", {}).size() == 1);
  CHECK(world.desk.list("wang", {}).size() == 2);
  desk::CaseFilter filter;
  filter.area = "440104";
  CHECK(world.desk.list("wang", filter).size() == 1);
  CHECK(world.desk.list("wang", {}, world.a).size() == 1);
}

TEST_CASE("a reason must be given, a day must be one that has been") {
  WarnedWorld world;
  check_throws("QZ-DSK-124", [&] { world.desk.exempt("wang", world.a, ""); });
  check_throws("QZ-DSK-124", [&] { world.desk.close("wang", world.a, ""); });
  check_throws("QZ-DSK-124", [&] { world.desk.outcome("li", world.a, "not_found", "2004-02-30", ""); });
  check_throws("QZ-DSK-124", [&] { world.desk.outcome("li", world.a, "not_found", "2004-04-03", ""); });
  check_throws("QZ-DSK-123", [&] { world.desk.outcome("li", world.a, "vanished", "", ""); });
  CHECK(!world.file("A").is_closed());
}

TEST_CASE("S4.3 an appeal is a second check, linked to the first") {
  WarnedWorld world;
  check_throws("QZ-DSK-122", [&] { world.desk.appeal("wang", world.a, "仍在原址"); });
  world.desk.outcome("li", world.a, "实地查找不到", "2004-04-02", "");
  CHECK(world.file("A").closed_by == "outcome");
  world.clock.set_day("2004-04-10");
  const std::int64_t second = world.desk.appeal("wang", world.a, "仍在原址");
  check_throws("QZ-DSK-122", [&] { world.desk.appeal("wang", world.a, "again"); });
  CHECK(world.store.find(second)->appeal_of == world.a);
  CHECK(world.store.find(second)->office == "荔湾所");
  // What is reported of the subject now belongs to the second check.
  CHECK(world.file("A").id == second);
  world.desk.outcome("li", second, "found_unregistered", "2004-04-10", "");
  CHECK(world.number("SELECT count(*) FROM case_not_found") == 0);
  CHECK(world.store.find(world.a)->outcome == "not_found");
  world.desk.close("wang", second, "核实完毕");
  check_throws("QZ-DSK-122", [&] { world.desk.appeal("wang", second, "an appeal has no appeal"); });
  world.clock.set_day("2004-08-01");
  check_throws("QZ-DSK-122", [&] { world.desk.appeal("wang", world.a, "too late"); });
  CHECK(world.steps(world.a) == "opened assigned warned not_found closed appealed");
}

TEST_CASE("S4.5 a person opens a case about several persons, with purpose and legal basis") {
  WarnedWorld world;
  desk::NewCase fresh;
  fresh.rule = "no_tax";
  fresh.subject = "H1";
  fresh.area = "440104";
  fresh.persons = {{"张三", "110105194912310021"}, {"李四", ""}};
  check_throws("QZ-DSK-121", [&] { world.desk.open("li", fresh); });
  const std::int64_t id = world.desk.open("wang", fresh);
  check_throws("QZ-DSK-122", [&] { world.desk.open("wang", fresh); });
  const desk::CaseView view = world.desk.show("wang", id);
  REQUIRE(view.persons.size() == 2);
  CHECK(view.persons[1].name == "李四");
  CHECK(view.file.persons == 2);
  CHECK(view.file.basis == "税收征收管理法");
  const std::string json = desk::to_json(view);
  CHECK(json.find(R"("people":[{"name":"张三","document":"110105194912310021"})") != std::string::npos);
  CHECK(desk::to_text(view, world.book.config().rule("no_tax")).find("张三") != std::string::npos);
  CHECK(desk::to_json(world.desk.list("wang", {})).find("张三") == std::string::npos);
}

TEST_CASE("every fault in cases of desk.yaml is told, with its line") {
  yaml::Diagnostics diagnostics;
  const auto root = yaml::parse_document("desk.yaml",
                                         "cases:\n"
                                         "  - rule: a\n"
                                         "    deadline: 0\n"
                                         "    notice: {outlet: fax}\n"
                                         "  - rule: a\n"
                                         "    ofices: {}\n"
                                         "    warning: {outlet: sms, fields: {text: \"{title\"}}\n"
                                         "case_staff:\n"
                                         "  - {user: li, role: boss}\n",
                                         diagnostics);
  REQUIRE(root.has_value());
  yaml::MapReader reader(&*root, "", diagnostics);
  desk::read_cases(reader, {"sms"});
  reader.finish();
  const std::string text = diagnostics.render();
  INFO(text);
  for (const char* place :
       {"desk.yaml:3:", "desk.yaml:4:", "desk.yaml:5:", "desk.yaml:6:", "desk.yaml:7:", "desk.yaml:9:"})
    CHECK(text.find(place) != std::string::npos);
  CHECK(diagnostics.errors() == 6);
}

TEST_CASE("S4.3 who works on what another has changed meanwhile is told so, and nothing is done") {
  WarnedWorld world;
  const std::int64_t seen = world.desk.show("li", world.a).version;
  world.desk.note("wang", world.a, "电话约定周五上门");
  check_throws("QZ-DSK-126", [&] { world.desk.visit({"li", seen, ""}, world.a, ""); });
  CHECK(world.file("A").visits == 0);
  world.desk.visit({"li", world.desk.show("li", world.a).version, ""}, world.a, "");
  CHECK(world.file("A").visits == 1);
  CHECK(world.number("SELECT count(*) FROM case_audit WHERE detail = 'QZ-DSK-126'") == 1);
}

TEST_CASE("S4.3 a request that comes twice is carried out once") {
  WarnedWorld world;
  const std::int64_t seen = world.desk.show("li", world.a).version;
  for (int i = 0; i < 3; ++i) world.desk.urge({"li", seen, "r1"}, world.a, "");
  CHECK(world.file("A").urges == 1);
  check_throws("QZ-DSK-127", [&] { world.desk.visit({"li", 0, "r1"}, world.a, ""); });
  // Names of requests are each user's own.
  world.desk.visit({"wang", 0, "r1"}, world.a, "");
  world.desk.exempt({"wang", 0, "r2"}, world.a, "歇业");
  const std::int64_t second = world.desk.appeal({"wang", 0, "r3"}, world.a, "申诉");
  CHECK(world.desk.appeal({"wang", 0, "r3"}, world.a, "申诉") == second);
  check_throws("QZ-DSK-124", [&] { world.desk.note({"wang", 0, std::string(65, 'r')}, world.a, "x"); });
  world.clock.pass(8 * Micros{86'400'000'000});
  world.desk.note({"wang", 0, "r4"}, world.a, "x");
  CHECK(world.number("SELECT count(*) FROM case_request") == 1);
}

TEST_CASE("S4.3 persons join an open case, and whoever may not see documents sees them masked") {
  WarnedWorld world;
  world.desk.add_person("li", world.a, {"陈志明", "440301197001011234"});
  world.desk.add_person("li", world.a, {"黄国强", ""});
  check_throws("QZ-DSK-124", [&] { world.desk.add_person("li", world.a, {"", "1"}); });
  CHECK(world.desk.show("li", world.a).persons.front().document == "440301197001011234");
  const desk::CaseView seen = world.desk.show("zhao", world.a);
  CHECK(seen.persons.front().name == "陈志明");
  CHECK(seen.persons.front().document == "440*************34");
  CHECK(seen.file.persons == 2);
  for (const desk::CaseStep& step : seen.steps) CHECK(step.note.find("陈志明") == std::string::npos);
  world.desk.exempt("wang", world.a, "歇业");
  check_throws("QZ-DSK-122", [&] { world.desk.add_person("li", world.a, {"丙", ""}); });
}

TEST_CASE("S2.3 what is due first is listed first, in pages, and filters hold together") {
  WarnedWorld world;
  world.find("C", "2004-03-03", "notice", "440104007");
  world.find("D", "2004-02-01", "warning", "440103");
  world.keep();
  const auto titles = [&](const std::string& user, const desk::CaseFilter& filter, std::size_t most = 10,
                          const std::optional<desk::CasePlace>& after = {}) {
    std::string all;
    for (const desk::CaseFile& file : world.desk.list_by_due(user, filter, after, most)) all += file.subject;
    return all;
  };
  CHECK(titles("wang", {}) == "DABC");
  CHECK(titles("li", {}) == "DA");
  CHECK(titles("wang", {}, 2) == "DA");
  CHECK(titles("wang", {}, 2, desk::CasePlace{world.file("A").due, world.a}) == "BC");
  desk::CaseFilter filter;
  filter.due_before = "2004-04-02";
  CHECK(titles("wang", filter) == "DAB");
  filter.text = "A公";
  CHECK(titles("wang", filter) == "A");
  filter.text = "%";
  CHECK(titles("wang", filter).empty());
  filter = {};
  filter.due_on = "2004-04-02";
  CHECK(titles("wang", filter) == "C");
  world.desk.assign("wang", world.b, "越秀所", "li");
  filter = {};
  filter.assignee = "li";
  CHECK(titles("wang", filter) == "B");
  CHECK(titles("li", filter).empty());
  filter = {};
  filter.offices = {"越秀所"};
  CHECK(titles("li", filter) == "DA");
}

TEST_CASE("S2.3 the overview counts open cases by stage, area and office, of the own offices only") {
  WarnedWorld world;
  world.find("C", "2004-03-03", "notice", "440104007");
  world.keep();
  world.desk.urge("li", world.a, "");
  const desk::CaseOverview all = world.desk.overview("wang", "");
  CHECK(all.all.open == 3);
  CHECK(all.all.overdue == 2);
  CHECK(all.all.due_today == 1);
  CHECK(all.all.stages == std::map<std::string, std::int64_t>{{"assigned", 1}, {"urged", 1}, {"warned", 1}});
  CHECK(all.areas.size() == 3);
  CHECK(all.offices.at("荔湾所").overdue == 1);
  CHECK(world.desk.overview("li", "").all.open == 1);
  CHECK(world.desk.overview("li", "").areas.size() == 1);
  CHECK(world.desk.overview("wang", "other").all.open == 0);
  check_throws("QZ-DSK-121", [&] { world.desk.overview("nobody", ""); });
  check_throws("QZ-DSK-121", [&] { world.desk.admit("li", "report", desk::CaseRole::viewer); });
  world.desk.admit("zhao", "report", desk::CaseRole::viewer);
  check_throws("QZ-DSK-121", [&] { world.desk.admit("zhao", "notice again", desk::CaseRole::head); });
}
