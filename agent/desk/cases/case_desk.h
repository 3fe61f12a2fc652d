// Cases as people work on them, by command line, API or page: who may do what, and a line in case_audit for everything
// that was asked, also in vain.
#pragma once

#include <string>
#include <vector>

#include "agent/desk/cases/case_book.h"
#include "agent/desk/cases/case_overview.h"

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
  std::vector<CasePerson> persons;  // as the one who asks may see them
  std::vector<CaseStep> steps;
  std::int64_t version = 0;
  std::string detail;  // what the finding holds, a JSON object; empty: opened by a person
};

// Who asks, and how.
struct CaseAsker {
  std::string user;
  std::int64_t version = 0;  // of the case as they saw it; 0: as it is now
  std::string request;       // what they call this request; the same again is not carried out again. Empty: none

  CaseAsker(const char* of) : user(of) {}
  CaseAsker(std::string of) : user(std::move(of)) {}
  CaseAsker(std::string of, std::int64_t seen, std::string called)
      : user(std::move(of)), version(seen), request(std::move(called)) {}
};

// Every call is one transaction. Throws Error(rejected): QZ-DSK-120 no such case, QZ-DSK-121 this person may not
// (whoever works for some offices only is told the same of a case that is not there), QZ-DSK-122 not in this state,
// QZ-DSK-123 no such rule or outcome, QZ-DSK-124 a value is missing or wrong, QZ-DSK-126 somebody else was faster,
// QZ-DSK-127 the request's name was used for something else.
class CaseDesk {
 public:
  CaseDesk(CaseBook& book, const Clock& clock) : book_(book), clock_(clock) {}

  std::vector<CaseFile> list(const std::string& user, CaseFilter filter, std::int64_t after = 0,
                             std::size_t most = 100);
  std::vector<CaseFile> list_by_due(const std::string& user, CaseFilter filter, const std::optional<CasePlace>& after,
                                    std::size_t most);
  CaseOverview overview(const std::string& user, const std::string& rule);
  CaseView show(const std::string& user, std::int64_t id);
  std::int64_t open(const CaseAsker& asker, const NewCase& fresh);
  void assign(const CaseAsker& asker, std::int64_t id, const std::string& office, const std::string& assignee);
  void urge(const CaseAsker& asker, std::int64_t id, const std::string& note);
  void visit(const CaseAsker& asker, std::int64_t id, const std::string& note);
  void outcome(const CaseAsker& asker, std::int64_t id, const std::string& outcome, const std::string& day,
               const std::string& note);
  void exempt(const CaseAsker& asker, std::int64_t id, const std::string& reason);
  std::int64_t appeal(const CaseAsker& asker, std::int64_t id, const std::string& reason);
  void close(const CaseAsker& asker, std::int64_t id, const std::string& reason);
  void note(const CaseAsker& asker, std::int64_t id, const std::string& text);
  void add_person(const CaseAsker& asker, std::int64_t id, const CasePerson& person);

  // What is about no single case (reports, notices, matches): throws QZ-DSK-121 for whoever has less than this role or
  // works for some offices only.
  void admit(const std::string& user, std::string_view action, CaseRole least);

 private:
  using Act = std::function<std::int64_t(CaseFile&, const CaseActor&)>;
  // id 0: about no case that is there. Gives what the step gave, now or when the request was carried out.
  std::int64_t act(const CaseAsker& asker, std::string_view action, std::int64_t id, CaseRole least, const Act& step);
  std::int64_t step(const CaseAsker& asker, std::string_view action, CaseFile& file, const Act& step, Micros now);
  void limit(const std::string& user, CaseFilter& filter) const;

  CaseBook& book_;
  const Clock& clock_;
};

}  // namespace qianzhi::desk
