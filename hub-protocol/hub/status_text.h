// The hub's state for an operator at a terminal.
#pragma once

#include <string>

#include "hub-protocol/hub/exchange.h"

namespace qianzhi::hub {

// First line: running or stopped, with the reason and the next step. Then a line a stream.
std::string status_text(const Exchange& exchange);

}  // namespace qianzhi::hub
