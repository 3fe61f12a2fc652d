// When a notice may go out: quiet hours and the delay before the next try.
#pragma once

#include <vector>

#include "agent/desk/outlets/outlet_config.h"

namespace qianzhi::desk {

// Is it quiet now (Beijing time)?
bool is_quiet(const std::vector<QuietHours>& quiet, Micros now);

// When the quiet hours of now are over; now, if it is not quiet.
Micros end_of_quiet(const std::vector<QuietHours>& quiet, Micros now);

// Before the try after so many: doubled each time up to the longest, and then anything between half and one and a half
// of it, so that what failed together does not come back together.
Micros delay_after(int tries, const OutletConfig& config, Random& random);

}  // namespace qianzhi::desk
