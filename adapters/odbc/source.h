// Sources through ODBC.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"

namespace qianzhi::odbc {

// Throws Error(misuse, QZ-ADP-021) for a way of capture that the dialect does not offer.
std::unique_ptr<adapter::Source> make_source(const adapter::SourceSpec& spec, const Clock& clock,
                                             std::shared_ptr<adapter::Waiter> waiter);

std::vector<adapter::Finding> preflight_source(const adapter::SourceSpec& spec);

}  // namespace qianzhi::odbc
