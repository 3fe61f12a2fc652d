// Cases follow findings: opened with them, raised with their level, settled when they close, opened again when they
// come back. Looks at what is there, not at what was told, so that nothing is missed however long the desk stood still.
// Which findings to look at: the first time of a process all, then those that were written since, which triggers note
// in case_pending, in the same transaction. So millions of open cases cost nothing while nothing happens to them.
#pragma once

#include <map>
#include <string>

#include "agent/desk/cases/case_book.h"
#include "agent/desk/data/table.h"

namespace qianzhi::desk {

struct KeeperCounts {
  std::int64_t opened = 0;
  std::int64_t raised = 0;
  std::int64_t settled = 0;
  std::int64_t reopened = 0;
  std::int64_t refreshed = 0;
  std::int64_t failed = 0;  // logged; tried again at the next run
};

// One thread. The table finding is in the same database (agent/desk/rules).
class CaseKeeper {
 public:
  // tables: those that `persons` of the cases name. Throws Error(misuse, QZ-DSK-108) if one is not there.
  CaseKeeper(CaseBook& book, const std::map<std::string, Table>& tables);

  // All of it, some thousand cases a transaction. Not within one.
  KeeperCounts run_once(Micros now);

 private:
  struct Found;
  using Step = void (CaseKeeper::*)(const CaseRule& rule, const Found& found, const CaseActor& actor);
  bool gather();
  void forget_gathered();
  std::int64_t pass(const CaseRule& rule, std::string_view where, Step step, Micros now, std::int64_t& failed);
  std::vector<Found> take(std::int64_t after);
  void open(const CaseRule& rule, const Found& found, const CaseActor& actor);
  void raise(const CaseRule& rule, const Found& found, const CaseActor& actor);
  void settle(const CaseRule& rule, const Found& found, const CaseActor& actor);
  void reopen(const CaseRule& rule, const Found& found, const CaseActor& actor);
  void refresh(const CaseRule& rule, const Found& found, const CaseActor& actor);
  std::vector<CasePerson> persons_of(const CaseRule& rule, const std::string& subject);
  CaseFile file_of(const Found& found);

  CaseBook& book_;
  bool has_seen_all_ = false;
  std::map<std::string, std::string> person_statements_;  // by rule
};

}  // namespace qianzhi::desk
