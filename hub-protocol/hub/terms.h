// Terms of grants as people write and read them: on command lines and in the audit trail.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::hub {

// None, or "*" among them: every group.
GroupSet groups_of(const std::vector<std::string>& names);

// Those of --items, --groups and --until that are given take the place of what the grant has; "*" stands for all items.
// Throws Error(misuse, QZ-HUB-051).
void take_terms(Words& words, Grant& grant);

// topic, department, items, groups, until.
std::vector<std::pair<std::string, std::string>> details_of(const Grant& grant);

}  // namespace qianzhi::hub
