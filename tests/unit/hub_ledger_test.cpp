#include "hub-protocol/hub/ledger.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "hub-protocol/base/error.h"
#include "hub_support.h"
#include "tests/support/seal_forge.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using test::HubWorld;

namespace {

constexpr Days ever{-1'000'000, 1'000'000};

using Tuple = std::tuple<Day, std::string, bool>;  // day, topic, refill

// A provider that seals what a random source gives it, and the truth about what the hub took.
struct Counted : HubWorld {
  struct Made {
    seal::Sealed sealed;
    seal::RowCounts rows;
    bool is_refill = false;
  };

  Made make(test::Chain& stream, const std::string& topic, BatchKind kind, const std::vector<Operation>& operations,
            const Digest& begin = {}) {
    seal::Header header;
    header.kind = kind;
    header.stream = {"commerce-01", topic};
    header.catalogue_version = 1;
    header.position = {stream.head.position.epoch, stream.head.position.sequence + 1};
    header.previous = stream.head.digest;
    header.begin = begin;
    seal::BatchContent content;
    content.items = {"number"};
    Made made;
    made.is_refill = kind == BatchKind::rows;
    // Two groups, so that a batch has two row blocks.
    for (const char* group : {"440103", "440104"}) {
      seal::GroupRows rows{group, {}, std::vector<Column>(1)};
      for (std::size_t i = group[5] == '3' ? 0 : 1; i < operations.size(); i += 2) {
        rows.meta.push_back({operations[i], static_cast<std::uint32_t>(i), 0, 0});
        rows.items[0].append("n" + std::to_string(i));
        ++(operations[i] == Operation::upsert   ? made.rows.upserts
           : operations[i] == Operation::remove ? made.rows.removes
                                                : made.rows.withheld);
      }
      if (!rows.meta.empty()) content.groups.push_back(std::move(rows));
    }
    made.sealed = seal::seal(header, content, {"pos", "id"}, stream.key(), random);
    stream.head = {header.position, made.sealed.digest};
    return made;
  }

  std::map<Tuple, seal::RowCounts> counted() const {
    std::map<Tuple, seal::RowCounts> all;
    for (const hub::AcceptedLine& line : hub->ledger(ever).accepted) {
      CHECK(line.department == "commerce");
      all[{line.day, line.stream.topic, line.is_refill}] = line.rows;
    }
    return all;
  }

  void add(wire::AppliedRequest& request, const std::string& agent, Micros begun, std::uint64_t upserted,
           std::uint64_t removed) const {
    wire::AppliedBody body;
    write_value(StreamId{"commerce-01", test::firms}, *body.mutable_stream());
    body.set_subscriber(agent);
    body.set_upserted(upserted);
    body.set_removed(removed);
    body.set_begun(begun);
    wire::Applied& applied = *request.add_applied();
    applied.set_body(body.SerializeAsString());
    const seal::SigningKey& by = agent == "tax-01" ? tax_key : other_key;
    applied.mutable_signature()->set_key_id(by.record().id);
    applied.mutable_signature()->set_value(by.sign(seal::Purpose::applied, applied.body()));
  }
  void apply(const std::string& agent, Micros begun, std::uint64_t upserted, std::uint64_t removed) {
    wire::AppliedRequest request;
    add(request, agent, begun, upserted, removed);
    hub->applied(agent, request);
  }
  std::vector<std::uint64_t> applied_by(const std::string& agent) const {
    std::vector<std::uint64_t> days;
    for (const hub::AppliedLine& line : hub->ledger(ever).applied)
      if (line.subscriber == agent) days.push_back(line.upserted + line.removed);
    return days;
  }
};

}  // namespace

