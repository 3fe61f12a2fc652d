// What systemd wants to hear of a program whose turns are far apart.
#pragma once

#include <optional>

#include "hub-protocol/service/process.h"

namespace qianzhi::service {

// As signals.wait(), and WATCHDOG=1 every ten seconds meanwhile.
std::optional<int> wait_watched(Signals& signals, int timeout_ms);

}  // namespace qianzhi::service
