// This machine's clock against its own steady time: that it was set is told for an hour, or until it is set to what it
// had been. Nothing of ours waits for a time of day but schedules and validities; those who do say how they take a
// clock that was set.
#pragma once

#include <optional>

#include "agent/flow/stage.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::flow {

class ClockWatch final : public Stage {
 public:
  // clock must outlive it.
  explicit ClockWatch(const Clock& clock) : clock_(clock) {}

  std::string name() const override { return "clock"; }
  // One look; always idle.
  Progress run_once() override;

 private:
  struct Step {
    Micros by = 0;      // forward; negative: back
    Micros time = 0;    // of day, behind it
    Micros steady = 0;  // when it was seen
  };
  const Clock& clock_;
  std::optional<Micros> offset_;  // time of day minus steady time, as of the last look
  std::optional<Step> step_;
  Micros usual_ = 0;  // the offset before the first of the steps that are told
};

}  // namespace qianzhi::flow
