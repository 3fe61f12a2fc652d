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
