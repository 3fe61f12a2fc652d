// A source captured by triggers.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"

namespace qianzhi::mysql {

// Connects when first used. clock must outlive the source.
std::unique_ptr<adapter::Source> make_journal_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                     std::shared_ptr<adapter::Waiter> waiter);

}  // namespace qianzhi::mysql
