// Days as people in China count them: UTC + 8 hours, all year (Beijing time).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/clock.h"

namespace qianzhi {

// Days since 1970-01-01 of the Gregorian calendar.
using Day = std::int64_t;

Day beijing_day(Micros time);
// When that day begins in Beijing.
Micros begin_of(Day day);
// "2026-11-21".
std::string date_text(Day day);
// "2026-11".
std::string month_text(Day day);
// "2026-11-21 07:04:42", in Beijing.
std::string beijing_text(Micros time);
// Inverse of date_text; nothing if it is no date.
std::optional<Day> day_from(std::string_view date);
// First day of a month "2026-11", and of the month after it; nothing if it is no month.
struct Days {
  Day first = 0;
  Day end = 0;  // not in it
};
std::optional<Days> month_from(std::string_view month);

// Ends of grants: the first moment after this last day ("2030-12-31"); 0 for "none". Nothing if it is neither.
std::optional<Micros> end_of_day(std::string_view date);
// The inverse.
std::string last_day_text(Micros end);

}  // namespace qianzhi
