// The writer: rows and mark in one transaction, sets, poison rows, refills.
#include <catch2/catch.hpp>

#include <algorithm>

#include "adapters/postgresql/row_rounds.h"
#include "hub-protocol/base/error.h"
#include "tests/unit/postgresql_support.h"

using namespace qianzhi;
using namespace qianzhi::test;
using adapter::ApplyResult;
using adapter::Step;
using Rows = std::vector<std::string>;

namespace {

Digest digest_of(int number) {
  Digest digest;
  digest.octets[0] = static_cast<std::uint8_t>(number);
  digest.octets[1] = 1;
  return digest;
}

struct Received {
  explicit Received(PostgresDatabase& database, adapter::ApplyMode mode = adapter::ApplyMode::upsert)
      : db(database), adapter(adapter::make_postgresql_adapter(clock)) {
    spec.connection = db.connection();
    spec.name = db.name();
    spec.tables.push_back({"firm",
                           {{"id", "编号", "id", ItemType::integer},
                            {"name", "名称", "name", ItemType::text, 20},
                            {"amount", "", "", ItemType::decimal, 12, 2},
                            {"scan", "", "", ItemType::bytes}},
                           {"id"},
                           mode,
                           mode == adapter::ApplyMode::history ? "firm_history" : ""});
    db.sql().run(adapter->plan_target(spec).install);
    target = adapter->open_target(spec);
  }

  // "+1|name|amount|scan", "-1", "?1" (withheld); "~" unchanged, "NULL" null. One group for all.
  Step rows(const Rows& texts, const std::string& group = "a", const std::string& seen = "") {
    Step step;
    step.rows.indexes = {0, 1, 2, 3};
    step.rows.columns.resize(4);
    step.rows.seen = seen;
    step.rows.batch = {1, sequence + 1};
    for (const auto& text : texts) {
      RowMeta meta;
      meta.operation = text[0] == '+' ? Operation::upsert : text[0] == '-' ? Operation::remove : Operation::withheld;
      meta.ordinal = static_cast<std::uint32_t>(step.rows.meta.size());
      step.rows.meta.push_back(meta);
      step.rows.groups.push_back(group);
      std::string rest = text.substr(1) + "|";
      for (auto& column : step.rows.columns) {
        const std::string field = rest.substr(0, rest.find('|'));
        rest = rest.size() > field.size() + 1 ? rest.substr(field.size() + 1) : (text[0] == '+' ? "NULL|" : "~|");
        if (field == "~")
          column.append_unchanged();
        else if (field == "NULL")
          column.append_null();
        else
          column.append(field);
      }
    }
    return step;
  }

  ApplyResult apply(std::vector<Step> steps, const std::string& origin = "commerce-01") {
    adapter::TargetTransaction transaction;
    const auto mark = std::find_if(marks.begin(), marks.end(), [&](const auto& m) { return m.origin == origin; });
    if (mark != marks.end()) transaction.expected = mark->head;
    transaction.next = {"s", origin, {{1, ++sequence}, digest_of(static_cast<int>(sequence))}, "state"};
    transaction.steps = std::move(steps);
    const ApplyResult result = target->apply(transaction);
    if (result.state == ApplyResult::State::pending) target->commit();
    marks = target->marks();
    return result;
  }

  std::string all() {
    return db.sql().rows("SELECT id, name, amount, qz_origin, qz_group, qz_seen FROM firm ORDER BY id");
  }

  PostgresDatabase& db;
  SystemClock clock;
  std::unique_ptr<adapter::Adapter> adapter;
  adapter::TargetSpec spec;
  std::unique_ptr<adapter::Target> target;
  std::vector<adapter::MarkRow> marks;
  std::uint64_t sequence = 0;
};

}  // namespace

TEST_CASE("R7.6 Rows and mark change together, by compare-and-set") {
  PostgresDatabase database;
  Received firm(database);
  const auto first = firm.apply({firm.rows({"+1|甲|1.50|\\x", "+2|NULL|NULL"})});
  CHECK(first.state == ApplyResult::State::committed);
  CHECK(first.upserted == 2);
  CHECK(firm.all() == "1|甲|1.50|commerce-01|a|\n2|NULL|NULL|commerce-01|a|");
  REQUIRE(firm.marks.size() == 1);
  CHECK(firm.marks[0].head.position.sequence == 1);
  CHECK(firm.marks[0].state == "state");
  adapter::TargetTransaction again;
  again.next = {"s", "commerce-01", {{1, 9}, digest_of(9)}, ""};
  again.steps.push_back(firm.rows({"-1"}));
  CHECK(firm.target->apply(again).state == ApplyResult::State::stale);
  again.expected = {{1, 1}, digest_of(7)};
  CHECK(firm.target->apply(again).state == ApplyResult::State::stale);
  again.expected = {{1, 1}, digest_of(1)};
  CHECK(firm.target->apply(again).state == ApplyResult::State::committed);
  CHECK(firm.all() == "2|NULL|NULL|commerce-01|a|");
}

