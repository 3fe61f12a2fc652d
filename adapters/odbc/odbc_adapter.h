// Adapter "odbc": whatever has an ODBC driver and no adapter of its own. ADAPTERS.md, section odbc.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"

namespace qianzhi::adapter {

// clock must outlive the adapter. waiter: SystemWaiter if empty.
std::unique_ptr<Adapter> make_odbc_adapter(const Clock& clock, std::shared_ptr<Waiter> waiter = nullptr);

}  // namespace qianzhi::adapter
