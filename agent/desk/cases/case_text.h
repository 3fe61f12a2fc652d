// Cases as people and programs read them.
#pragma once

#include <string>
#include <vector>

#include "agent/desk/cases/case_desk.h"

namespace qianzhi::desk {

// One line a case, columns parted by two spaces.
std::string to_text(const std::vector<CaseFile>& files);
std::string to_text(const CaseView& view, const CaseRule* rule);
// An array, an object.
std::string to_json(const std::vector<CaseFile>& files);
std::string to_json(const CaseView& view);

}  // namespace qianzhi::desk
