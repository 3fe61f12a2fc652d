// What a table of requests needs of every database that can be asked and written to: requests without an answer are
// found, each once, and its answer is written in one transaction.
#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "agent/flow/ask_drafts.h"
#include "agent/flow/ask_rows.h"
#include "agent/flow/ask_table.h"
#include "tests/contract/fixture.h"

namespace qianzhi::test::contract {

namespace {

// Of the department: requests, with a key of either kind.
struct AskDesk {
  AskDesk(Fixture& the_fixture, ItemType key_type) : fixture(the_fixture) {
    ask.name = "desk";
    ask.table = "check_request";
    ask.answers = "check_answer";
    ask.key = "id";
    ask.key_type = key_type;
    ask.where = {{"state", {"again", "new"}}};
    ask.items = {{"number", "id_no"}};
    ask.service = {"", "check.standing"};
    ask.services = {"check.standing"};
    ask.purpose = {"why", ""};
    ask.basis = {"", "law"};
    Topic topic;
    topic.id = "check.standing";
    topic.mode = TopicMode::answer;
    topic.items = {{"number", "", "", ItemType::text, 18}, {"amount", "", "", ItemType::decimal, 12, 2}};
    topic.key = {"number"};
    catalogue.topics.emplace(topic.id, topic);
    const bool is_number = key_type == ItemType::integer;
    fixture.run(std::string("CREATE TABLE check_request(id ") + (is_number ? "INTEGER" : "VARCHAR(40)") +
                " NOT NULL PRIMARY KEY, id_no VARCHAR(18), why VARCHAR(100), state VARCHAR(10))");
    fixture.run(fixture.adapter().plan_target(target_spec()).install);
  }
  config::SourceConfig source() const {
    const auto options = fixture.connection().options;
    const auto has = [&](const char* name) { return options.count(name) != 0; };
    config::SourceConfig source;
    source.database.id = "own";
    source.database.type = has("dialect") ? "odbc" : has("socket") ? "mysql" : has("dsn") ? "postgresql" : "sqlite";
    source.database.options = options;
    return source;
  }
  adapter::TargetSpec target_spec() const {
    adapter::TargetSpec spec;
    spec.connection = fixture.connection();
    spec.name = "answers";
    spec.tables = {flow::answer_table(ask, catalogue)};
    return spec;
  }
  adapter::Found find(adapter::Lookup& lookup, std::size_t rows) const {
    return lookup.find(0, flow::requests_question(ask), rows, {rows, 1U << 20U});
  }
  flow::AskDrafts drafts(const adapter::Found& found) const {
    return flow::drafts_of(ask, catalogue, found, [](const std::string&) { return std::nullopt; });
  }

  Fixture& fixture;
  config::AskConfig ask;
  Catalogue catalogue;
};

flow::Inquiry inquiry_of(const flow::InquiryDraft& draft) {
  flow::Inquiry inquiry;
  inquiry.id = Bytes(16, 'i');
  inquiry.made = 1'164'330'000'000'000;
  inquiry.deadline = inquiry.made + draft.within;
  inquiry.questions = draft.questions;
  inquiry.rows = draft.rows;
  flow::ProviderAnswer answered{"tax-01", store::RequestState::answered, {}, inquiry.made, {}};
  answered.answers.items = {"amount"};
  answered.answers.columns.resize(1);
  for (std::uint32_t i = 0; i < inquiry.rows.size(); ++i) {
    answered.answers.verdicts.push_back(seal::AnswerVerdict::found);
    for (const char* amount : {"0.10", "12.00"}) {
      answered.answers.questions.push_back(i);
      answered.answers.columns[0].append(amount);
    }
  }
  inquiry.providers = {answered, {"tax-02", store::RequestState::sent, {}, 0, {}}};
  return inquiry;
}

}  // namespace

TEST_CASE("R7.6 a mark row whose head is none counts as no row, until it has a head") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!fixture->adapter().capabilities().lookup || !fixture->adapter().capabilities().write) return;
  const AskDesk desk(*fixture, ItemType::integer);
  const auto target = fixture->adapter().open_target(desk.target_spec());
  const Head first{{1, 1}, Digest::from_bytes(std::string(32, 'a'))};
  const auto apply = [&](const Head& expected, const Head& next, const char* state) {
    adapter::TargetTransaction work;
    work.expected = expected;
    work.next = {"sub", "tax", next, state};
    return target->apply(work).state;
  };
  using State = adapter::ApplyResult::State;
  for (const char* state : {"begun", "begun again"}) {
    CHECK(apply({}, {{1, 1}, {}}, state) == State::committed);
    REQUIRE(target->marks().size() == 1);
    CHECK(target->marks()[0].head.is_none());
    CHECK(target->marks()[0].state == state);
  }
  CHECK(apply(first, first, "early") == State::stale);
  CHECK(apply({}, first, "first") == State::committed);
  CHECK(apply({}, first, "late") == State::stale);
  CHECK(target->marks()[0].head == first);
  CHECK(target->marks()[0].state == "first");
}

