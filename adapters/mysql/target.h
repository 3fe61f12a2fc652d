// MariaDB as a target: received tables and the mark, in one transaction.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::mysql {

// Connects when first used.
std::unique_ptr<adapter::Target> make_target(const adapter::TargetSpec& spec);

// Reads only. Throws what connecting throws.
std::vector<adapter::Finding> preflight_target(const adapter::TargetSpec& spec);

}  // namespace qianzhi::mysql
