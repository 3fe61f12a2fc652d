// Queries that tell the DBA what is left of us in a database. Text only; nothing here connects.
#pragma once

#include <string>

#include "adapters/api/adapter.h"

namespace qianzhi::mysql {

// One query, one row "KIND NAME" for each thing that any way of capture installs under this source's name; to be run in
// the source's database.
std::string source_leftovers(const adapter::SourceSpec& spec);
// Likewise for received tables.
std::string target_leftovers(const adapter::TargetSpec& spec);

}  // namespace qianzhi::mysql
