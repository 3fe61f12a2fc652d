// Rows without a code (无照经营, for instance) beside the firms that they may be: pairs for people, in match_review. A
// person's "same" is made a link by Records::link().
#pragma once

#include <cstdint>

#include "agent/desk/match/candidates.h"
#include "agent/desk/records/config.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::desk::records {

class Suggestions {
 public:
  // kind.match must be set; all must outlive it. The tables of Records must be there.
  Suggestions(sqlite::Database& database, const RecordKind& kind, match::Decisions& decisions,
              match::Candidates& candidates);

  // Takes at most `limit` changed records, in one transaction. How many it took: 0 when there is nothing to do.
  std::uint64_t run(Micros now, std::size_t limit);

 private:
  match::PartyText party_of(const std::string& record);
  void compare(const std::string& record, Micros now);

  sqlite::Database& database_;
  const RecordKind& kind_;
  match::Decisions& decisions_;
  match::Candidates& candidates_;
};

}  // namespace qianzhi::desk::records
