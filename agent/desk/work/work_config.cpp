#include "agent/desk/work/work_config.h"

namespace qianzhi::desk {

WorkConfig read_work(yaml::MapReader& root) {
  WorkConfig config;
  config.outlets = read_outlets(root);
  std::vector<std::string> outlets;
  for (const OutletConfig& outlet : config.outlets) outlets.push_back(outlet.id);
  config.cases = read_cases(root, outlets);
  config.events = read_events(root, outlets);
  config.feeds = read_feeds(root, outlets);
  config.catalogue = root.file("catalogue", {});
  config.keep_notices = root.duration("keep_notices", config.keep_notices);
  if (!config.feeds.empty() && config.catalogue.empty()) root.require("catalogue");
  return config;
}

}  // namespace qianzhi::desk
