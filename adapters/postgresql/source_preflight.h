// What must be right before a PostgreSQL database can be read, each finding with the SQL that cures it.
#pragma once

#include <vector>

#include "adapters/api/adapter.h"

namespace qianzhi::postgresql {

// Reads only. Throws what connecting throws.
std::vector<adapter::Finding> preflight_source(const adapter::SourceSpec& spec);

}  // namespace qianzhi::postgresql