TEST_CASE("S1.5 random posts with crashes and repeats: the ledger is what the log holds, also once it is trimmed") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  Counted world;
  std::mt19937 choose(seed);
  const auto below = [&](unsigned limit) { return choose() % limit; };
  std::string crash_at;
  world.breakpoint = [&](std::string_view point) {
    if (point == crash_at) throw Error(ErrorKind::unavailable, "QZ-BASE-003", "crash");
  };
  world.start();
  std::map<Tuple, seal::RowCounts> truth;
  for (const char* topic : {test::firms, test::closed_firms}) {
    test::Chain stream = world.chain(topic);
    const seal::Sealed begin = stream.begin();
    world.open();
    REQUIRE(world.post(begin).outcome() == wire::ACCEPTED);
    for (int i = 0; i < 25; ++i) {
      std::vector<Operation> operations(1 + below(9));
      for (Operation& operation : operations) operation = static_cast<Operation>(below(3));
      const bool is_refill = below(3) == 0;
      const auto made = world.make(stream, topic, is_refill ? BatchKind::rows : BatchKind::change, operations,
                                   is_refill ? begin.digest : Digest{});
      // Killed around the commit, or the answer lost: the same octets again, until they are accepted.
      static constexpr const char* points[] = {"hub.post.before_commit", "hub.post.after_commit",
                                               "hub.post.before_reply"};
      if (below(2) == 0) {
        const unsigned point = below(3);
        crash_at = points[point];
        CHECK_THROWS_AS(world.post(made.sealed), Error);
        crash_at.clear();
        if (point < 2 || below(2) == 0) world.start();
        world.open();
      }
      REQUIRE(world.post(made.sealed).outcome() == wire::ACCEPTED);
      if (below(3) == 0) REQUIRE(world.post(made.sealed).outcome() == wire::ACCEPTED);
      seal::RowCounts& day = truth[{beijing_day(world.clock.now()), topic, is_refill}];
      day.upserts += made.rows.upserts;
      day.removes += made.rows.removes;
      day.withheld += made.rows.withheld;
      if (below(4) == 0) world.clock.advance(test::one_day / 3);
    }
    REQUIRE(world.post({stream.begin(), stream.end()}).outcome() == wire::ACCEPTED);
  }
  CHECK(world.counted() == truth);
  world.hub->trim({"commerce-01", test::firms});
  CHECK(world.hub->status()[1].batches < 10);
  CHECK(world.counted() == truth);
}

TEST_CASE("S1.5 what was applied is counted once: repeats, lost receipts, a restored target, a second target") {
  Counted world;
  world.filled();
  const auto total = [&](const std::string& agent) {
    std::uint64_t sum = 0;
    for (const std::uint64_t day : world.applied_by(agent)) sum += day;
    return sum;
  };
  world.apply("tax-01", 100, 10, 1);
  world.apply("tax-01", 100, 10, 1);  // again
  CHECK(world.applied_by("tax-01") == std::vector<std::uint64_t>{11});
  world.clock.advance(test::one_day);
  world.apply("tax-01", 100, 25, 2);  // those between were lost
  CHECK(world.applied_by("tax-01") == std::vector<std::uint64_t>{11, 16});
  world.apply("tax-01", 100, 12, 1);  // restored from an older copy: these rows were counted
  world.apply("tax-01", 100, 20, 2);
  CHECK(total("tax-01") == 27);
  world.apply("tax-01", 100, 30, 2);
  CHECK(total("tax-01") == 32);
  world.start();
  world.apply("tax-01", 200, 5, 0);  // a new target begins at nothing
  CHECK(total("tax-01") == 37);
  world.apply("tax-01", 100, 31, 2);  // and the former one lives
  CHECK(total("tax-01") == 38);
  world.apply("quality-01", 0, 7, 0);  // one that does not say when it began
  world.apply("quality-01", 0, 3, 0);
  CHECK(total("quality-01") == 10);
  const auto lines = world.hub->ledger(ever).applied;
  CHECK(lines[0].department == "tax");
  CHECK(lines[0].sender_department == "commerce");
}