TEST_CASE("S4.3 S2.8 requests without an answer are found in portions, and what is written is their answer") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  const auto capabilities = fixture->adapter().capabilities();
  if (!capabilities.lookup || !capabilities.write) return;
  const AskDesk desk(*fixture, GENERATE(ItemType::integer, ItemType::text));
  const auto lookup =
      fixture->adapter().open_lookup(flow::requests_spec("agent-01", desk.ask, desk.source(), fixture->connection()));
  const auto target = fixture->adapter().open_target(desk.target_spec());
  for (const adapter::Finding& finding : target->preflight()) CHECK(finding.severity != adapter::Severity::error);
  for (const adapter::Finding& finding : lookup->preflight()) CHECK(finding.severity != adapter::Severity::error);
  fixture->run(
      "INSERT INTO check_request(id, id_no, why, state) VALUES('1', 'A', 'case', 'new'), ('2', 'B', 'case', 'again'), "
      "('3', 'C', 'case', 'draft'), ('4', NULL, 'case', 'new'), ('5', 'D', 'tax', 'new')");
  CHECK(desk.find(*lookup, 2).cut.size() == 1);
  const adapter::Found found = desk.find(*lookup, 100);
  CHECK(found.cut.empty());
  CHECK(found.question.size() == 4);
  flow::AskDrafts drafts = desk.drafts(found);
  REQUIRE(drafts.drafts.size() == 2);  // for two purposes
  REQUIRE(drafts.refused.size() == 1);
  CHECK(drafts.refused[0].row == "4");
  const adapter::TargetTable table = flow::answer_table(desk.ask, desk.catalogue);
  flow::AskRows rows(desk.ask, table);
  for (const flow::InquiryDraft& draft : drafts.drafts) {
    const flow::Inquiry inquiry = inquiry_of(draft);
    for (std::size_t i = 0; i < inquiry.rows.size(); ++i) rows.add(inquiry, i);
  }
  rows.add(drafts.refused[0], 1'164'330'000'000'000);
  adapter::TargetTransaction transaction;
  transaction.next = {"ask/desk", "agent-01", {}, {}};
  transaction.steps.resize(1);
  transaction.steps[0].rows = rows.take();
  // Again and again, as after a crash.
  for (std::uint64_t time = 1; time <= 2; ++time) {
    transaction.expected = std::exchange(transaction.next.head, {{1, time}, Digest::from_bytes(Bytes(32, 'q'))});
    const adapter::ApplyResult result = target->apply(transaction);
    for (const adapter::Rejection& rejection : result.rejections) UNSCOPED_INFO(rejection.code + rejection.detail);
    REQUIRE(result.state == adapter::ApplyResult::State::committed);
  }
  CHECK(desk.find(*lookup, 100).question.empty());
  Rows told = fixture->query(
      "SELECT qz_request, qz_provider, qz_line, qz_state, qz_verdict, amount FROM check_answer WHERE qz_request IN "
      "('2', '4') ORDER BY qz_request, qz_provider, qz_line");
  CHECK(told == Rows{{"2", "*", "0", "asked", "<null>", "<null>"},
                     {"2", "tax-01", "1", "answered", "found", told[1].back()},
                     {"2", "tax-01", "2", "answered", "found", told[2].back()},
                     {"2", "tax-02", "1", "open", "<null>", "<null>"},
                     {"4", "*", "0", "refused", "<null>", "<null>"}});
  CHECK(told[1].back().compare(0, 3, "0.1") == 0);
  // What a DBA takes away is found again.
  fixture->run("DELETE FROM check_answer WHERE qz_request = '5' AND qz_provider = '*'");
  CHECK(desk.find(*lookup, 100).question.size() == 1);
}

}  // namespace qianzhi::test::contract