TEST_CASE("Changes of one key in one step end as the last of them, in order") {
  PostgresDatabase database;
  Received firm(database);
  firm.apply(
      {firm.rows({"+1|a|1", "+1|b|2", "-1", "+1|c|3", "+1|~|4", "+2|x|1", "-2", "+3|y|1", "-3", "+3|z|2", "-4"})});
  CHECK(firm.all() == "1|c|4.00|commerce-01|a|\n3|z|2.00|commerce-01|a|");
}

TEST_CASE("R7.9 A partial change keeps what the target has, and is dropped where it has nothing") {
  PostgresDatabase database;
  Received firm(database);
  firm.apply({firm.rows({"+1|a|1", "+2|b|2"})});
  const auto result = firm.apply({firm.rows({"+1|~|5", "+2|n|~", "+3|~|1"})});
  CHECK(result.state == ApplyResult::State::committed);
  CHECK(result.dropped_partial == 1);
  CHECK(firm.all() == "1|a|5.00|commerce-01|a|\n2|n|2.00|commerce-01|a|");
}

TEST_CASE("P35 Poison rows are found one by one, in sets of any size, and stop no other row") {
  PostgresDatabase database;
  Received firm(database);
  const int count = GENERATE(5, 150, 1000);
  Rows rows;
  for (int i = 0; i < count; ++i) rows.push_back("+" + std::to_string(i) + "|n|1");
  const std::string nul("+3|a\0b|1", 8);
  rows[1] = "+1|this name is far too long for the column|1";
  rows[3] = nul;
  rows[4] = "+4|n|not a number";
  const auto result = firm.apply({firm.rows(rows)});
  CHECK(result.state == ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 3);
  CHECK(result.rejections[0].row == 1);
  CHECK(result.rejections[0].code == "QZ-ADP-034");
  CHECK_FALSE(result.rejections[0].may_heal);
  CHECK(result.rejections[1].row == 3);
  CHECK(result.rejections[2].row == 4);
  for (const auto& rejection : result.rejections) CHECK(rejection.detail.find("far too long") == std::string::npos);
  CHECK(result.upserted == static_cast<std::uint64_t>(count) - 3);
  CHECK(database.sql().run("SELECT count(*) FROM firm") == std::to_string(count - 3));
  CHECK(firm.marks[0].head.position.sequence == 1);
}

TEST_CASE("P35 A pending transaction can be taken back whole") {
  PostgresDatabase database;
  Received firm(database);
  adapter::TargetTransaction work;
  work.next = {"s", "o", {{1, 1}, digest_of(1)}, ""};
  work.steps.push_back(firm.rows({"+1|a|1", "+2|b|bad"}));
  CHECK(firm.target->apply(work).state == ApplyResult::State::pending);
  CHECK(firm.all().empty());
  firm.target->rollback();
  CHECK(firm.all().empty());
  CHECK(firm.target->marks().empty());
}

TEST_CASE("P34 Another unique key and a missing foreign row may heal later") {
  PostgresDatabase database;
  Received firm(database);
  database.sql().run("CREATE TABLE area (code numeric PRIMARY KEY); INSERT INTO area VALUES (1), (2)");
  database.sql().run(
      "ALTER TABLE firm ADD UNIQUE (name), ADD FOREIGN KEY (amount) REFERENCES area DEFERRABLE INITIALLY DEFERRED");
  const auto result = firm.apply({firm.rows({"+1|a|1", "+2|a|1", "+3|c|9", "+4|d|2"})});
  CHECK(result.state == ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 2);
  CHECK(result.rejections[0].row == 1);
  CHECK(result.rejections[0].code == "QZ-ADP-031");
  CHECK(result.rejections[0].may_heal);
  CHECK(result.rejections[1].row == 2);
  CHECK(result.rejections[1].code == "QZ-ADP-032");
  CHECK(result.rejections[1].may_heal);
  CHECK(firm.all() == "1|a|1.00|commerce-01|a|\n4|d|2.00|commerce-01|a|");
}

