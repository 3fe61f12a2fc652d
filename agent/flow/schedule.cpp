#include "agent/flow/schedule.h"

#include <time.h>

namespace qianzhi::flow {

namespace {

constexpr Micros second = 1'000'000;

// The latest moment of this weekday set and wall-clock time that is not after `now`.
Micros last_calendar_due(const config::Schedule& schedule, Micros now) {
  for (int days_back = 0; days_back <= 7; ++days_back) {
    const auto instant = static_cast<time_t>(now / second);
    tm local{};
    localtime_r(&instant, &local);
    local.tm_mday -= days_back;
    local.tm_hour = schedule.hour;
    local.tm_min = schedule.minute;
    local.tm_sec = 0;
    local.tm_isdst = -1;
    const time_t due = mktime(&local);
    const int weekday = local.tm_wday == 0 ? 7 : local.tm_wday;
    const bool listed = schedule.weekdays.empty() || schedule.weekdays.count(weekday) != 0;
    if (listed && due <= instant) return static_cast<Micros>(due) * second;
  }
  return 1;
}

}  // namespace

Micros released_before(const config::Schedule& schedule, Micros now) {
  switch (schedule.kind) {
    case config::Schedule::Kind::realtime: return 0;
    case config::Schedule::Kind::interval: return now - now % schedule.interval;
    case config::Schedule::Kind::calendar: return last_calendar_due(schedule, now);
  }
  return 0;
}

}  // namespace qianzhi::flow
