// Capture by a column that grows with each change: no log, no trigger, only SELECT. Sees no deletes and no rows whose
// watermark was not set; a comparison beside it does.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::postgresql {

// spec.mode is watermark.
std::unique_ptr<adapter::Source> make_watermark_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                       std::shared_ptr<adapter::Waiter> waiter);

}  // namespace qianzhi::postgresql
