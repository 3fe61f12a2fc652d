// Reports: how many rows of a table there are by district, period or what else, of which kinds, and what share that is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/grid.h"
#include "agent/desk/rules/judge.h"
#include "agent/desk/rules/rule.h"

namespace qianzhi::desk {

// What rows stand under one line.
struct GroupBy {
  std::string item;
  enum class Part { whole, year, quarter, month, beginning } part = Part::whole;
  int characters = 0;  // of beginning
  std::string title;
  std::string title_en;
};

// Rows of another table that must (or must not) be there.
struct Beside {
  Linked linked;
  std::string on;   // item with a date; empty: none
  int within = -1;  // on is at most so many days after the base's since, extended over days off; -1: any
  bool wanted = true;
};

// A finding on the subject, closed or not.
struct Found {
  std::string rule;
  std::string party;  // empty: any
  std::string level;  // empty: any
  enum class State { any, open, closed } state = State::any;
};

struct Measure {
  std::string id;
  std::string title;
  std::string title_en;
  enum class Kind { count, distinct, sum, share } kind = Kind::count;
  std::string item;  // distinct, sum
  int decimals = 0;  // sum, share
  std::string part;  // share: ids of measures
  std::string whole;
  Filter filter;
  std::vector<Beside> beside;
  std::vector<Found> found;
};

struct Report {
  std::string id;
  std::string title;
  std::string title_en;
  yaml::Place place;
  bool is_consistency = false;
  Base base;  // counts; since: what --from and --to are about
  std::vector<GroupBy> by;
  std::vector<Measure> measures;
  std::string rule;  // consistency: of kind difference
  int decimals = 1;  // consistency
};

// Days that are counted, both included; empty: all.
struct Period {
  std::string from;
  std::string to;
};

// One line a group in the order of its values, then one of all rows. Throws Error(misuse, QZ-DSK-001), (rejected,
// QZ-DSK-004), (misuse, QZ-DSK-006) for a period of a report without dates, and what the database throws.
//   counts: the groups and the measures
//   consistency: the groups, party, item (record: all of them agree), matched, consistent, share
// english: of titles; nothing: as desk.yaml says.
Grid run_report(DeskStore& store, const Judge& judge, const Report& report, const Period& period,
                std::optional<bool> english = std::nullopt);
// Throws Error(misuse, QZ-DSK-001 or 003) if the report does not fit the tables or rules.
void check_report(DeskStore& store, const Judge& judge, const Report& report);

// The list `reports` of a file, added to those of other files; faults are diagnostics, as for rules.
void read_reports(yaml::MapReader& root, const DeskConfig& config, std::vector<Report>& reports);

}  // namespace qianzhi::desk
