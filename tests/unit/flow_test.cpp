#include <stdlib.h>
#include <time.h>

#include <catch2/catch.hpp>

#include "agent/flow/mark.h"
#include "agent/flow/pump.h"
#include "agent/flow/schedule.h"
#include "agent/flow/throttle.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

using namespace qianzhi;

namespace {

constexpr Micros second = 1'000'000;

Micros local(int year, int month, int day, int hour, int minute) {
  tm value{};
  value.tm_year = year - 1900;
  value.tm_mon = month - 1;
  value.tm_mday = day;
  value.tm_hour = hour;
  value.tm_min = minute;
  value.tm_isdst = -1;
  return static_cast<Micros>(mktime(&value)) * second;
}

struct InShanghai {
  InShanghai() {
    setenv("TZ", "Asia/Shanghai", 1);
    tzset();
  }
};

Topic firm() {
  Topic topic;
  topic.id = "t";
  topic.items = {{"id", "", ""}, {"name", "", ""}, {"area", "", ""}};
  topic.key = {"id"};
  topic.partition = "area";
  return topic;
}

Entitlement granted(const GroupSet& groups, std::set<std::string> items) {
  return Entitlement({{groups, std::move(items)}});
}

flow::MarkState settled(const Entitlement& scope) {
  flow::MarkState state;
  state.directory_version = 1;
  state.scope = scope;
  state.complete = scope.groups();
  return state;
}

}  // namespace

TEST_CASE("S1.2 a weekly publication leaves on Monday, a daily one each day, an interval at its beat") {
  const InShanghai zone;
  config::Schedule weekly;
  weekly.kind = config::Schedule::Kind::calendar;
  weekly.weekdays = {1};
  weekly.hour = 2;
  // 2026-11-21 is a Saturday.
  CHECK(flow::released_before(weekly, local(2026, 11, 21, 12, 0)) == local(2026, 11, 16, 2, 0));
  CHECK(flow::released_before(weekly, local(2026, 11, 23, 1, 59)) == local(2026, 11, 16, 2, 0));
  CHECK(flow::released_before(weekly, local(2026, 11, 23, 2, 0)) == local(2026, 11, 23, 2, 0));
  config::Schedule daily = weekly;
  daily.weekdays.clear();
  CHECK(flow::released_before(daily, local(2026, 11, 21, 1, 0)) == local(2026, 11, 20, 2, 0));
  config::Schedule hourly;
  hourly.kind = config::Schedule::Kind::interval;
  hourly.interval = 3600 * second;
  CHECK(flow::released_before(hourly, 7300 * second) == 7200 * second);
  CHECK(flow::released_before({}, 7300 * second) == 0);
}

TEST_CASE("S3 working hours hold a source's whole tables back, on their days and over midnight") {
  const InShanghai zone;
  const config::ThrottleConfig office{100, 8 * 60, 18 * 60, {1, 2, 3, 4, 5}};
  const flow::Throttle throttle(office);
  // 2026-11-20 is a Friday.
  CHECK(throttle.holds(local(2026, 11, 20, 8, 0)));
  CHECK(throttle.holds(local(2026, 11, 20, 17, 59)));
  CHECK_FALSE(throttle.holds(local(2026, 11, 20, 7, 59)));
  CHECK_FALSE(throttle.holds(local(2026, 11, 20, 18, 0)));
  CHECK_FALSE(throttle.holds(local(2026, 11, 21, 12, 0)));
  const flow::Throttle night({100, 22 * 60, 6 * 60, {5}});
  CHECK(night.holds(local(2026, 11, 20, 23, 0)));
  CHECK(night.holds(local(2026, 11, 21, 5, 59)));
  CHECK_FALSE(night.holds(local(2026, 11, 20, 5, 0)));
  CHECK_FALSE(night.holds(local(2026, 11, 21, 23, 0)));
  CHECK(flow::Throttle({1, 0, 0, {}}).holds(local(2026, 11, 21, 23, 0)));
  CHECK_FALSE(flow::Throttle({}).holds(local(2026, 11, 20, 9, 0)));
  flow::Throttle reading(office);
  reading.has_read(200, local(2026, 11, 20, 9, 0), 5 * second);
  CHECK(reading.ready_at() == 7 * second);
  reading.has_read(200, local(2026, 11, 20, 19, 0), 8 * second);
  CHECK(reading.ready_at() == 0);
}

