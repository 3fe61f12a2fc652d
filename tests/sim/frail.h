// An adapter whose process dies now and then, before or after it did what a call asked, and is started again by the
// next call, as the agent's proxy does it.
#pragma once

#include <functional>
#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::sim {

// dies: asked before and after each call.
std::unique_ptr<adapter::Adapter> frail(std::unique_ptr<adapter::Adapter> real, std::function<bool()> dies);

}  // namespace qianzhi::sim
