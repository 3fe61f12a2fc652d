// The two halves of a comparison, alone: prints, sums, and what each makes of what it hears.
#include <catch2/catch.hpp>

#include "agent/flow/comparison.h"
#include "agent/flow/mailbox.h"
#include "agent/flow/row_prints.h"
#include "hub-protocol/wire/values.h"
#include "tests/support/sha256_of.h"
#include "tests/unit/hub_support.h"

using namespace qianzhi;

namespace {

Topic firms_topic() {
  Topic topic;
  topic.id = "firms";
  topic.items.resize(6);
  const char* const ids[] = {"number", "name", "area", "capital", "opened", "active"};
  for (std::size_t i = 0; i < 6; ++i) topic.items[i].id = ids[i];
  topic.items[3].type = ItemType::decimal;
  topic.items[4].type = ItemType::timestamp;
  topic.items[5].type = ItemType::boolean;
  topic.key = {"number"};
  topic.partition = "area";
  return topic;
}

Entitlement everything() {
  return Entitlement({{GroupSet::every(), {"number", "name", "area", "capital", "opened", "active"}}});
}

std::vector<Column> one_row(const std::vector<std::string>& values) {
  std::vector<Column> columns(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] == "-")
      columns[i].append_null();
    else
      columns[i].append(values[i]);
  return columns;
}

flow::RowPrinter printer(const Bytes& salt = "salt", Entitlement granted = everything()) {
  return {firms_topic(), std::move(granted), salt, DigestSuite::sha256};
}

flow::Print print(const std::vector<std::string>& values, const Group& group = "440103") {
  return printer().print_of(one_row(values), 0, group);
}

}  // namespace

TEST_CASE("a print is the same however a database writes the same value, and another for any other value") {
  const auto base = print({"1", "n", "440103", "1.50", "2024-01-01T08:00:00Z", "true"});
  CHECK(print({"1", "n", "440103", "1.5", "2024-01-01T08:00:00.000000", "1"}) == base);
  CHECK(print({"1", "n", "440103", "1.500", "2024-01-01 08:00:00", "t"}) == base);
  for (const std::vector<std::string>& other :
       std::vector<std::vector<std::string>>{{"2", "n", "440103", "1.50", "2024-01-01T08:00:00Z", "true"},
                                             {"1", "", "440103", "1.50", "2024-01-01T08:00:00Z", "true"},
                                             {"1", "-", "440103", "1.50", "2024-01-01T08:00:00Z", "true"},
                                             {"1", "n4", "40103", "1.50", "2024-01-01T08:00:00Z", "true"},
                                             {"1", "n", "440103", "1.51", "2024-01-01T08:00:00Z", "true"},
                                             {"1", "n", "440103", "150", "2024-01-01T08:00:00Z", "true"},
                                             {"1", "n", "440103", "1.50", "2024-01-01T08:00:00.1", "true"},
                                             {"1", "n", "440103", "1.50", "2024-01-01T08:00:00Z", "false"}})
    CHECK(print(other) != base);
  CHECK(print({"1", "n", "440103", "1.50", "2024-01-01T08:00:00Z", "true"}, "440104") != base);
  CHECK(print({"1", "n", "440103", "100", "-", "0"}) != print({"1", "n", "440103", "1", "-", "0"}));
  CHECK(print({"1", "n", "440103", "-0.00", "-", "0"}) == print({"1", "n", "440103", "0", "-", "f"}));
}

TEST_CASE("A25 prints and tags of one conversation say nothing in another, and hold no item that is not granted") {
  const auto row = one_row({"1", "n", "440103", "1", "-", "-"});
  CHECK(printer("a").print_of(row, 0, "440103") != printer("b").print_of(row, 0, "440103"));
  CHECK(printer("a").tag_of("1") != printer("b").tag_of("1"));
  const Entitlement some({{GroupSet::every(), {"number", "area"}}});
  const auto other = one_row({"1", "another", "440103", "2", "2024-01-01T00:00:00", "1"});
  CHECK(printer("a", some).print_of(row, 0, "440103") == printer("a", some).print_of(other, 0, "440103"));
  CHECK(printer("a").print_of(row, 0, "440103") != printer("a").print_of(other, 0, "440103"));
}

