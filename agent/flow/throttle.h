// How fast the tables of a source are read: in working hours the department's own programs come first. Changes are
// captured at any time; only whole-table reading (refills and comparisons) waits. Not thread-safe.
#pragma once

#include <cstddef>

#include "agent/config/config.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::flow {

class Throttle {
 public:
  // rows_per_second 0: never waits.
  explicit Throttle(const config::ThrottleConfig& config) : config_(config) {}

  // Whether the limit holds at this moment of the process's local time.
  bool holds(Micros now) const;
  // The next chunk may be read at this steady time; 0: now.
  Micros ready_at() const { return ready_at_; }
  // now: time of day; steady: when reading these rows had ended.
  void has_read(std::size_t rows, Micros now, Micros steady);

 private:
  config::ThrottleConfig config_;
  Micros ready_at_ = 0;
};

}  // namespace qianzhi::flow
