// `qianzhi resync`: a refill of one topic, or of some of its groups, while the others flow.
#pragma once

#include <string>
#include <vector>

#include "agent/app/agent.h"

namespace qianzhi::app {

// words: resync or resync-json, the topic, groups separated by commas or nothing, "confirm" or nothing. The answer says
// what will be read, how fast, and what stands in the way. confirm: the operator has looked at the table of a
// publication that stopped for its structure and takes it as it is. Throws Error(rejected, QZ-AGT-071) for an unknown
// topic, QZ-AGT-106 for groups that this agent does not publish or receive.
std::string resync(Agent& agent, const std::vector<std::string>& words);

}  // namespace qianzhi::app
