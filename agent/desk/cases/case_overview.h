// How much work there is: open cases by stage, area and office, and what is due. Counted from the cases themselves.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/desk/cases/case_store.h"
#include "hub-protocol/base/calendar.h"

namespace qianzhi::desk {

struct OpenCases {
  std::int64_t open = 0;
  std::int64_t overdue = 0;  // were due before today
  std::int64_t due_today = 0;
  std::map<std::string, std::int64_t> stages;  // by state: all of the open ones
};

struct CaseOverview {
  Day today = 0;
  OpenCases all;
  std::map<std::string, OpenCases> areas;
  std::map<std::string, OpenCases> offices;  // empty name: of no office
};

// rule: of one rule; empty: of all. offices: of these only; empty: of all. Memory grows with areas and offices, not
// with cases.
CaseOverview overview_of(CaseStore& store, const std::string& rule, const std::vector<std::string>& offices, Day today);

}  // namespace qianzhi::desk
