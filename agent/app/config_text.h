// What the verbs about the configuration say, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "agent/app/trial.h"
#include "agent/config/difference.h"

namespace qianzhi::app {

// {"applied": true, "changes": [{"path", "before", "after", "line", "effect"}]}
std::string changes_json(const std::vector<config::Change>& changes, bool applied);
// applied: they hold now; else they would.
std::string changes_text(const std::vector<config::Change>& changes, bool applied);

// {"tests": 3, "failed": 1, "results": [{"name", "line", "passed", "code", "differences": [{"what", "expected",
// "got"}]}]}
std::string trials_json(const std::vector<TrialResult>& results);
std::string trials_text(const std::vector<TrialResult>& results);

}  // namespace qianzhi::app
