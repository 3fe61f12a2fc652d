// What every target must do: rows and mark in one transaction, refusals one by one, refills, settling.
#include <algorithm>
#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

using adapter::ApplyMode;
using adapter::ApplyResult;
using adapter::Step;
using adapter::TargetTransaction;

struct Row {
  std::string id;
  std::string group;
  std::string name;
  Operation operation = Operation::upsert;
};

// "-": unchanged; "<null>": NULL.
void add(Column& column, const std::string& text) {
  if (text == "-") return column.append_unchanged();
  if (text == "<null>") return column.append_null();
  column.append(text);
}

Step rows(const std::vector<Row>& all, const std::string& seen = {}, Position batch = {1, 1}) {
  Step step;
  step.rows.indexes = {0, 1, 2};
  step.rows.columns.resize(3);
  step.rows.seen = seen;
  step.rows.batch = batch;
  std::uint32_t ordinal = 0;
  for (const Row& row : all) {
    step.rows.meta.push_back({row.operation, ordinal++, 0, 0});
    step.rows.groups.push_back(row.group);
    add(step.rows.columns[0], row.id);
    const bool whole = row.operation == Operation::upsert && row.name != "-";
    add(step.rows.columns[1], whole ? row.group : "-");
    add(step.rows.columns[2], row.operation == Operation::upsert ? row.name : "-");
  }
  return step;
}

Step groups(Step::Kind kind, const GroupSet& set, const std::string& seen = {}) {
  Step step;
  step.kind = kind;
  step.groups = set;
  step.seen = seen;
  return step;
}

Head head(std::uint64_t sequence) {
  return {{1, sequence}, Digest::from_bytes(std::string(32, static_cast<char>('a' + sequence)))};
}

// One received table and a sender that advances its mark with each transaction.
class Inbox {
 public:
  explicit Inbox(Fixture& fixture, ApplyMode mode = ApplyMode::upsert) : fixture_(fixture) {
    adapter::TargetTable table;
    table.table = "received";
    table.columns = {
        {"id", {}, {}, ItemType::text}, {"district", {}, {}, ItemType::text}, {"name", {}, {}, ItemType::text}};
    table.key = {"id"};
    table.mode = mode;
    if (mode == ApplyMode::history) table.history_table = "received_history";
    spec_ = {fixture.connection(), "inbox", {table}};
    fixture.run(fixture.adapter().plan_target(spec_).install);
    reopen();
  }

  void reopen() {
    target_.reset();
    target_ = fixture_.adapter().open_target(spec_);
  }

  TargetTransaction work(std::vector<Step> steps, const std::string& origin = "tax") {
    TargetTransaction work;
    std::uint64_t& sequence = sequences_[origin];
    if (sequence > 0) work.expected = head(sequence);
    work.next = {"sub", origin, head(sequence + 1), "state of " + origin};
    work.steps = std::move(steps);
    return work;
  }

  ApplyResult apply(std::vector<Step> steps, const std::string& origin = "tax") {
    const ApplyResult result = target_->apply(work(std::move(steps), origin));
    if (result.state != ApplyResult::State::stale) ++sequences_[origin];
    return result;
  }

  std::vector<std::string> content() {
    std::vector<std::string> all;
    Bytes cursor;
    for (bool done = false; !done;) {
      const adapter::SnapshotChunk chunk = target_->read_rows(0, cursor, {2, 1U << 20U});
      REQUIRE(chunk.columns.size() == 5);
      for (std::size_t row = 0; row < chunk.columns[0].size(); ++row)
        all.push_back(text_of(chunk.columns[0], row) + "|" + text_of(chunk.columns[2], row) + "|" +
                      text_of(chunk.columns[3], row) + "|" + text_of(chunk.columns[4], row));
      cursor = chunk.cursor;
      done = chunk.done;
    }
    return all;
  }

  adapter::Target& target() { return *target_; }
  std::uint64_t sequence() const { return sequences_.at("tax"); }

 private:
  Fixture& fixture_;
  adapter::TargetSpec spec_;
  std::unique_ptr<adapter::Target> target_;
  std::map<std::string, std::uint64_t> sequences_{{"tax", 0}};
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("R7.6 rows and mark change together, and the mark comes back as it was written") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  CHECK(inbox.target().marks().empty());
  const ApplyResult result = inbox.apply({rows({{"1", "d1", "one"}, {"2", "d2", "<null>"}, {"3", "", ""}})});
  CHECK(result.state == ApplyResult::State::committed);
  CHECK(result.upserted == 3);
  CHECK(inbox.content() == Lines{"1|one|tax|d1", "2|<null>|tax|d2", "3||tax|"});
  inbox.reopen();
  const auto marks = inbox.target().marks();
  REQUIRE(marks.size() == 1);
  CHECK(marks[0].subscription == "sub");
  CHECK(marks[0].origin == "tax");
  CHECK(marks[0].head == head(1));
  CHECK(marks[0].state == "state of tax");
}