TEST_CASE("R7.4 settling under the same grant does nothing, under a narrower one removes groups") {
  const Entitlement wide = granted(GroupSet::of({"a", "b"}), {"id", "name"});
  flow::MarkState state = settled(wide);
  CHECK(flow::settle(state, wide, 2, firm(), 7).empty());
  CHECK(state.directory_version == 2);
  const Entitlement narrow = granted(GroupSet::of({"b"}), {"id", "name"});
  const auto steps = flow::settle(state, narrow, 3, firm(), 7);
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].kind == adapter::Step::Kind::keep_groups);
  CHECK(steps[0].groups == GroupSet::of({"b"}));
  CHECK(state.complete == GroupSet::of({"b"}));
  CHECK(state.scope == narrow);
}

TEST_CASE("R7.4 items that are no longer granted are cleared, added ones make the groups incomplete") {
  flow::MarkState state = settled(granted(GroupSet::every(), {"id", "name", "area"}));
  const auto steps = flow::settle(state, granted(GroupSet::every(), {"id", "area"}), 2, firm(), 7);
  REQUIRE(steps.size() == 2);
  CHECK(steps[1].kind == adapter::Step::Kind::clear_columns);
  CHECK(steps[1].indexes == std::vector<std::size_t>{1});
  CHECK(state.complete.is_every());
  flow::settle(state, granted(GroupSet::every(), {"id", "name", "area"}), 3, firm(), 7);
  CHECK(state.complete.is_empty());
}

TEST_CASE("R7.8 a widened grant takes no part in a refill that began before it") {
  flow::MarkState state = settled(granted(GroupSet::of({"a"}), {"id"}));
  state.complete = GroupSet::none();
  state.tracked_begin = Digest::from_bytes(Bytes(32, 'x'));
  state.tracked = GroupSet::of({"a"});
  flow::settle(state, granted(GroupSet::of({"a", "b"}), {"id"}), 2, firm(), 7);
  CHECK(state.tracked == GroupSet::of({"a"}));
  flow::settle(state, granted(GroupSet::of({"a", "b"}), {"id", "name"}), 3, firm(), 7);
  CHECK_FALSE(state.is_tracking());
}

TEST_CASE("A mark's state comes back from its record") {
  flow::MarkState state = settled(granted(GroupSet::of({"", "a"}), {"id", "name"}));
  state.tracked_begin = Digest::from_bytes(Bytes(32, 'x'));
  state.tracked = GroupSet::every();
  state.upserted = 5;
  state.keys = {{"k2", "s1"}, {"k1"}};
  const flow::MarkState again = flow::decode_mark(flow::encode(state));
  CHECK(flow::encode(again) == flow::encode(state));
  CHECK(again.scope == state.scope);
  CHECK(again.seen() == state.seen());
  CHECK(again.keys == state.keys);
  CHECK_THROWS_WITH(flow::decode_mark("\xff"), Catch::StartsWith("QZ-AGT-050"));
}

namespace {

// Throws what it is told to, then counts.
class Trouble final : public flow::Stage {
 public:
  std::string name() const override { return "trouble"; }
  flow::Progress run_once() override {
    ++runs;
    if (runs == 1) throw Error(ErrorKind::unavailable, "QZ-LINK-001", "away");
    if (runs == 2) throw std::bad_alloc();
    return flow::Progress::idle;
  }
  std::atomic<int> runs{0};
};

}  // namespace

TEST_CASE("The pump survives every exception of a stage, tells its code, and runs it again when the bell rings") {
  set_log_level(LogLevel::error);
  const SystemClock clock;
  Trouble stage;
  flow::Pump pump(
      clock, [] { return false; }, [](const Error&) {});
  pump.add(stage, 60'000'000);
  pump.start();
  while (stage.runs < 3) {
    pump.retry(stage);
    std::this_thread::yield();
  }
  while (!pump.status()[0].error_code.empty()) std::this_thread::yield();
  CHECK(pump.status()[0].runs >= 3);
  pump.stop();
}

