// Cases as people work on them, by command line, API or page: who may do what, and a line in case_audit for everything
// that was asked, also in vain.
#pragma once

#include <string>
#include <vector>

#include "agent/desk/cases/case_book.h"

namespace qianzhi::desk {

struct NewCase {
  std::string rule;
  std::string subject;
  std::string party;
  std::string area;
  std::string title;
  std::string kind;
  std::string since;  // YYYY-MM-DD; empty: today
  std::string purpose;
  std::string basis;
  std::vector<CasePerson> persons;
};

struct CaseView {
  CaseFile file;
  std::vector<CasePerson> persons;
  std::vector<CaseStep> steps;
};

// Every call is one transaction. Throws Error(rejected): QZ-DSK-120 no such case, QZ-DSK-121 this person may not,
// QZ-DSK-122 not in this state, QZ-DSK-123 no such rule or outcome, QZ-DSK-124 a value is missing or wrong.
class CaseDesk {
 public:
  CaseDesk(CaseBook& book, const Clock& clock) : book_(book), clock_(clock) {}

  std::vector<CaseFile> list(const std::string& user, CaseFilter filter, std::int64_t after = 0,
                             std::size_t most = 100);
  CaseView show(const std::string& user, std::int64_t id);
  std::int64_t open(const std::string& user, const NewCase& fresh);
  void assign(const std::string& user, std::int64_t id, const std::string& office, const std::string& assignee);
  void urge(const std::string& user, std::int64_t id, const std::string& note);
  void visit(const std::string& user, std::int64_t id, const std::string& note);
  void outcome(const std::string& user, std::int64_t id, const std::string& outcome, const std::string& day,
               const std::string& note);
  void exempt(const std::string& user, std::int64_t id, const std::string& reason);
  std::int64_t appeal(const std::string& user, std::int64_t id, const std::string& reason);
  void close(const std::string& user, std::int64_t id, const std::string& reason);

 private:
  using Act = std::function<void(CaseFile&, const CaseActor&)>;
  // id 0: about no case that is there.
  void act(const std::string& user, std::string_view action, std::int64_t id, CaseRole least, const Act& step);

  CaseBook& book_;
  const Clock& clock_;
};

}  // namespace qianzhi::desk
