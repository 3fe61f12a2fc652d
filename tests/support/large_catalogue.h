// A catalogue of the size of a large city's (S2.4): 46 departments, 269 topics, 4,535 items with titles as registers
// have them. The same every time.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/model/directory.h"

namespace qianzhi::test {

inline constexpr std::size_t large_departments = 46;
inline constexpr std::size_t large_topics = 269;
inline constexpr std::size_t large_items = 4535;

// Departments and catalogue of a directory.
Directory large_catalogue();

}  // namespace qianzhi::test
