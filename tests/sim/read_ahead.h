// An adapter that reads snapshot chunks ahead of time, as a pooler, a standby or a busy adapter may: what it returns is
// a consistent chunk, but of some turns ago.
#pragma once

#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::sim {

std::unique_ptr<adapter::Adapter> read_ahead(std::unique_ptr<adapter::Adapter> real);

}  // namespace qianzhi::sim
