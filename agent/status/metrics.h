// The snapshot as Prometheus text (version 0.0.4): names and labels are those of packaging/METRICS.md and do not
// change. Labels are names from the configuration and codes, never row values; at most 500 topics and 500 streams are
// told.
#pragma once

#include <string>

#include "agent/status/snapshot.h"

namespace qianzhi::status {

std::string to_metrics(const Snapshot& snapshot);

// Why nothing is exchanged, one code a line, the first being "ready" or "not ready". Ready is an agent that has a
// directory and no failed stage; a hub that is away does not make it unready.
struct Readiness {
  bool is_ready = false;
  std::string text;
};
Readiness readiness_of(const Snapshot& snapshot);

}  // namespace qianzhi::status
