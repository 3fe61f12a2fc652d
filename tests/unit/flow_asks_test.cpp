// A table of requests in the asker's own database (SQLite), and what is written beside it.
#include <catch2/catch.hpp>

#include <random>

#include "agent/flow/ask_table.h"
#include "agent/flow/table_asker.h"
#include "request_world.h"
#include "tests/sim/frail.h"

using namespace qianzhi;

namespace {

using test::request_second;
using test::RequestWorld;
using test::Side;

constexpr char counted[] =
    "SELECT count(*) || '|' || count(DISTINCT qz_request) FROM check_answer WHERE qz_provider = '*'";

// The asking side with its table of requests.
struct TableSide : Side {
  explicit TableSide(RequestWorld& the_world) : Side(the_world, test::asking) {
    ask.name = "lottery";
    ask.source = "own";
    ask.target = "own-answers";
    ask.table = "check_request";
    ask.key = "id";
    ask.key_type = ItemType::integer;
    ask.service = {"", test::tax_of_year};
    ask.services = {test::tax_of_year};
    ask.items = {{"number", "reg no"}, {"year", "y"}};
    ask.to = {"asked", ""};
    ask.purpose = {"", "case"};
    ask.basis = {"law", ""};
    ask.case_number = {"case_no", ""};
    ask.appeal = {"earlier", ""};
    ask.within = {"", "1h"};
    ask.answers = "check_answer";
    ask.rename = {{"area", "district"}};
    sql("CREATE TABLE check_request(id INTEGER PRIMARY KEY, \"reg no\" TEXT, y TEXT, asked TEXT, law TEXT, case_no "
        "TEXT, "
        "earlier INTEGER, status TEXT)");
    open_asker();
    sql(adapter->plan_target(target_spec()).install);
  }
  config::SourceConfig source() const {
    config::SourceConfig config;
    config.database = {"own", "sqlite", {{"file", file().string()}}, {}};
    return config;
  }
  adapter::TargetSpec target_spec() const {
    adapter::TargetSpec spec;
    spec.connection.options = source().database.options;
    spec.name = "answers";
    spec.tables = {flow::answer_table(ask, keeper->in_force()->catalogue)};
    return spec;
  }
  void open_asker() {
    asker.reset();
    Side::open();
    target = sim::frail(adapter::make_sqlite_adapter(world.clock), [this] { return dies && dies(); });
    config::DatabaseConfig database = source().database;
    database.id = "own-answers";
    const adapter::Connection connection{database.options, {}};
    asker = std::make_unique<flow::TableAsker>(
        test::asking, ask, source(), database,
        flow::TableAskerParts{*adapter, *target, connection, connection, *requests, *store, *keeper, world.clock});
  }
  void close() {
    asker.reset();
    answerer.reset();
    requests.reset();
    keeper.reset();
    store.reset();
  }
  // Until there is nothing to do.
  void work() {
    world.clock.advance(2 * request_second);
    while (asker->run_once() == flow::Progress::moved) {
    }
  }
  std::vector<std::string> lines(const std::string& query) const {
    sqlite::Database database(file(), {sqlite::Access::read_write, false, "", 5000});
    std::vector<std::string> all;
    auto rows = database.prepare(query);
    while (rows.step()) all.push_back(rows.text(0));
    return all;
  }
  // request|provider|line|state|verdict|code|total|district
  std::vector<std::string> answers_to(int request) const {
    return lines(
        "SELECT qz_provider || '|' || qz_line || '|' || qz_state || '|' || ifnull(qz_verdict, '') || '|' || "
        "ifnull(qz_code, '') || '|' || ifnull(total, '') || '|' || ifnull(district, '') FROM check_answer WHERE "
        "qz_request = " +
        std::to_string(request) + " ORDER BY qz_provider, qz_line");
  }
  std::size_t inquiries() const { return store->inquiries(100'000).size(); }

  config::AskConfig ask;
  std::function<bool()> dies;
  std::unique_ptr<adapter::Adapter> target;
  std::unique_ptr<flow::TableAsker> asker;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("S4.3 S1.9 rows of a request table are asked of all, and what each says is beside them, until the deadline") {
  RequestWorld world;
  Side tax(world, "tax-01");
  Side commerce(world, "commerce-01");
  TableSide own(world);
  tax.sql("INSERT INTO tax VALUES('A', '2006', 100, '440103', 9), ('A', '2006', 101, '440104', 9)");
  own.sql(
      "INSERT INTO check_request(id, \"reg no\", y, law, case_no) VALUES(7, ' A ', '2006', 'law', 'K1'), "
      "(8, 'B', '2006', 'law', 'K1'), (9, 'A', '2006', 'law', 'K2')");
  own.work();
  CHECK(own.inquiries() == 2);  // rows with the same reasons travel together
  CHECK(own.answers_to(8) == Lines{"*|0|asked||||", "commerce-01|1|open||||", "tax-01|1|open||||"});
  own.work();
  CHECK(own.inquiries() == 2);
  static_cast<Side&>(own).turn();
  tax.turn();
  static_cast<Side&>(own).turn();
  own.work();
  CHECK(own.answers_to(7) == Lines{"*|0|asked||||", "commerce-01|1|open||||", "tax-01|1|answered|found||100|440103",
                                   "tax-01|2|answered|found||101|440104"});
  CHECK(own.answers_to(8).back() == "tax-01|1|answered|not_found|||");
  // One is late and in time, the other answers after the deadline.
  const std::string asked = own.lines("SELECT qz_asked FROM check_answer WHERE qz_request = 7 AND qz_line = 0")[0];
  CHECK(asked.size() == std::string("2026-11-23T16:00:00").size());
  world.clock.advance(3600 * request_second);
  commerce.turn();
  static_cast<Side&>(own).turn();
  own.work();
  CHECK(own.answers_to(8) == Lines{"*|0|over||||", "commerce-01|1|expired||||", "tax-01|1|answered|not_found|||"});
  CHECK(own.lines(counted) == Lines{"3|3"});
  CHECK(own.lines("SELECT qz_providers || '|' || qz_answered FROM check_answer WHERE qz_line = 0 AND qz_request = 8") ==
        Lines{"2|1"});
  const auto told = own.requests->inquiry(own.store->inquiries(1).front().id);
  CHECK(told.questions.asker == "asks lottery");
}

TEST_CASE("A25 S2.6 a bad row of a request table is told why, and stops no other") {
  RequestWorld world;
  Side tax(world, "tax-01");
  TableSide own(world);
  own.ask.service = {"status", ""};
  own.ask.within = {"case_no", ""};
  own.open_asker();
  const std::string good = "'" + std::string(test::tax_of_year) + "'";
  own.sql(
      "INSERT INTO check_request(id, \"reg no\", y, law, case_no, asked, status, earlier) VALUES"
      "(1, NULL, '2006', 'law', '5m', 'tax-01', " +
      good +
      ", NULL),"
      "(2, 'A', 'x', 'law', '5m', 'tax-01', " +
      good +
      ", NULL),"
      "(3, 'A', '2006', 'law', '5m', 'tax-01', 'other.service', NULL),"
      "(4, 'A', '2006', '', '5m', 'tax-01', " +
      good +
      ", NULL),"
      "(5, 'A', '2006', 'law', 'soon', 'tax-01', " +
      good +
      ", NULL),"
      "(6, 'A', '2006', 'law', '5m', 'nobody', " +
      good +
      ", NULL),"
      "(7, 'A', '2006', 'law', '5m', 'tax-01', " +
      good +
      ", 99),"
      "(8, '''; DROP TABLE tax', '2006', 'law', '5m', ' tax-01 ,', " +
      good + ", NULL)");
  own.work();
  const auto codes = own.lines(
      "SELECT qz_request || ' ' || qz_state || ' ' || ifnull(qz_code, '') FROM check_answer "
      "WHERE qz_line = 0 ORDER BY qz_request");
  CHECK(codes == Lines{"1 refused QZ-AGT-166", "2 refused QZ-AGT-166", "3 refused QZ-AGT-166", "4 refused QZ-AGT-152",
                       "5 refused QZ-AGT-166", "6 refused QZ-AGT-151", "7 refused QZ-AGT-155", "8 asked "});
  CHECK(own.lines("SELECT qz_message FROM check_answer WHERE qz_request = 2")[0].find("year") != std::string::npos);
  for (Side* side : std::vector<Side*>{&own, &tax, &own}) side->turn();
  own.work();
  CHECK(own.answers_to(8) == Lines{"*|0|over||||", "tax-01|1|answered|not_found|||"});
  // The right ends: what is asked from then on is told so.
  world.change_directory([](Directory& d) { d.grants.pop_back(); });
  own.keeper->refresh(own.link);
  own.sql("INSERT INTO check_request(id, \"reg no\", y, law, case_no, status) VALUES(10, 'A', '2006', 'l', '1h', " +
          good + ")");
  own.work();
  CHECK(own.answers_to(10) == Lines{"*|0|refused||QZ-AGT-151||"});
}

TEST_CASE("S4.3 an appeal of a request table is linked to the row it questions again, and where says what is asked") {
  RequestWorld world;
  Side tax(world, "tax-01");
  TableSide own(world);
  own.ask.where = {{"status", {"new", "again"}}};
  own.open_asker();
  own.sql(
      "INSERT INTO check_request(id, \"reg no\", y, law, asked, status) VALUES(1, 'A', '2006', 'law', 'tax-01', "
      "'new'), "
      "(2, 'A', '2006', 'law', 'tax-01', 'draft')");
  own.work();
  for (Side* side : std::vector<Side*>{&own, &tax, &own}) side->turn();
  own.work();
  CHECK(own.lines(counted) == Lines{"1|1"});
  own.sql(
      "INSERT INTO check_request(id, \"reg no\", y, law, asked, status, earlier) VALUES(3, 'A', '2006', 'law', "
      "'tax-01', "
      "'again', 1)");
  own.work();
  const auto second = own.requests->inquiry(own.requests->asked_as("lottery", "3").value());
  CHECK(second.appeal == own.requests->asked_as("lottery", "1").value());
  CHECK(own.lines(counted) == Lines{"2|2"});
}

TEST_CASE("S2.8 what the answer table refuses is said, and written again without asking again once it is cured") {
  RequestWorld world;
  Side tax(world, "tax-01");
  TableSide own(world);
  tax.sql("INSERT INTO tax VALUES('A', '2006', 100, '440103', 9)");
  own.sql(
      "CREATE TRIGGER no_area BEFORE INSERT ON check_answer WHEN NEW.district IS NOT NULL BEGIN SELECT "
      "RAISE(ABORT, 'no'); END");
  own.sql(
      "INSERT INTO check_request(id, \"reg no\", y, law, asked) VALUES(1, 'A', '2006', 'law', 'tax-01'), "
      "(2, 'B', '2006', 'law', 'tax-01')");
  own.work();
  own.sql("DELETE FROM check_answer WHERE qz_provider <> '*'");  // so that its rows are inserts
  for (Side* side : std::vector<Side*>{&own, &tax, &own}) side->turn();
  own.work();
  CHECK(own.answers_to(1) == Lines{"*|0|over||||"});
  CHECK(own.answers_to(2) == Lines{"*|0|over||||", "tax-01|1|answered|not_found|||"});
  REQUIRE(own.asker->notices().size() == 1);
  CHECK(own.asker->notices()[0].code == "QZ-AGT-167");
  own.sql("DROP TRIGGER no_area; DELETE FROM check_answer WHERE qz_request = 1 AND qz_provider = '*'");
  own.work();
  CHECK(own.answers_to(1) == Lines{"*|0|over||||", "tax-01|1|answered|found||100|440103"});
  CHECK(own.inquiries() == 1);
}

TEST_CASE("S2.8 R2.1 what a lost or older queue knows nothing of is asked again, and nothing else is") {
  RequestWorld world;
  Side tax(world, "tax-01");
  TableSide own(world);
  own.sql("INSERT INTO check_request(id, \"reg no\", y, law, asked) VALUES(1, 'A', '2006', 'law', 'tax-01')");
  own.work();
  for (Side* side : std::vector<Side*>{&own, &tax, &own}) side->turn();
  own.work();
  own.sql("INSERT INTO check_request(id, \"reg no\", y, law, asked) VALUES(2, 'A', '2006', 'law', 'tax-01')");
  own.work();
  own.close();
  std::filesystem::remove(world.dir / (own.agent + ".queue"));
  own.open_asker();
  own.work();
  CHECK(own.inquiries() == 1);
  for (Side* side : std::vector<Side*>{&own, &tax, &own}) side->turn();
  own.work();
  CHECK(own.answers_to(2) == Lines{"*|0|over||||", "tax-01|1|answered|not_found|||"});
  CHECK(own.lines(counted) == Lines{"2|2"});
}

namespace {

// Every fifth row asks what is no question; numbers below 40 are known to one of the two providers.
void check_all_told(TableSide& own, int rows) {
  CHECK(own.lines(counted) == Lines{std::to_string(rows) + "|" + std::to_string(rows)});
  std::size_t asked = 0;
  for (const store::KeptInquiry& kept : own.store->inquiries(10'000))
    asked += own.requests->inquiry(kept.id).rows.size();
  CHECK(asked == static_cast<std::size_t>(rows - rows / 5));
  for (int row = 1; row <= rows; ++row) {
    CAPTURE(row);
    const Lines told = own.answers_to(row);
    if (row % 5 == 0) {
      REQUIRE(told == Lines{"*|0|refused||QZ-AGT-166||"});
      continue;
    }
    const int number = row % 50;
    REQUIRE(told == Lines{"*|0|over||||", "commerce-01|1|answered|not_found|||",
                          number < 40 ? "tax-01|1|answered|found||" + std::to_string(number * 10) + "|440103"
                                      : "tax-01|1|answered|not_found|||"});
  }
}

}  // namespace

TEST_CASE("S4.3 S2.8 whatever is lost or killed, each request of a table is asked once and answered once") {
  const unsigned seed = GENERATE(range(1U, 4U));
  RequestWorld world;
  std::mt19937 random(seed);
  Side commerce(world, "commerce-01");
  Side tax(world, "tax-01");
  TableSide own(world);
  const auto one_in = [&random](unsigned n) { return random() % n == 0; };
  own.dies = [&] { return one_in(4); };
  own.ask.rows = 3;
  const std::vector<Side*> sides = {&commerce, &tax, &own};
  for (Side* side : sides) side->link.loses = [&] { return one_in(4); };
  for (int i = 0; i < 40; ++i)
    tax.sql("INSERT INTO tax VALUES('" + std::to_string(i) + "', '2006', " + std::to_string(i * 10) + ", '440103', 9)");
  own.open_asker();
  int rows = 0;
  for (int step = 0; step < 300; ++step) {
    if (step < 200 && step % 2 == 0) {
      ++rows;
      // Every fifth asks what is no question.
      own.sql("INSERT INTO check_request(id, \"reg no\", y, law, case_no) VALUES(" + std::to_string(rows) + ", '" +
              std::to_string(rows % 50) + "', '" + (rows % 5 == 0 ? "bad" : "2006") + "', 'law', '" +
              std::to_string(random() % 3) + "')");
    }
    try {
      if (one_in(2)) own.asker->run_once();
      sides[random() % sides.size()]->turn();
    } catch (const Error& error) {
      REQUIRE(error.kind() == ErrorKind::unavailable);
      own.requests->send_again();
    }
    if (one_in(20)) own.open_asker();
    world.clock.advance(request_second);
  }
  own.dies = {};
  for (Side* side : sides) side->link.loses = {};
  own.open_asker();
  own.requests->send_again();
  for (int round = 0; round < 12; ++round) {
    world.clock.advance(11 * request_second);
    own.work();
    for (Side* side : sides) side->turn();
  }
  own.work();
  INFO("seed " << seed);
  check_all_told(own, rows);
}
