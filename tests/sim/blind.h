// An adapter that tells what a watermark tells: rows that were inserted or updated, but no removes and no old values.
// What is behind it is the real SQLite adapter with its journal, which has no capture by a watermark of its own.
#pragma once

#include <functional>
#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::sim {

// before_snapshot: is called before each chunk of a snapshot is read, so that a test can let others commit just then.
std::unique_ptr<adapter::Adapter> blind(std::unique_ptr<adapter::Adapter> real, std::function<void()> before_snapshot);

}  // namespace qianzhi::sim
