#include "hub-protocol/model/calendar.h"

#include <chrono>
#include <cstdio>

namespace qianzhi {

namespace {

constexpr std::chrono::hours beijing_offset{8};
constexpr std::string_view no_end = "none";

}  // namespace

std::optional<Micros> end_of_day(std::string_view date) {
  if (date == no_end) return 0;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  char rest = 0;
  const int found = std::sscanf(std::string(date).c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &rest);
  const std::chrono::year_month_day calendar{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (found != 3 || !calendar.ok()) return std::nullopt;
  const auto end = std::chrono::sys_days(calendar) + std::chrono::days(1) - beijing_offset;
  return std::chrono::duration_cast<std::chrono::microseconds>(end.time_since_epoch()).count();
}

std::string date_text(Micros end) {
  if (end == 0) return std::string(no_end);
  const std::chrono::sys_time<std::chrono::microseconds> last{std::chrono::microseconds(end - 1)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(last + beijing_offset)};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return text;
}

}  // namespace qianzhi