TEST_CASE("R7.6 a transaction that expects another mark is stale and does nothing") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  TargetTransaction early = inbox.work({rows({{"1", "d1", "early"}})});
  early.expected = head(7);
  CHECK(inbox.target().apply(early).state == ApplyResult::State::stale);
  CHECK(inbox.target().marks().empty());
  inbox.apply({rows({{"1", "d1", "one"}})});
  TargetTransaction repeat = inbox.work({rows({{"1", "d1", "again"}})});
  repeat.expected = {};
  CHECK(inbox.target().apply(repeat).state == ApplyResult::State::stale);
  repeat.expected = {{1, 1}, Digest::from_bytes(std::string(32, 'z'))};
  CHECK(inbox.target().apply(repeat).state == ApplyResult::State::stale);
  CHECK(inbox.content() == Lines{"1|one|tax|d1"});
}

TEST_CASE("R7.6 a transaction repeated after its answer was lost is stale: applied exactly once") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  const TargetTransaction work = inbox.work({rows({{"1", "d1", "one"}})});
  CHECK(inbox.target().apply(work).state == ApplyResult::State::committed);
  fixture->kill_adapter();
  inbox.reopen();
  CHECK(inbox.target().apply(work).state == ApplyResult::State::stale);
  CHECK(inbox.target().marks()[0].head == head(1));
}

TEST_CASE("R7.7 remove and withheld touch rows of their own origin only") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply({rows({{"1", "d1", "one"}, {"2", "d1", "two"}, {"3", "d1", "three"}, {"4", "d1", "four"}})});
  const ApplyResult foreign = inbox.apply({rows({{"1", "d1", "", Operation::remove}})}, "police");
  CHECK(foreign.state == ApplyResult::State::committed);
  CHECK(foreign.removed == 0);
  const ApplyResult own = inbox.apply({rows({{"1", "elsewhere", "", Operation::remove},
                                             {"2", "d1", "", Operation::withheld},
                                             {"3", "d2", "", Operation::withheld},
                                             {"9", "d1", "", Operation::remove}})});
  CHECK(own.removed == 2);
  CHECK(inbox.content() == Lines{"2|two|tax|d1", "4|four|tax|d1"});
}

TEST_CASE("R7.9 unchanged items keep what the target has, without the row they are dropped and counted") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply({rows({{"1", "d1", "one"}})});
  const ApplyResult result = inbox.apply({rows({{"1", "d2", "-"}, {"2", "d1", "-"}, {"3", "d1", "three"}})});
  CHECK(result.state == ApplyResult::State::committed);
  CHECK(result.dropped_partial == 1);
  CHECK(result.upserted == 2);
  CHECK(inbox.content() == Lines{"1|one|tax|d2", "3|three|tax|d1"});
}

TEST_CASE("R7.7 the end of a refill removes what it did not name, in its groups and of its origin") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply(
      {rows({{"1", "d1", "one"}, {"2", "d1", "two"}, {"3", "d1", "three"}, {"4", "d2", "four"}, {"5", "d1", "x"}})});
  inbox.apply({rows({{"p", "d1", "police"}})}, "police");
  inbox.apply({rows({{"1", "d1", "ONE"}}, "r1")});
  inbox.apply({rows({{"2", "d1", "", Operation::withheld}, {"5", "d1", "-"}}, "r1")});
  const ApplyResult end = inbox.apply({groups(Step::Kind::sweep, GroupSet::of({"d1", "unknown"}), "r1")});
  CHECK(end.removed == 1);
  CHECK(inbox.content() == Lines{"1|ONE|tax|d1", "2|two|tax|d1", "4|four|tax|d2", "5|x|tax|d1", "p|police|police|d1"});
  inbox.apply({groups(Step::Kind::sweep, GroupSet::every(), "r2")});
  CHECK(inbox.content() == Lines{"p|police|police|d1"});
}