TEST_CASE("Another provider's row is neither overwritten, changed nor removed") {
  PostgresDatabase database;
  Received firm(database);
  firm.apply({firm.rows({"+1|a|1", "+2|b|2", "+3|c|3"})}, "one");
  const auto result = firm.apply({firm.rows({"+1|x|9", "+2|~|9", "-3", "+4|d|4"})}, "two");
  CHECK(result.state == ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 2);
  CHECK(result.rejections[0].row == 0);
  CHECK(result.rejections[0].code == "QZ-ADP-030");
  CHECK(result.rejections[1].row == 1);
  CHECK(firm.all() == "1|a|1.00|one|a|\n2|b|2.00|one|a|\n3|c|3.00|one|a|\n4|d|4.00|two|a|");
}

TEST_CASE("R7.7 The end of a refill removes what it did not name, and nothing else") {
  PostgresDatabase database;
  Received firm(database);
  firm.apply({firm.rows({"+1|a|1", "+2|b|2", "+3|c|3", "+4|d|4"}, "g1"), firm.rows({"+5|e|5"}, "g2")});
  firm.apply({firm.rows({"+9|other|1"}, "g1")}, "other");
  firm.apply({firm.rows({"+1|a|1", "?2", "+3|c|bad", "+6|f|6"}, "g1", "tag")});
  Step sweep;
  sweep.kind = Step::Kind::sweep;
  sweep.groups = GroupSet::of({"g1"});
  sweep.seen = "tag";
  const auto result = firm.apply({sweep});
  CHECK(result.removed == 1);
  CHECK(firm.all() ==
        "1|a|1.00|commerce-01|g1|tag\n2|b|2.00|commerce-01|g1|tag\n3|c|3.00|commerce-01|g1|tag\n5|e|5.00|commerce-01|"
        "g2|\n"
        "6|f|6.00|commerce-01|g1|tag\n9|other|1.00|other|g1|");
}

TEST_CASE("R7.7 A withheld row that left its group is removed, one that stayed is left alone") {
  PostgresDatabase database;
  Received firm(database);
  firm.apply({firm.rows({"+1|a|1", "+2|b|2"}, "g1")});
  firm.apply({firm.rows({"?1"}, "g1"), firm.rows({"?2"}, "g2")});
  CHECK(firm.all() == "1|a|1.00|commerce-01|g1|");
}

TEST_CASE("R7.4 Groups and items that are no longer granted are removed and cleared") {
  PostgresDatabase database;
  Received firm(database);
  firm.apply({firm.rows({"+1|a|1"}, "g1"), firm.rows({"+2|b|2"}, "g2"), firm.rows({"+3|c|3"}, "")});
  Step keep;
  keep.kind = Step::Kind::keep_groups;
  keep.groups = GroupSet::of({"g1"});
  Step clear;
  clear.kind = Step::Kind::clear_columns;
  clear.indexes = {1};
  firm.apply({keep, clear});
  CHECK(firm.all() == "1|NULL|1.00|commerce-01|g1|");
}

TEST_CASE("Soft delete keeps the row, hides it, and gives the key free") {
  PostgresDatabase database;
  Received firm(database, adapter::ApplyMode::soft_delete);
  firm.apply({firm.rows({"+1|a|1", "+2|b|2"})}, "one");
  firm.apply({firm.rows({"-1"})}, "one");
  CHECK(database.sql().rows("SELECT id, qz_deleted FROM firm ORDER BY id") == "1|t\n2|f");
  CHECK(firm.target->read_rows(0, {}, {}).columns[0].size() == 1);
  CHECK(firm.apply({firm.rows({"+1|x|9"})}, "two").state == ApplyResult::State::committed);
  CHECK(database.sql().rows("SELECT name, qz_origin, qz_deleted FROM firm WHERE id = 1") == "x|two|f");
}

TEST_CASE("History keeps every applied change beside the current row") {
  PostgresDatabase database;
  Received firm(database, adapter::ApplyMode::history);
  firm.apply({firm.rows({"+1|a|1", "+1|b|2", "+1|~|3", "-1"})});
  CHECK(firm.all().empty());
  CHECK(database.sql().rows("SELECT id, name, amount, qz_operation, qz_epoch, qz_sequence, qz_ordinal FROM firm_history"
                            " ORDER BY qz_ordinal") ==
        "1|a|1.00|upsert|1|1|0\n1|b|2.00|upsert|1|1|1\n1|b|3.00|upsert|1|1|2\n1|NULL|NULL|delete|1|1|3");
}

