// The tables of cases in desk.db, ordinary ones that the department may read and its agent may publish:
//   case_file       one row a case; an appeal is a case of its own that names the first
//   case_person     the persons it is about
//   case_event      its history: rows are only ever added
//   case_not_found  whom nobody found at the place that was stated; for every department
//   case_intake     what was read of tables of outcomes; case_rejected: what of it could not be applied, and why
//   case_audit      who asked the desk for what, also in vain: rows are only ever added
//   case_request    what callers named their requests, for a week, so that none is carried out twice
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk {

struct CasePerson {
  std::string name;
  std::string document;
};

struct CaseFile {
  std::int64_t id = 0;
  std::string rule;
  std::string subject;
  std::string party;
  std::string area;
  std::string title;
  std::string kind;
  std::string since;         // YYYY-MM-DD
  std::int64_t finding = 0;  // 0: opened by a person
  std::string level;         // notice, warning
  Micros opened = 0;
  std::string state;  // open, assigned, warned, urged, visited, closed
  std::string office;
  std::string assignee;
  std::string due;  // YYYY-MM-DD; empty: none
  std::string purpose;
  std::string basis;
  Micros warned = 0;
  int urges = 0;
  int visits = 0;
  std::string exempt_reason;
  std::string outcome;       // id of the last one
  std::string outcome_time;  // YYYY-MM-DD
  Micros closed = 0;         // 0: it is not
  std::string closed_by;     // registered (the finding closed), outcome, exempt, person
  std::optional<bool> on_time;
  std::int64_t appeal_of = 0;  // 0: none
  int persons = 0;
  int reopened = 0;

  bool is_closed() const { return closed != 0; }
};

struct CaseStep {
  Micros time = 0;
  std::string who;
  std::string what;
  std::string note;
};

struct CaseFilter {
  std::string rule;
  std::string area;  // or its beginning
  std::string office;
  std::string state;
  bool is_open = false;
  std::vector<std::string> offices;  // any of them; empty: all
  std::string assignee;
  std::string due_before;  // YYYY-MM-DD: open ones that were due earlier
  std::string due_on;      // open ones that are due on this day
  std::string text;        // part of the title or the subject
};

// Where a list by due day goes on.
struct CasePlace {
  std::string due;  // as in CaseFile
  std::int64_t id = 0;
};

// A request that was carried out under this name.
struct CaseRequest {
  std::string action;
  std::int64_t id = 0;      // the case
  std::int64_t result = 0;  // what came of it, where that is a number
};

// One thread. What writes runs in the caller's transaction.
class CaseStore {
 public:
  // Creates the tables that are not there.
  explicit CaseStore(sqlite::Database& database);

  sqlite::Database& database() { return database_; }
  std::optional<CaseFile> find(std::int64_t id);
  // The open appeal if there is one, else the case itself.
  std::optional<CaseFile> find(std::string_view rule, std::string_view subject, std::string_view party);
  // The only one of this rule and subject, whatever the party; nothing if there are several.
  std::optional<CaseFile> find_only(std::string_view rule, std::string_view subject);
  // The oldest first, after this one.
  std::vector<CaseFile> list(const CaseFilter& filter, std::int64_t after, std::size_t most);
  // Those that are due first come first, those without a due day last; after this place, if there is one.
  std::vector<CaseFile> list_by_due(const CaseFilter& filter, const std::optional<CasePlace>& after, std::size_t most);
  std::vector<CaseStep> history(std::int64_t id);
  std::vector<CasePerson> persons(std::int64_t id);
  // What the finding holds, a JSON object; empty: there is none.
  std::string detail(std::int64_t finding);
  bool has_open_appeal(std::int64_t id);
  // Grows with every step.
  std::int64_t version(std::int64_t id);
  std::optional<CaseRequest> request(std::string_view who, std::string_view name);

  // Gives it its number.
  void add(CaseFile& file, Micros now);
  void add_persons(std::int64_t id, const std::vector<CasePerson>& persons);
  void save(const CaseFile& file, Micros now);
  void add_step(std::int64_t id, std::string_view who, std::string_view what, std::string_view note, Micros now);
  // Forgets those that are older than a week.
  void put_request(std::string_view who, std::string_view name, const CaseRequest& request, Micros now);
  void put_not_found(const CaseFile& file);
  void remove_not_found(const CaseFile& file);
  void audit(std::string_view who, std::string_view role, std::string_view action, std::int64_t id, bool is_allowed,
             std::string_view detail, Micros now);

 private:
  std::vector<CaseFile> read(sqlite::Statement& statement);

  sqlite::Database& database_;
};

}  // namespace qianzhi::desk
