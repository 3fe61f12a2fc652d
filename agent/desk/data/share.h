// Figures of reports and statistics: exact decimals, rounded half up. No floating point.
#pragma once

#include <cstdint>
#include <string>

namespace qianzhi::desk {

// part of whole in per cent with so many decimals (0 to 6): "23.6". Empty if whole is 0 or part is negative.
std::string percent_of(std::int64_t part, std::int64_t whole, int decimals);

// Units of 10^-decimals as a decimal: 21034550, 2 -> "210345.50".
std::string decimal_text(std::int64_t units, int decimals);

}  // namespace qianzhi::desk
