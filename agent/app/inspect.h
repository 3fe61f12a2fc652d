// Looking at each database of a configuration, without changing any.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/config/config.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::app {

struct Inspected {
  std::string step;  // "source", "answers", "requests", "target"
  std::string text;  // "数据源 shop / source shop"
  std::vector<adapter::Finding> findings;
};

// One by one; one that is away is a finding and never ends the others.
void each_database(const config::Config& config, const Catalogue& catalogue,
                   const std::function<void(const Inspected&)>& visit);

}  // namespace qianzhi::app