TEST_CASE("R7.7 a row refused while a refill is tracked counts as named, and its older version stays") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply({rows({{"1", "d1", "one"}, {"2", "d1", "two"}})});
  fixture->run("CREATE UNIQUE INDEX one_name ON received(name)");
  const ApplyResult refused = inbox.apply({rows({{"1", "d1", "two"}}, "r1")});
  REQUIRE(refused.state == ApplyResult::State::pending);
  inbox.target().commit();
  inbox.apply({groups(Step::Kind::sweep, GroupSet::every(), "r1")});
  CHECK(inbox.content() == Lines{"1|one|tax|d1"});
}

TEST_CASE("R7.4 settling removes groups and clears columns that are no longer granted") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply({rows({{"1", "d1", "one"}, {"2", "d2", "two"}, {"3", "", "three"}})});
  inbox.apply({rows({{"p", "d2", "police"}})}, "police");
  Step clear;
  clear.kind = Step::Kind::clear_columns;
  clear.indexes = {2};
  const ApplyResult result = inbox.apply({groups(Step::Kind::keep_groups, GroupSet::of({"d1"})), clear});
  CHECK(result.removed == 2);
  CHECK(inbox.content() == Lines{"1|<null>|tax|d1", "p|police|police|d2"});
  inbox.apply({groups(Step::Kind::keep_groups, GroupSet::every())});
  CHECK(inbox.content().size() == 2);
  inbox.apply({groups(Step::Kind::keep_groups, GroupSet::none())});
  CHECK(inbox.content() == Lines{"p|police|police|d2"});
}

TEST_CASE("P35 a poison row is refused alone: the others and the mark are committed after it was stored") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  fixture->run("CREATE UNIQUE INDEX one_name ON received(name)");
  const ApplyResult result =
      inbox.apply({rows({{"1", "d1", "one"}, {"2", "d1", "one"}, {"3", "d1", "three"}}), rows({{"4", "d1", "four"}})});
  REQUIRE(result.state == ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 1);
  CHECK(result.rejections[0].step == 0);
  CHECK(result.rejections[0].row == 1);
  CHECK(result.rejections[0].detail.find("'one'") == std::string::npos);
  CHECK(result.upserted == 3);
  inbox.target().commit();
  CHECK(inbox.content() == Lines{"1|one|tax|d1", "3|three|tax|d1", "4|four|tax|d1"});
  CHECK(inbox.target().marks()[0].head == head(1));
}

TEST_CASE("P34 the unique index of another column is a refusal that may heal") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  fixture->run("CREATE UNIQUE INDEX one_name ON received(name)");
  inbox.apply({rows({{"1", "d1", "one"}})});
  const ApplyResult result = inbox.apply({rows({{"2", "d1", "one"}})});
  REQUIRE(result.state == ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 1);
  CHECK(result.rejections[0].may_heal);
  CHECK(result.rejections[0].code == "QZ-ADP-031");
  inbox.target().rollback();
}

TEST_CASE("P34 a foreign key refuses the delete of a row that is referred to, it may heal, the rest goes on") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply({rows({{"1", "d1", "one"}, {"2", "d1", "two"}})});
  fixture->run("CREATE TABLE file(firm VARCHAR(40) REFERENCES received(id))");
  fixture->run("INSERT INTO file VALUES('1')");
  const ApplyResult result =
      inbox.apply({rows({{"1", "d1", "", Operation::remove}, {"2", "d1", "", Operation::remove}})});
  REQUIRE(result.state == ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 1);
  CHECK(result.rejections[0].row == 0);
  CHECK(result.rejections[0].may_heal);
  CHECK(result.rejections[0].code == "QZ-ADP-032");
  inbox.target().commit();
  CHECK(inbox.content() == Lines{"1|one|tax|d1"});
}

TEST_CASE("section 11: a key that another origin owns is refused with its own code until that origin deletes it") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply({rows({{"1", "d1", "one"}})});
  for (const std::string name : {"police", "-"}) {
    const ApplyResult result = inbox.apply({rows({{"1", "d1", name}})}, "police");
    REQUIRE(result.state == ApplyResult::State::pending);
    REQUIRE(result.rejections.size() == 1);
    CHECK(result.rejections[0].code == "QZ-ADP-030");
    inbox.target().commit();
  }
  CHECK(inbox.content() == Lines{"1|one|tax|d1"});
  inbox.apply({rows({{"1", "d1", "", Operation::remove}})});
  inbox.apply({rows({{"1", "d1", "police"}})}, "police");
  CHECK(inbox.content() == Lines{"1|police|police|d1"});
}

