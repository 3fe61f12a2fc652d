// Waiting on conditions: looked at a few times a second, ended by Ctrl-C, given up when nothing moves any more.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::demo {

class Waiter {
 public:
  // Until the condition holds. Throws Error(unavailable, QZ-DEM-002) with `what` when it does not hold and progress()
  // gave the same value for so many seconds, and QZ-DEM-003 on Ctrl-C.
  void until(const std::string& what, int seconds, const std::function<bool()>& condition,
             const std::function<std::uint64_t()>& progress = {});
  // False: Ctrl-C.
  bool pause(int milliseconds);

 private:
  service::Signals signals_;
  SystemClock clock_;
};

}  // namespace qianzhi::demo
