// What a person must know about this agent, the root cause first: drawn from failing stages, notices and the
// quarantine.
#pragma once

#include <string>
#include <vector>

#include "agent/status/snapshot.h"

namespace qianzhi::status {

struct Finding {
  struct Place {
    std::string subject;  // stage, stream, source or target
    std::string detail;
    Micros since = 0;  // 0: unknown
  };
  flow::NoticeLevel level = flow::NoticeLevel::info;
  std::string code;
  std::vector<Place> places;  // at least one
};

// One finding a code. Errors, then warnings, then the rest; among equals the end of a certificate, then what
// fails, then what follows from it.
std::vector<Finding> findings_of(const Snapshot& snapshot);

}  // namespace qianzhi::status
