// PostgreSQL as a source through a journal that triggers fill: where the DBA grants no log.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"

namespace qianzhi::postgresql {

// spec.mode is journal. Connects when first used. clock must outlive it.
std::unique_ptr<adapter::Source> make_journal_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                     std::shared_ptr<adapter::Waiter> waiter);

}  // namespace qianzhi::postgresql
