// PostgreSQL as a source: the log through a replication slot (pgoutput), a journal (journal_source.h), and snapshots in
// key order.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::postgresql {

// Connects when first used. clock must outlive it.
std::unique_ptr<adapter::Source> make_source(const adapter::SourceSpec& spec, const Clock& clock);

}  // namespace qianzhi::postgresql
