#include "hub-protocol/service/watchdog.h"

namespace qianzhi::service {

std::optional<int> wait_watched(Signals& signals, int timeout_ms) {
  constexpr int tick_ms = 10'000;
  for (; timeout_ms > tick_ms; timeout_ms -= tick_ms) {
    if (const auto signal = signals.wait(tick_ms)) return signal;
    notify("WATCHDOG=1");
  }
  return signals.wait(timeout_ms);
}

}  // namespace qianzhi::service
