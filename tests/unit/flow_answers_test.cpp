// Several services of one source, of which some cannot be asked.
#include <catch2/catch.hpp>

#include "request_world.h"

using namespace qianzhi;
using test::request_second;
using test::RequestWorld;
using test::Side;

namespace {

constexpr char of_missing_table[] = "tax.debts";
constexpr char of_wrong_text[] = "tax.decisions";

// SQLite's adapter, and how many of its lookups took too long.
class CountingAdapter final : public adapter::Adapter {
 public:
  CountingAdapter(const Clock& clock, int& late) : inner_(adapter::make_sqlite_adapter(clock)), late_(late) {}
  adapter::Capabilities capabilities() const override { return inner_->capabilities(); }
  std::vector<adapter::TableInfo> describe(const adapter::Connection& connection) override {
    return inner_->describe(connection);
  }
  std::unique_ptr<adapter::Source> open_source(const adapter::SourceSpec& spec) override {
    return inner_->open_source(spec);
  }
  std::unique_ptr<adapter::Target> open_target(const adapter::TargetSpec& spec) override {
    return inner_->open_target(spec);
  }
  std::unique_ptr<adapter::Lookup> open_lookup(const adapter::LookupSpec& spec) override {
    return std::make_unique<CountingLookup>(inner_->open_lookup(spec), late_);
  }
  adapter::Plan plan_source(const adapter::SourceSpec& spec) override { return inner_->plan_source(spec); }
  adapter::Plan plan_target(const adapter::TargetSpec& spec) override { return inner_->plan_target(spec); }

 private:
  class CountingLookup final : public adapter::Lookup {
   public:
    CountingLookup(std::unique_ptr<adapter::Lookup> inner, int& late) : inner_(std::move(inner)), late_(late) {}
    adapter::Found find(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
                        const adapter::ReadLimits& limits) override {
      try {
        return inner_->find(statement, questions, rows_each, limits);
      } catch (const Error& error) {
        if (error.code() == "QZ-ADP-062") ++late_;
        throw;
      }
    }
    std::vector<adapter::Finding> preflight() override { return inner_->preflight(); }

   private:
    std::unique_ptr<adapter::Lookup> inner_;
    int& late_;
  };
  std::unique_ptr<adapter::Adapter> inner_;
  int& late_;
};

// A provider with three services, two of them wrong, and who asks all three.
struct ThreeServices {
  ThreeServices() {
    world.change_directory([](Directory& d) {
      for (const char* service : {of_missing_table, of_wrong_text}) {
        Topic topic = test::answered_topic();
        topic.id = service;
        d.catalogue.topics[service] = topic;
        d.provisions.push_back({service, "tax-01"});
        d.grants.push_back({service, service, "quality", {}, GroupSet::every(), 0, "case", "law"});
      }
    });
    tax.emplace(world, "tax-01");
    asker.emplace(world, test::asking);
    tax->sql("INSERT INTO tax VALUES('A', '2006', 100, '440103', 9)");
    config::AnswerConfig debts = tax->answer;
    debts.service = of_missing_table;
    debts.table = "debt";
    debts.place = {std::make_shared<yaml::SourceText>("agent.yaml", ""), 17, 5, 0};
    config::AnswerConfig decisions;
    decisions.service = of_wrong_text;
    decisions.source = "own";
    decisions.statement = "DELETE FROM tax WHERE reg = :number AND y = :year";
    decisions.place = {debts.place.source, 23, 5, 0};
    tax->others = {debts, decisions};
    tax->open();
  }
  Bytes ask(const char* service) {
    flow::InquiryDraft draft = asker->draft({{"A", "2006"}});
    draft.service = service;
    draft.providers = {"tax-01"};
    return asker->requests->ask(draft);
  }
  void turn() {
    for (Side* side : {&*asker, &*tax, &*tax, &*asker}) side->turn();
  }
  bool is_answered(const Bytes& id) const {
    return asker->requests->inquiry(id).providers[0].state == store::RequestState::answered;
  }
  std::string said() const {
    std::string all;
    for (const flow::Notice& notice : tax->answerer->notices())
      all += notice.code + " " + notice.subject + ": " + notice.detail + "\n";
    return all;
  }

  SystemClock real;
  RequestWorld world;
  std::optional<Side> tax;
  std::optional<Side> asker;
};

}  // namespace

