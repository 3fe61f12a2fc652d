// What people decided about uncertain pairs, carried out on the base records: "the same" links a row without a code to
// the record that has one, a decision that was taken back parts them again.
#pragma once

#include <cstdint>

#include "agent/desk/match/decisions.h"
#include "agent/desk/records/records.h"

namespace qianzhi::desk::records {

class Reviewed {
 public:
  // All must outlive it. The tables of Records must be there.
  Reviewed(sqlite::Database& database, Records& records, match::Decisions& decisions)
      : database_(database), records_(records), decisions_(decisions) {}

  // Takes at most `limit` decisions; how many it took: 0 when there is nothing to do. One that cannot be carried out
  // (QZ-DSK-206) is logged and stays a decision.
  std::uint64_t run(Micros now, std::size_t limit);

 private:
  void carry_out(const match::DecidedPair& pair, Micros now);

  sqlite::Database& database_;
  Records& records_;
  match::Decisions& decisions_;
};

}  // namespace qianzhi::desk::records
