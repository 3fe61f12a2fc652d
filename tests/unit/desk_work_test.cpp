// The whole of it: a finding becomes a notice, a case, a warning, an urging, an end; as the program has it.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "agent/desk/work/case_verbs.h"
#include "desk_case_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

class SameRandom final : public Random {
 public:
  Bytes bytes(std::size_t size) override { return Bytes(size, '\x80'); }
};

const std::string work_yaml = R"(
outlets:
  - {id: sms, kind: file, file: sms.csv, format: csv, columns: [to, text]}
  - {id: post, kind: file, file: post.json}
cases:
  - rule: no_tax
    deadline: 30
    offices: {"440103": 荔湾所}
    notice: {outlet: sms, fields: {to: "{phone}", text: "请于 {due} 前办理"}}
    urge: {outlet: sms, fields: {to: "{phone}", text: "催办 {urges}"}}
    results:
      - {table: visit, subject: subject, code: result, person: officer, time: day, note: note}
case_staff:
  - {user: li, role: officer, offices: [荔湾所]}
  - {user: wang, role: head}
events:
  - {id: lost, on: {case: not_found}, outlet: post, fields: {text: "{title} {office}"}}
catalogue: catalogue
feeds:
  - {id: visits, table: visit, topics: [tax.visit], items: [number, result], folder: open, every: 1h}
)";

const std::string catalogue_yaml = R"(version: 1
items:
  number: {title: 编号, type: integer}
  result: {title: 结果, type: code(20)}
)";

std::string visit_topic(const std::string& publishable) {
  return "department: {id: tax, title: 税务}\ntopics:\n  tax.visit: {title: 上门, mode: state, key: [number], "
         "publishable: " +
         publishable + ", items: [number, result]}\n";
}

struct WorkWorld {
  TempDir dir;
  HandClock clock;
  SameRandom random;
  sqlite::Database database{dir / "desk.db", {}};
  std::unique_ptr<desk::DeskWork> work;

