// From finding to case to its end, by itself.
#include <catch2/catch.hpp>

#include "desk_case_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

std::vector<desk::Notice> notices_of(CaseWorld& world) { return world.box.list(std::nullopt, 1000); }

}  // namespace

TEST_CASE("S1.7 S2.3 day 20 opens a case, assigns it by area and notices the firm once") {
  CaseWorld world(plain_cases);
  world.clock.set_day("2004-03-21");
  world.find("A", "2004-03-01", "notice", "440103", R"({"phone":"13800000000"})");
  CHECK(world.keep().opened == 1);
  const desk::CaseFile file = world.file("A");
  CHECK(file.state == "assigned");
  CHECK(file.office == "荔湾所");
  CHECK(file.due == "2004-03-31");
  CHECK(file.purpose == "税源监控");
  CHECK(file.basis == "税收征收管理法");
  CHECK(world.steps(file.id) == "opened assigned noticed");
  for (int again = 0; again < 3; ++again) CHECK(world.keep().opened == 0);
  REQUIRE(notices_of(world).size() == 1);
  CHECK(notices_of(world)[0].outlet == "sms");
  CHECK(notices_of(world)[0].payload == R"({"text":"A公司，请于 2004-03-31 前办理税务登记","to":"13800000000"})");
}

TEST_CASE("S1.7 only after day 30 it is warned, urged and visited") {
  CaseWorld world(plain_cases);
  world.clock.set_day("2004-03-21");
  world.find("A", "2004-03-01", "notice");
  world.keep();
  const std::int64_t id = world.file("A").id;
  check_throws("QZ-DSK-122", [&] { world.desk.urge("li", id, ""); });
  check_throws("QZ-DSK-122", [&] { world.desk.visit("li", id, ""); });
  world.clock.set_day("2004-04-01");
  world.find("A", "2004-03-01", "warning");
  CHECK(world.keep().raised == 1);
  CHECK(world.file("A").state == "warned");
  CHECK(world.keep().raised == 0);
  world.desk.urge("li", id, "电话");
  world.desk.urge("li", id, "");
  CHECK(world.file("A").urges == 2);
  world.desk.visit("li", id, "");
  CHECK(world.file("A").state == "visited");
  CHECK(world.steps(id) == "opened assigned noticed warned urged urged visited");
  // The friendly notice, the warning, and each urging once.
  CHECK(notices_of(world).size() == 4);
}

TEST_CASE("S1.7 a case closes by itself when the registration arrives, in time or late, and opens again") {
  CaseWorld world(plain_cases);
  world.clock.set_day("2004-03-21");
  world.find("in time", "2004-03-01", "notice");
  world.find("late", "2004-03-01", "notice");
  world.keep();
  world.clock.set_day("2004-03-31");
  world.registered("in time");
  CHECK(world.keep().settled == 1);
  CHECK(world.file("in time").closed_by == "registered");
  CHECK(world.file("in time").on_time == true);
  world.clock.set_day("2004-04-01");
  world.registered("late");
  CHECK(world.keep().settled == 1);
  CHECK(world.file("late").on_time == false);
  CHECK(world.keep().settled == 0);
  world.clock.set_day("2004-06-01");
  world.find("late", "2004-03-01", "warning");
  CHECK(world.keep().reopened == 1);
  CHECK(world.file("late").state == "warned");
  CHECK(!world.file("late").on_time.has_value());
  CHECK(world.file("late").reopened == 1);
}

TEST_CASE("S1.7 holidays extend a deadline") {
  // The seven days from the first of October are off.
  const desk::DueDay due = [](Day from, int days) {
    Day day = from + days;
    while (date_text(day) >= "2004-10-01" && date_text(day) <= "2004-10-07") ++day;
    return day;
  };
  CaseWorld world(plain_cases, due);
  world.clock.set_day("2004-09-22");
  world.find("A", "2004-09-02", "notice");
  world.keep();
  CHECK(world.file("A").due == "2004-10-08");
}

TEST_CASE("an area's longest beginning names the office, a moved firm another one") {
  CaseWorld world(plain_cases);
  world.clock.set_day("2004-03-21");
  world.find("A", "2004-03-01", "notice", "440104007");
  world.find("B", "2004-03-01", "notice", "440104001");
  world.find("C", "2004-03-01", "notice", "330100");
  world.keep();
  CHECK(world.file("A").office == "建设所");
  CHECK(world.file("B").office == "越秀所");
  CHECK(world.file("C").state == "open");
  world.database.execute("UPDATE finding SET area = '440103' WHERE subject = 'C'");
  CHECK(world.keep().refreshed == 1);
  CHECK(world.file("C").office == "荔湾所");
  CHECK(world.file("C").state == "assigned");
}

