// What the people who run the hub should know first: what needs them now, and how fresh each topic is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

// Something that needs somebody. The worst come first.
struct Finding {
  enum class Level { fail, warn };
  Level level = Level::warn;
  std::string code;  // empty, or what `qianzhi explain` knows
  std::string subject;
  std::string zh;
  std::string en;
  std::string next;  // the verb that helps, without the program's name; empty: none
  std::string view;  // where the page shows more: "pending", "streams", "agents", "topics", "system"
};

// An agent that was not heard of for so long is out of touch: a parked poll comes back every 30 s.
inline constexpr Micros quiet_after = Micros{180} * 1'000'000;

struct Freshness {
  std::string topic;
  std::string title;
  std::string title_en;
  std::vector<std::string> providers;
  Micros newest = 0;  // 0: no data yet
  Micros cycle = 0;   // 0: not stated
  // Nothing came for a cycle and a half.
  bool is_overdue(Micros now) const { return cycle > 0 && newest > 0 && now - newest > cycle + cycle / 2; }
};

// In the order of the topics' ids.
std::vector<Freshness> freshness_of(const Directory& directory, const std::vector<StreamStatus>& streams);

std::vector<Finding> findings_of(Office& office);

}  // namespace qianzhi::hub
