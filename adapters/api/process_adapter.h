// The agent's side of the process boundary: an Adapter whose work is done by a program.
#pragma once

#include <filesystem>
#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/process_limits.h"

namespace qianzhi::adapter {

// Each opened source and target has a process of its own, started at its first use. When the process ends, is too slow
// or breaks the protocol, the call under way throws (unavailable QZ-ADP-002 or -003, corrupt QZ-ADP-004 or -005), the
// process is killed, and the next call starts another one with the same specification. A target's pending transaction
// dies with its process: nothing of it was written, and commit() throws unavailable.
// Secrets go through the socket only. clock must outlive the adapter and what it opened.
std::unique_ptr<Adapter> make_process_adapter(const std::filesystem::path& program, const Clock& clock,
                                              const ProcessLimits& limits = {});

}  // namespace qianzhi::adapter
