#include "agent/desk/outlets/pace.h"

#include <algorithm>

#include "hub-protocol/base/calendar.h"

namespace qianzhi::desk {

bool is_quiet(const std::vector<QuietHours>& quiet, Micros now) {
  const Micros of_day = now - begin_of(beijing_day(now));
  const auto minute = static_cast<int>(of_day / 60'000'000);
  return std::any_of(quiet.begin(), quiet.end(), [minute](const QuietHours& hours) {
    if (hours.begin < hours.end) return minute >= hours.begin && minute < hours.end;
    return minute >= hours.begin || minute < hours.end;
  });
}

Micros end_of_quiet(const std::vector<QuietHours>& quiet, Micros now) {
  constexpr Micros minute = 60'000'000;
  constexpr int minutes_of_two_days = 2 * 24 * 60;
  Micros end = now;
  for (int i = 0; i < minutes_of_two_days && is_quiet(quiet, end); ++i) end = (end / minute + 1) * minute;
  return end;
}

Micros delay_after(int tries, const OutletConfig& config, Random& random) {
  Micros delay = std::max<Micros>(config.first_delay, 1);
  for (int i = 1; i < tries && delay < config.longest_delay; ++i) delay *= 2;
  delay = std::min(delay, config.longest_delay);
  const Bytes octets = random.bytes(2);
  const Micros share = octets_of(octets)[0] * 256 + octets_of(octets)[1];  // of 65536
  return delay / 2 + delay * share / 65536;
}

}  // namespace qianzhi::desk
