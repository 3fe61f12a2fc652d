// The tables of a source that is read by watermarks, for adapters/sql/watermark_source.h.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"
#include "adapters/sql/watermark_source.h"

namespace qianzhi::mysql {

// spec.mode is watermark. clock must outlive it.
std::unique_ptr<adapter::sql::MarkedTables> make_marked_tables(const adapter::SourceSpec& spec, const Clock& clock,
                                                               std::shared_ptr<adapter::Waiter> waiter);

}  // namespace qianzhi::mysql
