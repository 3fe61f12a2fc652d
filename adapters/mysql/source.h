// MariaDB as a source.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::mysql {

// Connects when first used. clock must outlive the source.
std::unique_ptr<adapter::Source> make_source(const adapter::SourceSpec& spec, const Clock& clock);

// Reads only. Throws what connecting throws.
std::vector<adapter::Finding> preflight_source(const adapter::SourceSpec& spec);

}  // namespace qianzhi::mysql
