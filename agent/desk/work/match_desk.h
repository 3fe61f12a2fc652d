// Uncertain pairs of records as people decide on them, by command line, interface or page: whoever has `review: true`
// in case_staff. What they decide is kept with who and when (match_event), and the running desk carries it out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/cases/case_config.h"
#include "agent/desk/match/decisions.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::desk {

// Each call is one transaction. Throws Error(rejected): QZ-DSK-121 this person may not, QZ-DSK-205 no such pair waits
// or was decided, QZ-DSK-225 no such decision.
class MatchDesk {
 public:
  // All must outlive it.
  MatchDesk(sqlite::Database& database, const CasesConfig& config, const Clock& clock)
      : database_(database), config_(config), clock_(clock), decisions_(database) {}

  std::vector<match::WaitingPair> waiting(std::string_view user, std::size_t most);
  std::vector<match::DecidedPair> decided(std::string_view user, std::size_t most);
  // word: same, different, later (it is not shown for a week), or undo.
  void decide(std::string_view user, std::string_view left, std::string_view right, std::string_view word,
              std::string_view remark);

 private:
  void require_reviewer(std::string_view user) const;

  sqlite::Database& database_;
  const CasesConfig& config_;
  const Clock& clock_;
  match::Decisions decisions_;
};

}  // namespace qianzhi::desk
