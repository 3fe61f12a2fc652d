// What desk.yaml says of the work that findings and received rows bring: outlets, cases, case_staff, events, feeds,
// catalogue (the folder of the shared catalogue, needed by feeds) and keep_notices (90d: how long it is kept what was
// told to whom).
#pragma once

#include <filesystem>
#include <vector>

#include "agent/desk/cases/case_config.h"
#include "agent/desk/feeds/feed_config.h"
#include "agent/desk/outlets/events.h"
#include "agent/desk/outlets/outlet_config.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

struct WorkConfig {
  std::vector<OutletConfig> outlets;
  CasesConfig cases;
  std::vector<EventConfig> events;
  std::vector<FeedConfig> feeds;
  std::filesystem::path catalogue;
  Micros keep_notices = 90 * 86'400'000'000;
};

// Its keys of the root; the caller finishes the reader. What is wrong is a diagnostic.
WorkConfig read_work(yaml::MapReader& root);

}  // namespace qianzhi::desk
