// An honest estimate: measured, aware of the hours in which the department allows little, silent where nothing is
// known.
#include <time.h>

#include <catch2/catch.hpp>

#include "agent/flow/table_progress.h"

using namespace qianzhi;
using flow::Pace;
using flow::TableProgress;
using flow::Throttle;

namespace {

constexpr Micros tick_second = 1'000'000;
constexpr Micros tick_hour = 3'600 * tick_second;

// This hour of a day, in the process's local time.
Micros at_hour(int hour) {
  time_t now = 1'800'000'000;
  tm local{};
  localtime_r(&now, &local);
  local.tm_hour = hour;
  local.tm_min = local.tm_sec = 0;
  return static_cast<Micros>(mktime(&local)) * tick_second;
}

bool says(const TableProgress& progress, const std::string& part) {
  return flow::describe(progress).find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a speed is measured from chunk to chunk, of the last five minutes, apart while a throttle holds") {
  Pace pace;
  CHECK(pace.rate(false, 0) < 0);
  pace.add(1000, false, 10 * tick_second);
  CHECK(pace.rate(false, 10 * tick_second) < 0);
  pace.add(1000, false, 20 * tick_second);
  pace.add(3000, false, 30 * tick_second);
  CHECK(pace.rate(false, 30 * tick_second) == Approx(200));
  CHECK(pace.rate(true, 30 * tick_second) < 0);
  pace.add(10, true, 40 * tick_second);
  pace.add(10, true, 50 * tick_second);
  CHECK(pace.rate(true, 50 * tick_second) == Approx(1));
  // One that stands gets slower, and what is long ago counts no more.
  CHECK(pace.rate(false, 210 * tick_second) == Approx(20));
  CHECK(pace.rate(false, 400 * tick_second) < 0);
}

TEST_CASE("the time left counts the throttle's hours: what waits for the night says so") {
  const config::ThrottleConfig office{100, 8 * 60, 18 * 60, {}};
  const Throttle throttle(office);
  const Micros noon = at_hour(12);
  // 1000 rows a second at night: six hours of office at 100, and the rest at night.
  const std::uint64_t office_rows = 6ULL * 3600 * 100;
  CHECK(flow::time_left(office_rows + 3600ULL * 1000, 1000, throttle, 100, noon) == 7 * tick_hour);
  CHECK(flow::time_left(1000, 1000, throttle, 100, noon) == 10 * tick_second);
  CHECK(flow::time_left(1000, 1000, throttle, 100, at_hour(20)) == tick_second);
  // The speed of the night is not known yet: as if it were no better.
  CHECK(flow::time_left(office_rows + 100, -1, throttle, 100, noon) == 6 * tick_hour + tick_second);
  CHECK(flow::throttle_end(throttle, noon) == at_hour(18));
  CHECK(flow::throttle_end(throttle, at_hour(20)) == 0);
  const Throttle none(config::ThrottleConfig{});
  CHECK(flow::time_left(1000, 100, none, 0, noon) == 10 * tick_second);
  CHECK(flow::time_left(1000, -1, none, 0, noon) == -1);
  CHECK(flow::time_left(1'000'000'000'000, 1, none, 0, noon) == -1);
}

TEST_CASE("percent and time left are unknown where the total is unknown or was wrong, and never 100 before the end") {
  TableProgress progress;
  progress.kind = TableProgress::Kind::refill;
  progress.rows = 50;
  CHECK(progress.percent() == -1);
  CHECK(says(progress, "total unknown"));
  CHECK(says(progress, "time left unknown"));
  progress.estimated = 100;
  progress.rate = 10;
  progress.left = 5 * tick_second;
  CHECK(progress.percent() == 50);
  CHECK(says(progress, "50 / 约 about 100 行 rows (50 %)，10 行/秒 rows/s，约剩 about 5 秒 s left"));
  progress.rows = 100;
  CHECK(progress.percent() == 99);
  progress.rows = 101;
  progress.left = -1;
  CHECK(progress.is_beyond());
  CHECK(progress.percent() == -1);
  CHECK(says(progress, "more than the estimated 100"));
  progress.kind = TableProgress::Kind::ending;
  CHECK(progress.percent() == 100);
  CHECK(says(progress, "waiting for changes"));
  progress.kind = TableProgress::Kind::refill;
  progress.limit = 20;
  progress.limited_until = at_hour(18);
  CHECK(says(progress, "limited to 20 行/秒 rows/s，至 until"));
}
