// Figures of cases by period, area, kind, office or party: always counted from the cases themselves.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/desk/cases/case_store.h"
#include "hub-protocol/base/calendar.h"

namespace qianzhi::desk {

enum class CaseGroup { none, area, kind, office, party, month };  // month: of opening, or of closing

struct CaseCount {
  std::int64_t cases = 0;
  std::int64_t persons = 0;
};

struct ReceivedCases {
  std::string group;
  CaseCount received;
  CaseCount on_time;  // registered on the due day or before
  CaseCount late;     // registered later
  CaseCount exempt;
  CaseCount not_found;  // ended with an outcome that says so
  CaseCount other;      // ended otherwise
  CaseCount open;
  std::int64_t urges = 0;  // of all of them together
  std::int64_t visits = 0;
};

struct CompletedCases {
  std::string group;
  CaseCount completed;
  std::map<std::string, CaseCount> outcomes;  // by id; empty: ended without one
};

// First checks only: an appeal is not another case. rule: of one rule. One row a group, in their order.
// received: of the cases opened in these days, what became of them until now.
std::vector<ReceivedCases> received_cases(CaseStore& store, const std::string& rule, Days days, CaseGroup group);
// completed: of the cases closed in these days, how they ended, whenever they were opened.
std::vector<CompletedCases> completed_cases(CaseStore& store, const std::string& rule, Days days, CaseGroup group);

// "14.24" for 9642 of 67704 with 2 decimals, rounded half up; "0.00" of none.
std::string case_percent(std::int64_t part, std::int64_t whole, int decimals);

// For people: one line a group with the figures, and for programs.
std::string to_text(const std::vector<ReceivedCases>& rows);
std::string to_text(const std::vector<CompletedCases>& rows);
std::string to_csv(const std::vector<ReceivedCases>& rows);
std::string to_csv(const std::vector<CompletedCases>& rows);

}  // namespace qianzhi::desk
