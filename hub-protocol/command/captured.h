// One JSON value from a verb that prints as it goes.
#pragma once

#include <functional>

namespace qianzhi::command {

// Carries it out with its standard output kept in a file without a name, then prints that: as it is if it is a JSON
// object or array, else as {"status":N,"text":"..."}. What it throws goes on, and what it had printed is dropped.
// Returns the action's status. Not for more than one thread that prints.
int run_captured(const std::function<int()>& action);

}  // namespace qianzhi::command