  explicit WorkWorld(const std::string& publishable = "true") {
    std::filesystem::create_directory(dir / "open");
    std::filesystem::create_directory(dir / "catalogue");
    write("catalogue/catalogue.yaml", catalogue_yaml);
    write("catalogue/tax.yaml", visit_topic(publishable));
    write("desk.yaml", work_yaml);
    database.execute(finding_schema);
    database.execute(visit_schema);
    clock.set_day("2004-03-21");
    yaml::Diagnostics diagnostics;
    const auto root = yaml::read_document(dir / "desk.yaml", diagnostics);
    REQUIRE(root.has_value());
    yaml::MapReader reader(&*root, "", diagnostics);
    desk::WorkConfig config = desk::read_work(reader);
    reader.finish();
    INFO(diagnostics.render());
    REQUIRE(!diagnostics.has_errors());
    work = std::make_unique<desk::DeskWork>(desk::DeskWork::Parts{database, "tax", {}, clock, random}, config,
                                            desk::WorkTables{visit_table, {}, {}});
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(dir / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(dir / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string say(const std::string& user, const std::vector<std::string>& words,
                  desk::WorkForm form = desk::WorkForm::text) {
    return desk::work_verb(*work, user, words, form);
  }
  void find(const std::string& level) {
    database.execute(
        "INSERT INTO finding(rule, subject, party, area, title, since, level, found, changed, detail) "
        "VALUES('no_tax', 'A', 'tax', '440103', '甲公司', '2004-03-01', '" +
        level +
        "', 1, 1, '{\"phone\":\"13800000000\"}') ON CONFLICT DO UPDATE SET level = "
        "excluded.level");
  }
};

}  // namespace

TEST_CASE("S1.7 S2.3 a firm without tax registration is noticed, assigned, warned, urged, visited, and not found") {
  WorkWorld world;
  CHECK(world.work->run_once().feeds == 1);
  world.find("notice");
  const desk::WorkTurn first = world.work->run_once();
  CHECK(first.cases.opened == 1);
  CHECK(first.notices.sent == 1);
  CHECK(world.read("sms.csv").find("13800000000,请于 2004-03-31 前办理") != std::string::npos);
  CHECK(world.say("li", {"case", "list"}) == "1  assigned  A  甲公司  440103  荔湾所  2004-03-31  -\n");
  check_throws("QZ-DSK-122", [&] { world.say("li", {"case", "urge", "1"}); });
  world.clock.set_day("2004-04-01");
  world.find("warning");
  CHECK(world.work->run_once().cases.raised == 1);
  CHECK(world.say("li", {"case", "urge", "1", "电话"}) == "已办理 done: 1\n");
  CHECK(world.work->run_once().notices.sent == 1);
  CHECK(world.read("sms.csv").find("催办 1") != std::string::npos);
  world.database.execute("INSERT INTO visit VALUES(1, 'A', '3', 'li', '2004-04-01', '')");
  const desk::WorkTurn last = world.work->run_once();
  CHECK(last.outcomes.applied == 1);
  CHECK(last.events == 1);
  CHECK(world.read("post.json").find("甲公司 荔湾所") != std::string::npos);
  CHECK(world.say("wang", {"case", "figures", "no_tax", "2004-01-01", "2004-06-30"}) ==
        "收到 received 1，按时 on time 0，逾期 late 0，免办 exempt 0，查找不到 not found 1，其他 other 0，未结 open "
        "0，催办 "
        "urgings 1，上门 visits 0\n");
  CHECK(world.say("wang", {"case", "show", "1"}).find("实地查找不到 / not found") != std::string::npos);
  CHECK(world.say("wang", {"case", "appeal", "1", "仍在原址"}) == "已办理 done: 1，复核案件 second check 2\n");
  CHECK(world.say("wang", {"notice", "list", "sent"}).find("case:urge") != std::string::npos);
  CHECK(world.work->run_once().notices.sent == 0);
}

TEST_CASE("S4.9 a topic that its department withdraws is not published any more, though the desk runs on") {
  WorkWorld world;
  CHECK(world.work->run_once().feeds == 1);
  world.database.execute("INSERT INTO visit VALUES(1, 'A', '3', 'li', '2004-04-01', '')");
  world.write("catalogue/tax.yaml", visit_topic("false"));
  world.clock.pass(3'600'000'000);
  world.find("notice");
  const desk::WorkTurn turn = world.work->run_once();
  CHECK(turn.feeds == 0);
  CHECK(turn.cases.opened == 1);
  CHECK(!std::filesystem::exists(world.dir / "open" / "visits-000002.csv"));
  // A catalogue that cannot be read permits nothing either.
  world.write("catalogue/tax.yaml", visit_topic("perhaps"));
  CHECK(world.work->run_once().feeds == 0);
  world.write("catalogue/tax.yaml", visit_topic("true"));
  CHECK(world.work->run_once().feeds == 1);
}

TEST_CASE("S4.9 a feed that is refused at load is told, and everything else works") {
  WorkWorld world("false");
  REQUIRE(world.work->refused().size() == 1);
  CHECK(world.work->refused()[0].code() == "QZ-DSK-150");
  world.find("notice");
  CHECK(world.work->run_once().notices.sent == 1);
}

TEST_CASE("words that are no command are refused") {
  WorkWorld world;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{},
                                                                                     {"case"},
                                                                                     {"case", "burn", "1"},
                                                                                     {"case", "show"},
                                                                                     {"case", "show", "1x"},
                                                                                     {"case", "show", "1", "2"},
                                                                                     {"case", "list", "colour=red"},
                                                                                     {"case", "list", "after=x"},
                                                                                     {"case", "exempt", "1"},
                                                                                     {"case", "figures", "r", "a", "b"},
                                                                                     {"notice"},
                                                                                     {"notice", "list", "lost"}})
    check_throws("QZ-DSK-125", [&] { world.say("wang", words); });
  check_throws("QZ-DSK-121", [&] { world.say("li", {"notice", "drop", "1"}); });
  check_throws("QZ-DSK-121", [&] { world.say("nobody", {"case", "figures", "no_tax", "2004-01-01", "2004-01-02"}); });
}

TEST_CASE("the shipped example of cases, notices, events and feeds is without fault") {
  yaml::Diagnostics diagnostics;
  const auto root = yaml::read_document(QIANZHI_SOURCE "/conf/desk/cases.yaml", diagnostics);
  REQUIRE(root.has_value());
  yaml::MapReader reader(&*root, "", diagnostics);
  const desk::WorkConfig config = desk::read_work(reader);
  reader.finish();
  INFO(diagnostics.render());
  CHECK(!diagnostics.has_errors());
  CHECK(config.outlets.size() == 5);
  CHECK(config.cases.rules.at(0).outcome("3")->not_found);
}