TEST_CASE(
    "S2.8 P39 a service that cannot be asked stands alone, is named with its line, and answers once it is mended") {
  ThreeServices three;
  const Bytes debts = three.ask(of_missing_table);
  const Bytes decisions = three.ask(of_wrong_text);
  const Bytes totals = three.ask(test::tax_of_year);
  three.turn();
  CHECK(three.is_answered(totals));
  CHECK_FALSE(three.is_answered(debts));
  CHECK_FALSE(three.is_answered(decisions));
  const std::string said = three.said();
  CAPTURE(said);
  CHECK(said.find("QZ-AGT-176 tax.debts: agent.yaml:17:5: QZ-ADP-011 there is no table debt") != std::string::npos);
  CHECK(said.find("QZ-AGT-176 tax.decisions: agent.yaml:23:5: QZ-ADP-061 ") != std::string::npos);
  CHECK(said.find(test::tax_of_year) == std::string::npos);

  // What comes meanwhile is answered by the one that works, although the other two have older requests.
  const Bytes again = three.ask(test::tax_of_year);
  three.turn();
  CHECK(three.is_answered(again));

  // The DBA creates the table: nobody has to tell the agent.
  three.tax->sql("CREATE TABLE debt(reg TEXT, y TEXT, total INTEGER, area TEXT)");
  three.turn();
  CHECK_FALSE(three.is_answered(debts));  // not before it is tried again
  three.world.clock.advance(16 * request_second);
  three.turn();
  CHECK(three.is_answered(debts));
  CHECK(three.said().find("tax.debts") == std::string::npos);

  // The configuration is mended, and read again.
  three.tax->others[1].statement = "SELECT total, area FROM tax WHERE reg = :number AND y = :year";
  three.tax->open();
  three.turn();
  CHECK(three.is_answered(decisions));
  CHECK(three.said().empty());
}

TEST_CASE("A25 a lookup that takes too long holds up its own service only, and is tried ever more seldom") {
  ThreeServices three;
  three.tax->sql("CREATE TABLE n(i INTEGER)");
  three.tax->sql(
      "INSERT INTO n WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) SELECT i FROM c");
  config::AnswerConfig& slow = three.tax->others[1];
  slow.statement = "SELECT sum(a.i * b.i * c.i) AS total, '440103' AS area FROM n a, n b, n c WHERE :number <> :year";
  three.tax->others.erase(three.tax->others.begin());
  for (config::AnswerConfig* answer : {&three.tax->answer, &three.tax->others[0]}) answer->timeout = 20'000;
  // How long a lookup takes is looked at by a real clock, and only behind many steps of SQLite's machine.
  int late = 0;
  three.tax->answerer.reset();
  three.tax->adapter = std::make_unique<CountingAdapter>(three.real, late);
  three.tax->open();
  const Bytes decisions = three.ask(of_wrong_text);
  const Bytes totals = three.ask(test::tax_of_year);
  three.turn();
  CHECK(three.is_answered(totals));
  CHECK_FALSE(three.is_answered(decisions));
  CHECK(three.said().find("QZ-ADP-062") != std::string::npos);
  const auto tries_after = [&](Micros time) {
    three.world.clock.advance(time);
    const Bytes other = three.ask(test::tax_of_year);
    const int before = late;
    three.turn();
    CHECK(three.is_answered(other));
    return late > before;
  };
  CHECK(tries_after(16 * request_second));
  CHECK_FALSE(tries_after(16 * request_second));
  CHECK(tries_after(16 * request_second));
  CHECK_FALSE(tries_after(31 * request_second));
}

TEST_CASE("S2.9 a list of firms goes to both tax bureaus at once, and each returns each firm's total of the year") {
  RequestWorld world;
  Side national(world, "commerce-01");
  Side local(world, "tax-01");
  Side asker(world, test::asking);
  for (Side* bureau : {&national, &local}) {
    bureau->answer.table.clear();
    bureau->answer.match.clear();
    bureau->answer.statement =
        "SELECT sum(total) AS total, min(area) AS area FROM tax WHERE reg = :number AND y = :year GROUP BY reg";
    bureau->open();
  }
  national.sql("INSERT INTO tax VALUES('A', '2006', 100, '440103', 1), ('A', '2006', 23, '440103', 1)");
  national.sql("INSERT INTO tax VALUES('A', '2005', 7, '440103', 1), ('B', '2006', 5, '440104', 1)");
  local.sql("INSERT INTO tax VALUES('A', '2006', 11, '440103', 1), ('C', '2006', 2, '440103', 1)");
  const Bytes id = asker.requests->ask(asker.draft({{"A", "2006"}, {"B", "2006"}, {"C", "2006"}}));
  for (Side* side : {&asker, &national, &local, &asker}) side->turn();
  const flow::Inquiry told = asker.requests->inquiry(id);
  REQUIRE(told.is_over());
  using Verdict = seal::AnswerVerdict;
  const auto totals = [&](std::size_t bureau) {
    const seal::Answers& answers = told.providers.at(bureau).answers;
    std::vector<std::string> all;
    for (std::size_t row = 0; row < answers.questions.size(); ++row)
      all.push_back(std::to_string(answers.questions[row]) + "=" + std::string(answers.columns[0].text(row)));
    return all;
  };
  CHECK(told.providers[0].answers.verdicts == std::vector<Verdict>{Verdict::found, Verdict::found, Verdict::not_found});
  CHECK(told.providers[1].answers.verdicts == std::vector<Verdict>{Verdict::found, Verdict::not_found, Verdict::found});
  CHECK(totals(0) == std::vector<std::string>{"0=123", "1=5"});
  CHECK(totals(1) == std::vector<std::string>{"0=11", "2=2"});
}
