// What people decided about pairs, and the pairs that wait for them: tables match_decision and match_review of desk.db.
// A pair is two ids in either order; what an id is, its user says. A decision stays until it is taken back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/match/compare.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::match {

struct PersonsDecision {
  bool is_same = false;
  std::string who;
  Micros at = 0;
  std::string remark;
};

struct WaitingPair {
  std::string left;
  std::string right;
  int score = 0;
  std::string reasons;  // codes_of()
  Micros found = 0;
};

class Decisions {
 public:
  // Creates the tables where they are missing. database must outlive it.
  explicit Decisions(sqlite::Database& database);

  // Replaces an earlier decision and takes the pair off the list. Throws Error(misuse, QZ-DSK-201) if who is empty, the
  // ids are equal or a text is longer than 500 octets.
  void remember(std::string_view left, std::string_view right, const PersonsDecision& decision);
  void take_back(std::string_view left, std::string_view right);
  std::optional<PersonsDecision> find(std::string_view left, std::string_view right);

  // A person's decision wins over what compare() said.
  Verdict judged(std::string_view left, std::string_view right, const Verdict& verdict);

  // Puts a pair on the list; one that is there keeps its time.
  void wait(std::string_view left, std::string_view right, const Verdict& verdict, Micros now);
  // Takes every pair with this id off the list.
  void drop(std::string_view id);
  // The surest first.
  std::vector<WaitingPair> waiting(std::size_t limit);

 private:
  sqlite::Database& database_;
};

}  // namespace qianzhi::desk::match
