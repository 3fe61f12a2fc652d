// What this process holds in memory now.
#pragma once

#include <fstream>
#include <string>

namespace qianzhi::test {

inline long resident_kilobytes() {
  std::ifstream file("/proc/self/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.compare(0, 6, "VmRSS:") == 0) return std::stol(line.substr(6));
  }
  return 0;
}

}  // namespace qianzhi::test
