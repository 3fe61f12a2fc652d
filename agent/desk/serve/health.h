// How the desk does, told from what the running desk left in desk.db. Pure but for health_facts().
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/desk/data/part_log.h"
#include "agent/desk/serve/rooms.h"

namespace qianzhi::desk::serve {

struct HealthFacts {
  Micros now = 0;
  Micros poll = 0;
  std::vector<PartState> parts;
  std::map<std::string, std::int64_t> notices;  // by state
  std::int64_t rejected_outcomes = 0;
  std::int64_t waiting_pairs = 0;
};

struct Complaint {
  bool is_failure = false;  // else it waits for somebody, and everything else goes on
  std::string code;         // its title, cause and next step: hub-protocol/base/codes
  std::string part;         // of PartState; empty: the whole
  Micros since = 0;         // 0: not known
};

// room: its door is held.
HealthFacts health_facts(CaseRoom& room, Micros poll, Micros now);
// The worst first; none: all is well.
std::vector<Complaint> complaints_of(const HealthFacts& facts);

}  // namespace qianzhi::desk::serve
