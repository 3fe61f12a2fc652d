// Capture by triggers: what is installed, why and how it is undone.
#pragma once

#include "adapters/api/adapter.h"

namespace qianzhi::mysql {

adapter::Plan plan_journal(const adapter::SourceSpec& spec);

}  // namespace qianzhi::mysql
