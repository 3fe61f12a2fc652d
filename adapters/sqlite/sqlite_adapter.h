// The SQLite adapter: trigger journal and snapshots as a source, tables with a mark as a target.
// Connection options: file (needed), vfs (the simulation names its own), busy_timeout_ms.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"

namespace qianzhi::adapter {

// clock must outlive the adapter and what it opened. waiter: how read_changes() waits; none: really.
std::unique_ptr<Adapter> make_sqlite_adapter(const Clock& clock, std::shared_ptr<Waiter> waiter = nullptr);

}  // namespace qianzhi::adapter
