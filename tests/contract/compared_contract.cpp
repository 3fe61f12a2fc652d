// A comparison from end to end (PROTOCOL 9.1) takes a target's rows as equal to what was delivered, whatever way its
// database keeps and writes the values of each type.
#include <catch2/catch.hpp>

#include "agent/flow/row_prints.h"
#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

Topic topic_of_all_types() {
  Topic topic;
  topic.id = "all.types";
  const std::pair<const char*, ItemType> items[] = {
      {"number", ItemType::code},    {"title", ItemType::text},           {"digits", ItemType::digits},
      {"amount", ItemType::integer}, {"capital", ItemType::decimal},      {"opened", ItemType::date},
      {"founded", ItemType::year},   {"registered", ItemType::timestamp}, {"seen_at", ItemType::timestamp},
      {"active", ItemType::boolean}, {"photo", ItemType::bytes}};
  for (const auto& [id, type] : items) {
    Item item;
    item.id = id;
    item.type = type;
    if (type == ItemType::decimal) {
      item.length = 18;
      item.scale = 4;
    }
    topic.items.push_back(std::move(item));
  }
  topic.items[0].length = 18;
  topic.key = {"number"};
  return topic;
}

using Values = std::vector<std::string>;  // "<null>": NULL

const std::vector<Values> delivered = {
    {"91350100M000100Y43", "杭州市㐀䶮𠮷公司", "330106", "-9223372036854775808", "99999999999999.9999", "2024-02-29",
     "1949", "2024-02-29T23:59:59.123456", "2024-02-29T23:59:59.100000Z", "true", std::string("\0\1\xff", 3)},
    {"2", "", "0", "9223372036854775807", "-0.5000", "1900-01-01", "2155", "1940-06-03T00:30:00",
     "1969-12-31T23:59:59Z", "false", ""},
    {"3", " a'b\\\" ", "007", "0", "0.0000", "2004-12-31", "2000", "2024-01-01T00:00:00", "2024-01-01T00:00:00Z",
     "true", "x"},
    {"4", "<null>", "<null>", "<null>", "<null>", "<null>", "<null>", "<null>", "<null>", "<null>", "<null>"}};

std::vector<Column> columns_of(const std::vector<Values>& values) {
  std::vector<Column> columns(values[0].size());
  for (const Values& row : values)
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row[i] == "<null>")
        columns[i].append_null();
      else
        columns[i].append(row[i]);
  return columns;
}

adapter::TargetTransaction transaction_of(const std::vector<Column>& columns) {
  adapter::TargetTransaction work;
  work.next = {"sub", "commerce-01", {{1, 1}, Digest::from_bytes(std::string(32, 'd'))}, "state"};
  adapter::Step step;
  step.rows.columns = columns;
  for (std::size_t i = 0; i < columns.size(); ++i) step.rows.indexes.push_back(i);
  for (std::uint32_t row = 0; row < delivered.size(); ++row) {
    step.rows.meta.push_back({Operation::upsert, row, 0, 0});
    step.rows.groups.emplace_back("330106");
  }
  work.steps.push_back(std::move(step));
  return work;
}

}  // namespace

TEST_CASE("P11 P19 P20 P32 rows of every type have the same prints at the target as they were delivered with") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  const Topic topic = topic_of_all_types();
  std::set<std::string> ids;
  for (const Item& item : topic.items) ids.insert(item.id);
  const adapter::TargetSpec spec{fixture->connection(), "inbox", {{"received", topic.items, topic.key, {}, {}}}};
  fixture->run(fixture->adapter().plan_target(spec).install);
  const auto target = fixture->adapter().open_target(spec);
  const std::vector<Column> sent = columns_of(delivered);
  const adapter::ApplyResult result = target->apply(transaction_of(sent));
  for (const adapter::Rejection& rejection : result.rejections) UNSCOPED_INFO(rejection.row << " " << rejection.detail);
  REQUIRE(result.state == adapter::ApplyResult::State::committed);
  flow::RowPrinter printer(topic, Entitlement({{GroupSet::every(), ids}}), "salt", DigestSuite::sha256);
  std::map<flow::Print, std::size_t> places;
  for (std::size_t row = 0; row < delivered.size(); ++row) places[printer.tag_of(printer.key_of(sent, row))] = row;
  const adapter::SnapshotChunk held = target->read_rows(0, {}, {100, 1U << 20U});
  REQUIRE(held.columns[0].size() == delivered.size());
  for (std::size_t row = 0; row < delivered.size(); ++row) {
    const auto place = places.find(printer.tag_of(printer.key_of(held.columns, row)));
    REQUIRE(place != places.end());
    for (std::size_t i = 0; i < topic.items.size(); ++i) {
      INFO(topic.items[i].id << ": sent " << text_of(sent[i], place->second) << ", held "
                             << text_of(held.columns[i], row));
      CHECK(flow::comparable(topic.items[i], sent[i], place->second) ==
            flow::comparable(topic.items[i], held.columns[i], row));
      CHECK(sent[i].has_value(place->second) == held.columns[i].has_value(row));
    }
    CHECK(printer.print_of(sent, place->second, "330106") == printer.print_of(held.columns, row, "330106"));
  }
}

}  // namespace qianzhi::test::contract
