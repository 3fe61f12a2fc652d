// The whole demonstration, step by step.
#pragma once

#include "packaging/demo/site.h"

namespace qianzhi::demo {

// Prints what happens. Returns the exit status: 0, or 1 if a target differs from its source. Throws Error.
int demonstrate(const Options& options);

}  // namespace qianzhi::demo