TEST_CASE("The pump does not wear out an agent whose hub is away: more work is no reason to try again, a cure is") {
  class Away final : public flow::Stage {
   public:
    std::string name() const override { return "away"; }
    flow::Progress run_once() override {
      ++runs;
      if (!there) throw Error(ErrorKind::unavailable, "QZ-LINK-001", "away");
      return flow::Progress::idle;
    }
    std::atomic<int> runs{0};
    std::atomic<bool> there{false};
  } stage;
  set_log_level(LogLevel::error);
  const SystemClock clock;
  flow::Pump pump(
      clock, [] { return false; }, [](const Error&) {});
  pump.add(stage, 60'000'000);
  const Micros start = clock.steady();
  pump.start();
  while (stage.runs < 4) {
    pump.ring(stage);
    std::this_thread::yield();
  }
  // 100, 200 and 400 ms lie between four runs.
  CHECK(clock.steady() - start >= 700'000);
  // The next would come 800 ms after that; told that something changed, it comes at once, every time.
  const Micros told = clock.steady();
  for (int at_least = 5; stage.runs < 200; at_least = stage.runs + 1)
    while (stage.runs < at_least) {
      pump.retry(stage);
      std::this_thread::yield();
    }
  stage.there = true;
  pump.retry(stage);
  while (!pump.status()[0].error_code.empty()) std::this_thread::yield();
  // Work that comes to a stage that is well is seen at once.
  const int before = stage.runs;
  while (stage.runs < before + 100) {
    pump.ring(stage);
    std::this_thread::yield();
  }
  CHECK(clock.steady() - told < 60'000'000);
  pump.stop();
}

TEST_CASE("A stage that reaches the hub again sends the others to try, too") {
  class Away final : public flow::Stage {
   public:
    Away(const std::atomic<bool>& there, ErrorKind kind) : there_(there), kind_(kind) {}
    std::string name() const override { return "away"; }
    flow::Progress run_once() override {
      ++runs;
      if (!there_) throw Error(kind_, "QZ-LINK-001", "away");
      return flow::Progress::idle;
    }
    std::atomic<int> runs{0};

   private:
    const std::atomic<bool>& there_;
    const ErrorKind kind_;
  };
  set_log_level(LogLevel::error);
  const SystemClock clock;
  std::atomic<bool> hub{false};
  Away one(hub, ErrorKind::unavailable);
  Away two(hub, ErrorKind::misuse);
  flow::Pump pump(
      clock, [] { return false; }, [](const Error&) {});
  pump.add(one, 60'000'000);
  pump.add(two, 60'000'000);
  pump.start();
  // By itself the other tries again after 15 seconds.
  while (pump.status()[0].runs == 0 || pump.status()[1].runs == 0) std::this_thread::yield();
  hub = true;
  const Micros start = clock.steady();
  pump.retry(one);
  while (two.runs == 1) std::this_thread::yield();
  CHECK(clock.steady() - start < 14'000'000);
  pump.stop();
}

TEST_CASE("P36 a fault of our own store is told to the process and not retried in silence") {
  class Broken final : public flow::Stage {
   public:
    std::string name() const override { return "broken"; }
    flow::Progress run_once() override { throw Error(ErrorKind::corrupt, "QZ-SQL-003", "disk I/O error"); }
  } stage;
  set_log_level(LogLevel::error);
  const SystemClock clock;
  std::atomic<int> told{0};
  std::atomic<bool> failed{false};
  flow::Pump pump(
      clock, [&] { return failed.load(); },
      [&](const Error& error) {
        if (error.code() == "QZ-SQL-003") ++told;
      });
  pump.add(stage, 1000);
  pump.start();
  // The same code from a hub or an adapter whose own disk failed ends nobody else.
  while (pump.status()[0].runs < 2) {
    pump.ring(stage);
    std::this_thread::yield();
  }
  CHECK(told == 0);
  failed = true;
  while (told == 0) {
    pump.ring(stage);
    std::this_thread::yield();
  }
  pump.stop();
  CHECK(told >= 1);
}
