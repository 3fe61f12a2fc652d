// One call to the hub that only reads, told step by step for people: name, connection, TLS, certificate, identity,
// clock.
#pragma once

#include <string>

#include "agent/config/config.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::app {

// JSON: [{"step", "ok", "detail", "code"}], up to the first step that fails. Takes as long as one call may. Where the
// way is by files, one step tells so.
std::string test_link(const config::Config& config, const Clock& clock);

}  // namespace qianzhi::app
