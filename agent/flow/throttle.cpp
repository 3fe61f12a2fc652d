#include "agent/flow/throttle.h"

#include <time.h>

namespace qianzhi::flow {

namespace {

constexpr Micros one_second = 1'000'000;

}  // namespace

bool Throttle::holds(Micros now) const {
  if (config_.rows_per_second == 0) return false;
  const auto instant = static_cast<time_t>(now / one_second);
  tm local{};
  localtime_r(&instant, &local);
  const int minute = local.tm_hour * 60 + local.tm_min;
  const bool over_midnight = config_.from >= config_.to;
  const bool in_hours =
      over_midnight ? minute >= config_.from || minute < config_.to : minute >= config_.from && minute < config_.to;
  // After midnight it is still the day on which the hours began.
  const bool day_before = over_midnight && minute < config_.to && config_.from != config_.to;
  int weekday = local.tm_wday == 0 ? 7 : local.tm_wday;
  if (day_before) weekday = weekday == 1 ? 7 : weekday - 1;
  return in_hours && (config_.weekdays.empty() || config_.weekdays.count(weekday) != 0);
}

void Throttle::has_read(std::size_t rows, Micros now, Micros steady) {
  if (!holds(now)) {
    ready_at_ = 0;
    return;
  }
  ready_at_ = steady + static_cast<Micros>(rows) * one_second / static_cast<Micros>(config_.rows_per_second);
}

}  // namespace qianzhi::flow
