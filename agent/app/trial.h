// The tests of a configuration: one given row each through the mapping, filter and area that the running agent uses.
// No database, no queue and no network.
#pragma once

#include <string>
#include <vector>

#include "agent/config/config.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::app {

// Something that is not as it should be. Values of personal items are masked.
struct Mismatch {
  std::string what;  // item, column, "operation", "group", "quarantine"
  std::string expected;
  std::string got;
};

struct TrialResult {
  std::string name;
  std::size_t line = 0;
  std::vector<Mismatch> mismatches;  // empty: it passed
};

// What cannot be tried, as a column that the publication does not read, is a mismatch too. Never throws for what stands
// in a test; Error(misuse) if the publication itself does not fit the catalogue.
std::vector<TrialResult> run_trials(const config::Config& config, const Catalogue& catalogue);

// The first character and stars.
std::string masked(std::string_view text);

}  // namespace qianzhi::app
