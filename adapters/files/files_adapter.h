// The adapter for text files: a drop folder of CSV files as a source, CSV files as a target. Options: ADAPTERS.md.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"

namespace qianzhi::adapter {

// clock must outlive the adapter; it must outlive what it opened. waiter: how read_changes() waits; none: really.
std::unique_ptr<Adapter> make_files_adapter(const Clock& clock, std::shared_ptr<Waiter> waiter = nullptr);

}  // namespace qianzhi::adapter
