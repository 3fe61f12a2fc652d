// A database behind an ODBC driver that answers questions: one prepared statement, run for each question, in a
// read-only transaction.
#pragma once

#include <memory>

#include "adapters/api/lookup.h"

namespace qianzhi::odbc {

// clock must outlive it.
std::unique_ptr<adapter::Lookup> make_lookup(const adapter::LookupSpec& spec, const Clock& clock);

}  // namespace qianzhi::odbc
