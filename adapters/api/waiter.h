// Waiting between two looks at a database that cannot call us. Injected, so that tests and the simulation never sleep.
#pragma once

#include "hub-protocol/base/clock.h"

namespace qianzhi::adapter {

class Waiter {
 public:
  virtual ~Waiter() = default;
  // Returns after about this many microseconds, or earlier.
  virtual void wait(Micros duration) = 0;
};

class SystemWaiter final : public Waiter {
 public:
  void wait(Micros duration) override;
};

}  // namespace qianzhi::adapter