TEST_CASE("P34 an adapter that ends before the commit leaves neither rows nor mark") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  fixture->run("CREATE UNIQUE INDEX one_name ON received(name)");
  const TargetTransaction work = inbox.work({rows({{"1", "d1", "one"}, {"2", "d1", "one"}})});
  SECTION("by rollback") {
    REQUIRE(inbox.target().apply(work).state == ApplyResult::State::pending);
    inbox.target().rollback();
  }
  SECTION("by kill -9, or by being closed") {
    REQUIRE(inbox.target().apply(work).state == ApplyResult::State::pending);
    const bool killed = fixture->kill_adapter();
    if (killed) CHECK_THROWS_AS(inbox.target().commit(), Error);
    inbox.reopen();
  }
  CHECK(inbox.target().marks().empty());
  CHECK(inbox.content().empty());
  CHECK(fixture->query("SELECT count(*) FROM qianzhi_mark") == Rows{{"0"}});
  // The same transaction can be applied now.
  CHECK(inbox.target().apply(work).state == ApplyResult::State::pending);
  inbox.target().commit();
  CHECK(inbox.content().size() == 1);
}

TEST_CASE("soft delete marks rows, hides them from reading, and an upsert revives them") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture, ApplyMode::soft_delete);
  inbox.apply({rows({{"1", "d1", "one"}, {"2", "d1", "two"}})});
  inbox.apply({rows({{"1", "d1", "", Operation::remove}})});
  CHECK(inbox.content() == Lines{"2|two|tax|d1"});
  CHECK(fixture->query("SELECT count(*) FROM received") == Rows{{"2"}});
  inbox.apply({rows({{"1", "d1", "again"}})});
  CHECK(inbox.content() == Lines{"1|again|tax|d1", "2|two|tax|d1"});
  inbox.apply({groups(Step::Kind::sweep, GroupSet::every(), "r")});
  CHECK(inbox.content().empty());
  CHECK(fixture->query("SELECT count(*) FROM received") == Rows{{"2"}});
}

TEST_CASE("history appends each applied change once, with its place in the stream") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture, ApplyMode::history);
  inbox.apply({rows({{"1", "d1", "one"}, {"1", "d1", "uno"}})});
  inbox.apply({rows({{"1", "d1", "", Operation::remove}}, {}, {1, 2})});
  // The same batch again, as after a restart of the stream: the row comes back, the history does not grow.
  inbox.apply({rows({{"1", "d1", "one"}, {"1", "d1", "uno"}})});
  CHECK(inbox.content() == Lines{"1|uno|tax|d1"});
  CHECK(fixture->query("SELECT qz_operation, name, qz_sequence, qz_ordinal FROM received_history "
                       "ORDER BY qz_sequence, qz_ordinal") ==
        Rows{{"upsert", "one", "1", "0"}, {"upsert", "uno", "1", "1"}, {"delete", "<null>", "2", "0"}});
}

TEST_CASE("P32 rare characters and the empty text are written as they are") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  inbox.apply({rows({{"㐀", "䶮", "𠮷"}, {"O'Hara", "\"", "a'b\\\n"}})});
  CHECK(inbox.content() == Lines{"O'Hara|a'b\\\n|tax|\"", "㐀|𠮷|tax|䶮"});
}

TEST_CASE("a step of ten thousand rows with refused ones among them commits exactly the others") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  fixture->run("CREATE UNIQUE INDEX one_name ON received(name)");
  std::vector<Row> all;
  for (int i = 0; i < 10'000; ++i)
    all.push_back({std::to_string(i), "d1", "name " + std::to_string(i % 5'000 == 7 ? 7 : i)});
  const ApplyResult result = inbox.apply({rows(all)});
  REQUIRE(result.state == ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 1);
  CHECK(result.rejections[0].row == 5'007);
  CHECK(result.upserted == 9'999);
  inbox.target().commit();
  CHECK(fixture->query("SELECT count(*) FROM received") == Rows{{"9999"}});
}

TEST_CASE("preflight of an installed target finds no error, and finds a table that is not there") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  Inbox inbox(*fixture);
  for (const adapter::Finding& finding : inbox.target().preflight()) {
    INFO(finding.code << " " << finding.detail);
    CHECK(finding.severity != adapter::Severity::error);
  }
  fixture->run("DROP TABLE received");
  const auto findings = inbox.target().preflight();
  CHECK(std::any_of(findings.begin(), findings.end(),
                    [](const auto& finding) { return finding.severity == adapter::Severity::error; }));
}

}  // namespace qianzhi::test::contract