TEST_CASE("Octets, special characters and 5,000 rows go through the staging table and come back the same") {
  PostgresDatabase database;
  Received firm(database);
  Step step;
  step.rows.indexes = {0, 1, 3};
  step.rows.columns.resize(3);
  for (int i = 0; i < 5000; ++i) {
    step.rows.meta.push_back({Operation::upsert, static_cast<std::uint32_t>(i), 0, 0});
    step.rows.groups.push_back("g\t\\N");
    step.rows.columns[0].append(std::to_string(i));
    step.rows.columns[1].append(i % 2 == 0 ? "\\N" : "a\tb\nc\\\r㐀𠮷\"");
    step.rows.columns[2].append(std::string("\0\\\xff\t", 4));
  }
  CHECK(firm.apply({step}).upserted == 5000);
  const auto chunk = firm.target->read_rows(0, {}, {1, 1U << 20U});
  CHECK(texts_of(chunk.columns) == Rows{"0|\\N|NULL|" + std::string("\0\\\xff\t", 4) + "|commerce-01|g\t\\N"});
  CHECK(database.sql().run("SELECT count(DISTINCT name) FROM firm WHERE qz_group = E'g\\t\\\\N'") == "2");
}

TEST_CASE("Large sets of new rows are copied in, a set that meets a key is merged, another provider's row stays") {
  PostgresDatabase database;
  Received firm(database);
  const auto set = [&](int first, int last, const std::string& name, const std::string& seen) {
    Rows rows;
    for (int i = first; i <= last; ++i) rows.push_back("+" + std::to_string(i) + "|" + name + "|1");
    return firm.rows(rows, "a", seen);
  };
  const auto count = [&](const std::string& condition) {
    return database.sql().run("SELECT count(*) FROM firm WHERE " + condition);
  };
  CHECK(firm.apply({set(1, 1000, "new", "tag")}, "one").upserted == 1000);
  CHECK(count("name = 'new' AND qz_origin = 'one' AND qz_group = 'a' AND qz_seen = 'tag'") == "1000");
  CHECK(firm.apply({set(501, 1500, "first there", "")}, "one").upserted == 1000);
  CHECK(firm.apply({set(-999, 10, "last there", "")}, "one").upserted == 1010);
  CHECK(count("name = 'new'") == "490");
  CHECK(count("name = 'first there'") == "1000");
  CHECK(count("name = 'last there'") == "1010");
  CHECK(count("qz_seen = 'tag'") == "1000");
  // By now the next set is merged untried; the one after it is tried again.
  firm.apply({set(5001, 5300, "untried", "")}, "one");
  const auto result = firm.apply({set(-1300, -998, "two", "")}, "two");
  REQUIRE(result.rejections.size() == 2);
  CHECK(result.rejections[0].row == 301);
  CHECK(result.rejections[1].row == 302);
  CHECK(result.rejections[0].code == "QZ-ADP-030");
  CHECK(result.upserted == 301);
  CHECK(count("qz_origin = 'two' AND name = 'two'") == "301");
  CHECK(count("qz_origin = 'one'") == "2800");
}

TEST_CASE("P31 What the target writes is not captured by a source on the same database") {
  PostgresDatabase database;
  Received firm(database);

  adapter::SourceSpec spec;
  spec.connection = database.connection();
  spec.name = database.name();
  spec.mode = adapter::CaptureMode::log;
  spec.tables.push_back({"firm", {"id", "name"}, {"id"}, {}});
  database.sql().run(firm.adapter->plan_source(spec).install);
  auto source = firm.adapter->open_source(spec);
  const auto start = source->present();
  firm.apply({firm.rows({"+1|a|1"})});
  database.sql().run("INSERT INTO firm (id, name, qz_origin, qz_group) VALUES (7, 'own', 'x', '')");
  Reader reader(std::move(source), start);
  CHECK(reader.take(1) == Rows{"+7|own"});
}

TEST_CASE("A commit on a connection that broke is unavailable, never a success") {
  PostgresDatabase database;
  Received firm(database);
  adapter::TargetTransaction work;
  work.next = {"s", "o", {{1, 1}, digest_of(1)}, ""};
  work.steps.push_back(firm.rows({"+1|a|1", "+2|b|bad"}));
  CHECK(firm.target->apply(work).state == ApplyResult::State::pending);
  database.sql().run(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'qianzhi'"
      " AND datname = current_database()");
  try {
    firm.target->commit();
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::unavailable);
  }
  CHECK(firm.target->marks().empty());
}