TEST_CASE("sums in fewer buckets are those of the same rows, and differ where one row does") {
  flow::RowPrinter prints = printer();
  flow::BucketSums many;
  flow::BucketSums few(4);
  flow::BucketSums without(4);
  const auto left_out = prints.tag_of("123");
  for (int i = 0; i < 1000; ++i) {
    const auto tag = prints.tag_of(std::to_string(i));
    many.add(tag, tag);
    few.add(tag, tag);
    if (tag != left_out) without.add(tag, tag);
  }
  CHECK(many.folded(4).bytes() == few.bytes());
  CHECK(flow::BucketSums(4, few.bytes()).differing(few).empty());
  CHECK(few.differing(without) == std::vector<std::uint32_t>{flow::BucketSums::bucket_of(left_out, 4)});
  CHECK(few.folded(0).differing(without.folded(0)) == std::vector<std::uint32_t>{0});
  CHECK(flow::BucketSums::bits_for(0) == 0);
  CHECK(flow::BucketSums::bits_for(17) == 1);
  CHECK(flow::BucketSums::bits_for(1'000'000) == 16);
}

namespace {

constexpr Micros steady_second = 1'000'000;
const StreamId compared_stream{"commerce-01", "firms"};

// A subscriber in conversation with a provider that the test plays.
struct Asker {
  explicit Asker(bool report_only = false)
      : comparison({compared_stream, "tax-01", firms_topic(), everything(), 7, DigestSuite::sha256, report_only},
                   Bytes(16, 'c'), 1000, 0) {}

  wire::Comparison reply(wire::ComparisonStep step) const {
    wire::Comparison letter;
    write_value(compared_stream, *letter.mutable_stream());
    letter.set_from("commerce-01");
    letter.set_to("tax-01");
    letter.set_conversation(Bytes(16, 'c'));
    letter.set_directory_version(7);
    letter.set_step(step);
    return letter;
  }
  static Head head(std::uint64_t sequence, std::uint64_t epoch = 1) {
    return {{epoch, sequence}, test::sha256_of(std::to_string(sequence))};
  }
  void ready(std::uint64_t sequence) {
    wire::Comparison letter = reply(wire::READY);
    write_value(head(sequence), *letter.mutable_place());
    comparison.take(letter, 0);
  }
  // The target's rows, as its adapter gives them.
  static adapter::SnapshotChunk rows(const std::vector<std::string>& numbers, bool done = true) {
    adapter::SnapshotChunk chunk;
    chunk.columns.resize(8);
    for (const std::string& number : numbers) {
      const char* const values[] = {"n", "440103", "1.00", "2024-01-01T00:00:00Z", "true", "commerce-01", "440103"};
      chunk.columns[0].append(number);
      for (std::size_t i = 0; i < 7; ++i) chunk.columns[i + 1].append(values[i]);
    }
    chunk.cursor = "x";
    chunk.done = done;
    return chunk;
  }
  // Up to its ROWS letter.
  wire::Comparison tell(const std::vector<std::string>& numbers) {
    ready(5);
    REQUIRE(comparison.wants_rows(head(5)));
    comparison.add(rows(numbers));
    REQUIRE(comparison.letter(0, 0)->step() == wire::SUMS);
    wire::Comparison differ = reply(wire::DIFFER);
    differ.add_buckets(0);
    comparison.take(differ, 0);
    REQUIRE(comparison.wants_rows(head(6)));
    comparison.add(rows(numbers));
    return *comparison.letter(0, 0);
  }
  wire::Comparison result(const std::vector<std::string>& extra) const {
    flow::RowPrinter prints(firms_topic(), everything(), Bytes(16, 'c'), DigestSuite::sha256);
    std::vector<flow::Print> tags;
    for (const std::string& key : extra) tags.push_back(prints.tag_of(key));
    wire::Comparison letter = reply(wire::RESULT);
    letter.set_extra(flow::bytes_of(tags));
    return letter;
  }

  flow::Comparison comparison;
};

adapter::RowsStep written(const std::string& number) {
  adapter::RowsStep step;
  step.indexes = {0, 1};
  step.columns.resize(2);
  step.columns[0].append(number);
  step.columns[1].append("n");
  step.meta.push_back({});
  step.groups.push_back("440103");
  return step;
}

}  // namespace

TEST_CASE("a subscriber reads its rows only when its mark has come to the provider's place, in the same epoch") {
  Asker asker;
  CHECK_FALSE(asker.comparison.wants_rows(Asker::head(9)));
  asker.ready(5);
  CHECK_FALSE(asker.comparison.wants_rows(Asker::head(4)));
  CHECK(asker.comparison.wants_rows(Asker::head(5)));
  Asker other;
  other.ready(5);
  CHECK_FALSE(other.comparison.wants_rows(Asker::head(1, 2)));
  CHECK(other.comparison.is_over());
  CHECK(other.comparison.report().code == "QZ-AGT-088");
}

