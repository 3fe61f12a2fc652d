// What people decided about pairs, and the pairs that wait for them: tables match_decision, match_review and
// match_later of desk.db; match_event has who did what, and rows are only ever added. A pair is two ids in either
// order; what an id is, its user says. A decision stays until it is taken back.
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

struct DecidedPair {
  std::string left;
  std::string right;
  PersonsDecision decision;
};

class Decisions {
 public:
  // Creates the tables where they are missing. database must outlive it.
  explicit Decisions(sqlite::Database& database);

  // Replaces an earlier decision and takes the pair off the list. Throws Error(misuse, QZ-DSK-201) if who is empty, the
  // ids are equal or a text is longer than 500 octets.
  void remember(std::string_view left, std::string_view right, const PersonsDecision& decision);
  // The pair can wait again. who, at: by whom and when.
  void take_back(std::string_view left, std::string_view right, std::string_view who, Micros at);
  // Off the list until then.
  void postpone(std::string_view left, std::string_view right, std::string_view who, Micros at, Micros until);
  bool is_waiting(std::string_view left, std::string_view right);
  // The newest first.
  std::vector<DecidedPair> decided(std::size_t limit);
  // What was decided or taken back after this event, each pair once; `event` becomes the newest of them.
  std::vector<DecidedPair> changed_since(std::int64_t& event, std::size_t limit);
  std::optional<PersonsDecision> find(std::string_view left, std::string_view right);

  // A person's decision wins over what compare() said.
  Verdict judged(std::string_view left, std::string_view right, const Verdict& verdict);

  // Puts a pair on the list; one that is there keeps its time.
  void wait(std::string_view left, std::string_view right, const Verdict& verdict, Micros now);
  // Takes every pair with this id off the list.
  void drop(std::string_view id);
  // The surest first, without what is put off until later than `now`.
  std::vector<WaitingPair> waiting(std::size_t limit, Micros now = 0);

 private:
  void note(std::string_view left, std::string_view right, std::string_view what, std::string_view who, Micros at);

  sqlite::Database& database_;
};

}  // namespace qianzhi::desk::match
