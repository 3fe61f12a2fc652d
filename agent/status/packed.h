// Made at build time by packaging/cmake/pack_assets.py.
#pragma once

#include <vector>

#include "agent/status/assets.h"

namespace qianzhi::status {

const std::vector<Asset>& packed_assets();
const std::vector<Asset>& packed_documents();

}  // namespace qianzhi::status
