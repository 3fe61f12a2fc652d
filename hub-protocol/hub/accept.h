// The accept rule R6.1 and the count of new epochs R6.2, as functions of values.
#pragma once

#include <cstdint>
#include <optional>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/hub/log.h"

namespace qianzhi::hub {

enum class Ruling {
  repeat,        // R6.1.1
  equivocation,  // R6.1.2
  next,          // R6.1.3
  new_epoch,     // R6.1.4, R6.1.5
  epoch_waits,   // R6.1.4, but R6.2 wants an operator
  refuse,        // R6.1.6
};

// held: digest that the log holds at the batch's position, if any. The stream is not halted.
Ruling rule_on(const StreamRecord& stream, const seal::Header& header, const Digest& digest,
               const std::optional<Digest>& held, Micros now, int free_epochs_per_day);

// Notes that an epoch was opened now. Days are counted in UTC; a clock that goes back opens no new day.
void count_epoch(StreamRecord& stream, Micros now, int free_epochs_per_day);

}  // namespace qianzhi::hub
