// A source whose changes triggers wrote into a journal.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"

namespace qianzhi::odbc {

std::unique_ptr<adapter::Source> make_journal_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                     std::shared_ptr<adapter::Waiter> waiter);

}  // namespace qianzhi::odbc
