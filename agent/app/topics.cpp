// The verb that looks topics up in the kept directory: no running agent, no network.
#include <cstdio>

#include "agent/app/commands.h"
#include "agent/app/kept.h"
#include "agent/app/topics_text.h"

namespace qianzhi::app {

int topics(const TopicsOptions& options) {
  const config::Config config = load_or_throw(options.config);
  const auto directory = kept_directory(config);
  std::string words;
  for (const std::string& word : options.words) words += (words.empty() ? "" : " ") + word;
  const TopicsQuestion question{*directory, config.agent_id, SystemClock().now(), words, options.limit};
  std::fputs((options.json ? topics_json(question) : topics_text(question)).c_str(), stdout);
  return 0;
}

}  // namespace qianzhi::app