TEST_CASE("S1.5 an agent that begins a subscription over and over cannot fill the ledger") {
  Counted world;
  world.filled();
  wire::AppliedRequest request;
  for (Micros begun = 1; begun <= 1'000; ++begun) world.add(request, "tax-01", begun, 1, 0);
  world.hub->applied("tax-01", request);
  test::check_throws("QZ-HUB-240", [&] { world.apply("tax-01", 1'001, 1, 0); });
  CHECK_NOTHROW(world.apply("tax-01", 1'000, 2, 0));
}

TEST_CASE("S1.5 a batch whose rows cannot be counted is refused, whoever signed it") {
  Counted world;
  test::Chain stream = world.filled();
  const seal::Sealed good = stream.change();
  const auto verdict = [&](const auto& spoil) {
    test::Forge forge(good.octets);
    spoil(forge);
    return world.post(seal::Sealed{forge.signed_with(world.key), {}}).code();
  };
  CHECK(verdict([](test::Forge& forge) { forge.set_rows_block(0, test::plain_block("\x08")); }) == "QZ-SEAL-015");
  CHECK(verdict([](test::Forge& forge) {
          wire::RowBlock rows = forge.rows(0);
          rows.set_operations(std::string(2, '\0'));
          forge.set_rows(0, rows);
        }) == "QZ-SEAL-015");
  CHECK(verdict([](test::Forge& forge) {
          wire::RowBlock rows = forge.rows(0);
          rows.set_rows(2'000'000);
          forge.set_rows(0, rows);
        }) == "QZ-SEAL-015");
  CHECK(world.post(good).outcome() == wire::ACCEPTED);
}

TEST_CASE("S1.5 6,577,210 records in 18 months: any way of summing the ledger gives the figure") {
  const test::TempDir dir;
  sqlite::Database database(dir / "log", {});
  database.execute(
      "CREATE TABLE stream(id INTEGER PRIMARY KEY, agent TEXT, topic TEXT); CREATE TABLE batch(stream, place, octets)");
  hub::create_ledger(database);
  for (int stream = 1; stream <= 12; ++stream)
    database.prepare("INSERT INTO stream VALUES(?, ?, ?)")
        .bind(1, stream)
        .bind(2, "agent-" + std::to_string(stream % 4))
        .bind(3, "topic-" + std::to_string(stream))
        .run();
  const Day first = *day_from("2002-07-01");
  const Day end = *day_from("2004-01-01");
  std::mt19937 choose(7);
  std::uint64_t left = 6'577'210;
  while (left > 0) {
    const std::uint64_t some = std::min<std::uint64_t>(left, 1 + choose() % 2'000);
    const auto removes = some / 5;
    const Day day = first + static_cast<Day>(choose() % static_cast<unsigned>(end - first));
    hub::count_accepted(database, 1 + static_cast<std::int64_t>(choose() % 12),
                        {day, {}, "commerce", choose() % 2 == 0, 1, {some - removes, removes, 0}});
    left -= some;
  }
  std::map<std::string, std::uint64_t> by_month, by_topic, by_agent;
  for (const hub::AcceptedLine& line : hub::select_accepted(database, {first, end})) {
    by_month[month_text(line.day)] += line.rows.all();
    by_topic[line.stream.topic] += line.rows.all();
    by_agent[line.stream.agent] += line.rows.all();
  }
  CHECK(by_month.size() == 18);
  for (const auto& sums : {by_month, by_topic, by_agent}) {
    std::uint64_t total = 0;
    for (const auto& [name, sum] : sums) total += sum;
    CHECK(total == 6'577'210);
  }
  std::uint64_t monthly = 0;
  for (const auto& [month, sum] : by_month)
    for (const hub::AcceptedLine& line : hub::select_accepted(database, *month_from(month))) monthly += line.rows.all();
  CHECK(monthly == 6'577'210);
}

TEST_CASE("S1.5 a store from before the ledger is counted when it is opened") {
  Counted world;
  test::Chain stream = world.filled();
  world.hub.reset();
  {
    sqlite::Database store(world.options.store, {});
    store.execute(
        "DROP TABLE ledger_accepted; DROP TABLE ledger_applied; DROP TABLE ledger_known; PRAGMA user_version=1");
  }
  world.start();
  const auto lines = world.hub->ledger(ever).accepted;
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].rows.upserts == 1);  // the change
  CHECK(lines[1].rows.upserts == 2);
  CHECK(lines[1].is_refill);
}

TEST_CASE("days and months of Beijing") {
  CHECK(date_text(beijing_day(0)) == "1970-01-01");
  CHECK(date_text(beijing_day(57'599'999'999)) == "1970-01-01");
  CHECK(date_text(beijing_day(57'600'000'000)) == "1970-01-02");
  CHECK(date_text(beijing_day(-28'800'000'001)) == "1969-12-31");
  CHECK(beijing_text(0) == "1970-01-01 08:00:00");
  CHECK(day_from("2024-02-29") == day_from("2024-03-01").value() - 1);
  CHECK_FALSE(day_from("2023-02-29").has_value());
  CHECK_FALSE(day_from("2023-2-01").has_value());
  CHECK_FALSE(day_from("2023-02-0x").has_value());
  CHECK(month_from("2023-12")->end == day_from("2024-01-01"));
  CHECK_FALSE(month_from("2023-13").has_value());
  CHECK(beijing_day(begin_of(*day_from("2026-11-23"))) == *day_from("2026-11-23"));
}
