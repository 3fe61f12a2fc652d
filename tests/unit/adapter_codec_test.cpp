// Rows over the process boundary: everything comes back as it was, and nothing hostile gets through.
#include <catch2/catch.hpp>
#include <functional>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/codec.h"

namespace qianzhi::adapter {

namespace {

SourceSpec spec() {
  return {{{{"file", "x"}}, {{"password", "p"}}},
          "s",
          CaptureMode::watermark,
          {{"one", {"a"}, {"a"}, {}}, {"two", {"a", "b"}, {"a"}, {"b"}, "changed"}},
          7,
          "two"};
}

Column column(std::initializer_list<const char*> values) {
  Column result;
  for (const char* value : values) {
    if (value == nullptr)
      result.append_null();
    else
      result.append(value);
  }
  return result;
}

Changes changes() {
  Changes all;
  all.position = {"order", "identity"};
  all.more = true;
  all.looks = {{1, 77}};
  all.events.push_back({1, TableEventKind::truncated, "gone"});
  all.events.push_back({0, TableEventKind::attention, "look", "QZ-FIL-014"});
  TableChanges table;
  table.table = 1;
  table.meta = {{Operation::upsert, 5, 1'000'000}, {Operation::remove, 0, 999'000}, {Operation::upsert, 6, 0}};
  table.columns = {column({"1", "2", ""}), column({"x", nullptr, "long"})};
  table.columns[1].clear();
  table.columns[1].append_unchanged();
  table.columns[1].append_invalid("0000-00-00");
  table.columns[1].append("");
  table.old = {column({nullptr, "d", "e"})};
  all.tables.push_back(table);
  return all;
}

wire::Changes message() {
  wire::Changes result;
  encode(changes(), result);
  return result;
}

void check_malformed(const std::function<void(wire::Changes&)>& spoil) {
  wire::Changes bad = message();
  spoil(bad);
  try {
    decode(bad, spec());
    FAIL("was taken");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-ADP-004");
    CHECK(error.kind() == ErrorKind::corrupt);
  }
}

}  // namespace

TEST_CASE("changes come back as they were sent") {
  wire::Changes parsed;
  REQUIRE(parsed.ParseFromString(message().SerializeAsString()));
  const Changes got = decode(parsed, spec());
  const Changes sent = changes();
  CHECK(got.position == sent.position);
  CHECK(got.more);
  REQUIRE(got.events.size() == 2);
  CHECK(got.events[0].detail == "gone");
  CHECK(got.events[1].kind == TableEventKind::attention);
  CHECK(got.events[1].code == "QZ-FIL-014");
  REQUIRE(got.looks.size() == 1);
  CHECK(got.looks[0].table == 1);
  CHECK(got.looks[0].at == 77);
  REQUIRE(got.tables.size() == 1);
  CHECK(got.tables[0].columns == sent.tables[0].columns);
  CHECK(got.tables[0].old == sent.tables[0].old);
  CHECK(got.tables[0].meta[1].operation == Operation::remove);
  CHECK(got.tables[0].meta[0].source_time == 1'000'000);
  CHECK(got.tables[0].meta[1].source_time == 999'000);
  CHECK(got.tables[0].meta[2].transaction == 6);
}

TEST_CASE("A hostile adapter cannot make the agent read beyond a column, or take rows that do not fit") {
  check_malformed([](wire::Changes& bad) { bad.mutable_looks(0)->set_table(2); });
  using C = wire::Changes;
  check_malformed([](C& c) { c.set_continuity(3); });
  check_malformed([](C& c) { c.mutable_tables(0)->set_table(2); });
  check_malformed([](C& c) { c.mutable_tables(0)->set_table(0); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_rows()->set_rows(1ULL << 60U); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_rows()->set_rows(2); });
  check_malformed([](C& c) { (*c.mutable_tables(0)->mutable_rows()->mutable_operations())[0] = '\2'; });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_rows()->add_transactions(1); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_columns(0)->set_lengths(0, 4'000'000'000U); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_columns(0)->set_lengths(0, 0); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_columns(0)->add_lengths(0); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_columns(0)->mutable_data()->push_back('x'); });
  check_malformed([](C& c) { (*c.mutable_tables(0)->mutable_columns(1)->mutable_presence())[0] = '\4'; });
  check_malformed([](C& c) { (*c.mutable_tables(0)->mutable_columns(1)->mutable_presence())[1] = '\1'; });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_columns(1)->mutable_presence()->pop_back(); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_columns()->RemoveLast(); });
  check_malformed([](C& c) { c.mutable_tables(0)->mutable_old()->RemoveLast(); });
  check_malformed([](C& c) { c.mutable_events(0)->set_table(9); });
  check_malformed([](C& c) { c.mutable_events(0)->set_kind(9); });
  check_malformed([](C& c) { c.mutable_position()->set_order(std::string(2000, 'x')); });
}

TEST_CASE("A hostile adapter cannot refuse rows that were not sent, or leave open what refuses nothing") {
  TargetTransaction work;
  work.steps.resize(1);
  work.steps[0].rows.meta.resize(2);
  ApplyResult result;
  result.state = ApplyResult::State::pending;
  result.rejections.push_back({0, 1, "QZ-ADP-031", "", true});
  wire::ApplyResult good;
  encode(result, good);
  CHECK(decode(good, work).rejections[0].may_heal);
  wire::ApplyResult bad = good;
  bad.mutable_rejections(0)->set_row(2);
  CHECK_THROWS_AS(decode(bad, work), Error);
  bad = good;
  bad.mutable_rejections(0)->set_step(1);
  CHECK_THROWS_AS(decode(bad, work), Error);
  bad = good;
  bad.set_state(0);
  CHECK_THROWS_AS(decode(bad, work), Error);
  bad = good;
  bad.clear_rejections();
  CHECK_THROWS_AS(decode(bad, work), Error);
}

TEST_CASE("specifications and transactions come back as they were sent") {
  wire::SourceSpec source;
  encode(spec(), source);
  const SourceSpec got = decode(source);
  CHECK(got.connection.secrets.at("password") == "p");
  CHECK(got.mode == CaptureMode::watermark);
  CHECK(got.tables[0].watermark.empty());
  CHECK(got.tables[1].watermark == "changed");
  CHECK(got.tables[1].old_columns == std::vector<std::string>{"b"});
  CHECK(got.retained_log_ceiling == 7);
  CHECK(got.canary == "two");
  CHECK(got.canary_table() == 1);

  TargetSpec target{{}, "t", {{"r", {Item{}, Item{}}, {"k"}, ApplyMode::history, "h"}}};
  target.tables[0].columns[1].type = ItemType::decimal;
  target.tables[0].columns[1].scale = 2;
  wire::TargetSpec target_message;
  encode(target, target_message);
  CHECK(decode(target_message).tables[0].columns == target.tables[0].columns);
  CHECK(decode(target_message).tables[0].history_table == "h");

  TargetTransaction work;
  work.expected = {{1, 2}, Digest::from_bytes(std::string(32, 'x'))};
  work.next = {"s", "o", {{1, 3}, Digest::from_bytes(std::string(32, 'y'))}, std::string("\0s", 2)};
  work.steps.resize(2);
  work.steps[0].rows.meta = {{Operation::withheld, 9, 8, 7}};
  work.steps[0].rows.groups = {"g"};
  work.steps[0].rows.indexes = {1, 0};
  work.steps[0].rows.columns = {column({"v"}), column({nullptr})};
  work.steps[0].rows.seen = "tag";
  work.steps[0].rows.batch = {1, 3};
  work.steps[1].kind = Step::Kind::sweep;
  work.steps[1].groups = GroupSet::of({"a", ""});
  wire::TargetTransaction work_message;
  encode(work, work_message);
  const TargetTransaction back = decode(work_message, target);
  CHECK(back.expected == work.expected);
  CHECK(back.next.head == work.next.head);
  CHECK(back.next.state == work.next.state);
  CHECK(back.steps[0].rows.meta == work.steps[0].rows.meta);
  CHECK(back.steps[0].rows.groups == work.steps[0].rows.groups);
  CHECK(back.steps[0].rows.indexes == work.steps[0].rows.indexes);
  CHECK(back.steps[0].rows.columns == work.steps[0].rows.columns);
  CHECK(back.steps[0].rows.seen == "tag");
  CHECK(back.steps[0].rows.batch == work.steps[0].rows.batch);
  CHECK(back.steps[1].groups == work.steps[1].groups);
  work_message.mutable_steps(0)->mutable_rows()->set_indexes(0, 2);
  CHECK_THROWS_AS(decode(work_message, target), Error);
}

}  // namespace qianzhi::adapter
