// The monthly exchange report: what each department gave and took, summed up from the ledger and the audit trail.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

struct DepartmentMonth {
  std::string id;
  std::string title;
  std::uint64_t topics = 0;    // of which it gave or took records
  std::uint64_t sent = 0;      // records accepted from it, without refills
  std::uint64_t refill = 0;    // records it stated again
  std::uint64_t received = 0;  // records that its agents signed to have applied
  std::uint64_t withheld = 0;  // of its own records that it set aside
  std::uint64_t refused = 0;   // of its calls and batches, by the hub
  std::uint64_t requests = 0;  // for access, and objections to data
  std::string last_day;        // of its last record; empty: none in this month
};

struct MonthReport {
  std::string month;
  std::vector<DepartmentMonth> departments;  // all of the directory, and others that gave or took
  DepartmentMonth total;
  DepartmentMonth before;  // total of the month before
};

MonthReport report_month(Office& office, const std::string& month, Days days, Days before);

std::string to_csv(const MonthReport& report);
std::string to_json(const MonthReport& report);
std::string to_table(const MonthReport& report);

}  // namespace qianzhi::hub
