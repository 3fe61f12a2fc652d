// The processes that this test process has started.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace qianzhi::test {

inline std::vector<pid_t> children() {
  std::vector<pid_t> all;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream list(thread.path() / "children");
    for (pid_t child = 0; list >> child;) all.push_back(child);
  }
  return all;
}

// kill -9; whoever started them reaps them.
inline void kill_children() {
  for (const pid_t child : children()) kill(child, SIGKILL);
}

}  // namespace qianzhi::test
