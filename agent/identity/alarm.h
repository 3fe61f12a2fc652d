// How near a certificate is to its end, as people are told.
#pragma once

#include <optional>
#include <string>

#include "agent/flow/stage.h"
#include "hub-protocol/ca/authority.h"

namespace qianzhi::identity {

// Nothing while more than a third of its life is left. QZ-AGT-122 below that (information), QZ-AGT-123 below a tenth
// (warning), QZ-AGT-124 below three days and QZ-AGT-125 past the end (errors).
std::optional<flow::Notice> alarm_of(const ca::Validity& validity, const std::string& subject, Micros now);

}  // namespace qianzhi::identity
