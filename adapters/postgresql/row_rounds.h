// In which order the rows of a step may be applied as sets: a round holds each key at most once, so inside it the order
// of rows does not matter; rounds follow each other.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"

namespace qianzhi::postgresql {

struct Round {
  std::vector<std::size_t> removes;  // applied first: an upsert may want what a removed row held
  std::vector<std::size_t> withheld;
  std::vector<std::size_t> upserts;
  std::vector<std::size_t> partials;  // upserts with unchanged values
};

struct Rounds {
  std::vector<Round> rounds;
  std::size_t superseded = 0;  // upserts left out because a later full upsert of the same key undoes them
};

// True if some value of the row is to be kept as the target has it.
bool is_partial(const adapter::RowsStep& step, std::size_t row);

// Rows [begin, end) of the step. key: places of the key in step.columns. keep_all: leave no upsert out (history).
Rounds plan_rounds(const adapter::RowsStep& step, const std::vector<std::size_t>& key, std::size_t begin,
                   std::size_t end, bool keep_all);

}  // namespace qianzhi::postgresql
