// Days as people write them in grants: the calendar of China (UTC+8, without summer time).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/clock.h"

namespace qianzhi {

// The first moment after this day ("2030-12-31"); 0 for "none". Nothing if it is neither.
std::optional<Micros> end_of_day(std::string_view date);

// The inverse.
std::string date_text(Micros end);

}  // namespace qianzhi
