// Who may be one with whom among millions, without comparing all pairs: tables match_party and match_key of desk.db.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/match/compare.h"
#include "agent/desk/match/decisions.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::match {

struct Candidate {
  std::string id;
  Verdict verdict;
};

class Candidates {
 public:
  // Creates the tables where they are missing. Both must outlive it.
  Candidates(sqlite::Database& database, Decisions& decisions);

  // Many writes belong into one transaction of the caller.
  void put(std::string_view id, const PartyText& party);
  void remove(std::string_view id);

  // Those that share a blocking key and are not different, the highest score first, at most `limit`. A key that more
  // than max_of_key parties share is left out: it says too little (crowded counts them).
  std::vector<Candidate> find(std::string_view id, const PartyText& party, std::size_t limit);

  std::uint64_t crowded() const { return crowded_; }
  static constexpr std::int64_t max_of_key = 200;

 private:
  std::vector<std::string> ids_of(std::string_view key);

  sqlite::Database& database_;
  Decisions& decisions_;
  std::uint64_t crowded_ = 0;
};

}  // namespace qianzhi::desk::match