TEST_CASE("S1.7 outcomes that the department writes into its own table are applied once, the wrong ones set aside") {
  CaseWorld world(plain_cases, {}, visit_table);
  world.database.execute(visit_schema);
  world.clock.set_day("2004-04-02");
  for (const char* subject : {"A", "B", "C"}) world.find(subject, "2004-03-01", "warning");
  world.keep();
  world.database.execute(
      "INSERT INTO visit VALUES(1, 'A', '找到企业已登记', 'li', '2004-04-01', ''), (2, 'B', '2', 'li', '2004-04-01', "
      "''), "
      "(3, 'C', '实地查找不到', 'li', '2004-04-02', '人去楼空'), (4, 'X', '1', 'li', '2004-04-01', ''), "
      "(5, 'A', '9', 'li', '2004-04-01', ''), (6, 'B', '1', 'li', '2004-04-31', ''), (7, 'B', '1', 'li', "
      "'2005-01-01', '')");
  const desk::IntakeCounts first = world.take_in();
  CHECK(first.applied == 3);
  CHECK(first.rejected == 4);
  CHECK(world.file("A").outcome == "found_registered");
  CHECK(!world.file("A").is_closed());
  CHECK(world.file("B").outcome == "found_unregistered");
  CHECK(world.file("C").closed_by == "outcome");
  CHECK(world.number("SELECT count(*) FROM case_not_found WHERE subject = 'C' AND visited = '2004-04-02'") == 1);
  CHECK(world.number("SELECT count(*) FROM case_rejected WHERE key = '[\"4\"]' AND code = 'QZ-DSK-120'") == 1);
  CHECK(world.number("SELECT count(*) FROM case_rejected WHERE key = '[\"5\"]' AND code = 'QZ-DSK-123'") == 1);
  CHECK(world.number("SELECT count(*) FROM case_rejected WHERE code = 'QZ-DSK-124'") == 2);
  CHECK(world.take_in().applied == 0);
  CHECK(world.steps(world.file("C").id) == "opened assigned warned not_found closed");
  // Its case comes later, and a wrong row is mended: both are applied then.
  world.find("X", "2004-03-01", "warning");
  world.keep();
  world.database.execute("UPDATE visit SET result = '1', day = '2004-04-02' WHERE number = 5");
  CHECK(world.take_in().applied == 2);
  CHECK(world.number("SELECT count(*) FROM case_rejected WHERE resolved > 0") == 2);
  CHECK(world.number("SELECT count(*) FROM case_rejected") == 4);
}

TEST_CASE("S1.7 who was not found and registers later leaves the table of those not found") {
  CaseWorld world(plain_cases, {}, visit_table);
  world.database.execute(visit_schema);
  world.clock.set_day("2004-04-02");
  world.find("C", "2004-03-01", "warning");
  world.keep();
  world.database.execute("INSERT INTO visit VALUES(3, 'C', '3', 'li', '2004-04-02', '')");
  world.take_in();
  CHECK(world.keep().reopened == 0);
  CHECK(world.number("SELECT count(*) FROM case_not_found") == 1);
  world.registered("C");
  CHECK(world.keep().settled == 1);
  CHECK(world.number("SELECT count(*) FROM case_not_found") == 0);
  CHECK(world.file("C").closed_by == "registered");
}

TEST_CASE("an exempted case stays closed while its finding holds") {
  CaseWorld world(plain_cases);
  world.clock.set_day("2004-03-21");
  world.find("A", "2004-03-01", "notice");
  world.keep();
  world.desk.exempt("wang", world.file("A").id, "分支机构");
  world.clock.set_day("2004-05-01");
  world.find("A", "2004-03-01", "warning");
  const desk::KeeperCounts counts = world.keep();
  CHECK(counts.reopened + counts.raised + counts.opened == 0);
  CHECK(world.file("A").closed_by == "exempt");
}

TEST_CASE("history and audit of cases cannot be rewritten") {
  CaseWorld world(plain_cases);
  world.clock.set_day("2004-03-21");
  world.find("A", "2004-03-01", "notice");
  world.keep();
  world.desk.show("wang", world.file("A").id);
  for (const char* sql : {"UPDATE case_event SET what = ''", "DELETE FROM case_event", "DELETE FROM case_audit",
                          "UPDATE case_audit SET who = ''"})
    check_throws("QZ-SQL-004", [&] { world.database.execute(sql); });
}