TEST_CASE("extra rows are removed by their keys, but not those that were written since they were told of") {
  Asker asker;
  const wire::Comparison told = asker.tell({"1", "2", "3"});
  CHECK(told.step() == wire::ROWS);
  CHECK(told.rows().size() == 3 * 32);
  asker.comparison.touch(written("2"));
  asker.comparison.take(asker.result({"1", "2", "stranger"}), 0);
  REQUIRE(asker.comparison.is_over());
  const auto step = asker.comparison.extra_rows("tag", {1, 6});
  REQUIRE(step);
  REQUIRE(step->meta.size() == 1);
  CHECK(step->meta[0].operation == Operation::remove);
  CHECK(step->columns[0].text(0) == "1");
  CHECK(step->meta[0].ordinal == 0xB1B18000U);  // 1, then the first 16 bits of the conversation
  CHECK(asker.comparison.report().extra == 1);
  CHECK(asker.comparison.named().extra == std::vector<std::string>{"1"});
}

TEST_CASE("rows of other origins, and rows in quarantine, are not what the provider may judge") {
  Asker asker;
  asker.ready(5);
  asker.comparison.except({"q"});
  REQUIRE(asker.comparison.wants_rows(Asker::head(5)));
  adapter::SnapshotChunk chunk = Asker::rows({"1", "2"});
  chunk.columns[6].clear();
  chunk.columns[6].append("quality-01");
  chunk.columns[6].append("commerce-01");
  asker.comparison.add(chunk);
  CHECK(asker.comparison.report().rows == 1);
  Asker with_aside;
  with_aside.comparison.except({"q"});
  CHECK(with_aside.tell({"1"}).except().size() == 16);
}

TEST_CASE("letters of another conversation, provider, directory or turn are passed over") {
  Asker asker;
  const auto alter = [&](const std::function<void(wire::Comparison&)>& change) {
    wire::Comparison letter = asker.reply(wire::READY);
    write_value(Asker::head(5), *letter.mutable_place());
    change(letter);
    asker.comparison.take(letter, 0);
    return !asker.comparison.wants_rows(Asker::head(5));
  };
  CHECK(alter([](wire::Comparison& c) { c.set_conversation(Bytes(16, 'd')); }));
  CHECK(alter([](wire::Comparison& c) { c.set_from("quality-01"); }));
  CHECK(alter([](wire::Comparison& c) { c.set_directory_version(8); }));
  CHECK(alter([](wire::Comparison& c) { c.set_step(wire::RESULT); }));
  CHECK_FALSE(alter([](wire::Comparison&) {}));
}

TEST_CASE("a subscriber writes again while no answer comes, and gives up after an hour and a half") {
  Asker asker;
  CHECK(asker.comparison.letter(0, 0)->step() == wire::ASK);
  CHECK_FALSE(asker.comparison.letter(0, 29 * steady_second));
  CHECK(asker.comparison.letter(0, 30 * steady_second));
  wire::Comparison busy = asker.reply(wire::BUSY);
  busy.set_code("QZ-AGT-089");
  asker.comparison.take(busy, 1700 * steady_second);
  CHECK(asker.comparison.letter(0, 1900 * steady_second));
  CHECK_FALSE(asker.comparison.letter(0, 7200 * steady_second));
  CHECK(asker.comparison.is_over());
}

TEST_CASE("a mailbox keeps the newest letter of a sender, for the stage whose stream it is") {
  test::ManualClock clock;
  flow::Mailbox mailbox(clock);
  CHECK_FALSE(mailbox.is_busy());
  Asker asker;
  wire::Comparison letter = asker.reply(wire::READY);
  mailbox.put(letter);
  letter.set_step(wire::DIFFER);
  mailbox.put(letter);
  CHECK(mailbox.is_busy());
  CHECK(mailbox.take({"commerce-01", "other"}).empty());
  const auto taken = mailbox.take(compared_stream);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].step() == wire::DIFFER);
  CHECK(mailbox.take(compared_stream).empty());
  clock.advance(600 * steady_second);
  CHECK_FALSE(mailbox.is_busy());
  mailbox.send(compared_stream, "commerce-01", {});
  CHECK(mailbox.take_outgoing().size() == 1);
  CHECK(mailbox.take_outgoing().empty());
}
