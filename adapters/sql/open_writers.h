// A fence for servers that do not say which marks may still come (pitfall 26), from two lists that they do give: the
// statements that are running now, and the transactions that have written and are open.
//
// Let M be a mark drawn now, and all marks be drawn from the same growing row by statements while they run. Whoever
// holds a lesser mark drew it before. So at a later moment, at which the statements are listed, and then the
// transactions, it either runs that statement still, or has ended it and holds an open transaction, or has ended that,
// too. Once every statement of the list has ended, and every transaction of the list and whatever those statements had
// begun, no row with a mark below M can still be committed.
//
// Neither a transaction's start nor a statement's time is compared with a mark: a transaction begins within its first
// statement, maybe long after that statement's time was fixed, and sessions may set the time that they see.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "hub-protocol/base/clock.h"

namespace qianzhi::adapter::sql {

struct RunningStatement {
  std::uint64_t session = 0;
  Micros age = 0;  // since it began, by a clock that nobody can set
};

struct OpenTransaction {
  std::uint64_t number = 0;   // never used again
  std::uint64_t session = 0;  // 0: none any more (a prepared one)
};

struct WriterLists {
  std::vector<RunningStatement> statements;  // of other sessions; listed before the transactions
  std::vector<OpenTransaction> transactions;
  Micros asked = 0;  // steady, before the first list was asked for
  Micros heard = 0;  // steady, after it came
};

class OpenWriters {
 public:
  // No mark below this is committed any more; 0: unknown.
  std::uint64_t settled() const { return settled_; }
  bool is_waiting() const { return waiting_; }
  // Statements and transactions that are waited for.
  std::size_t waits_for() const { return waiting_ ? running_.size() + open_.size() : 0; }

  // What a stored checkpoint tells.
  void raise(std::uint64_t mark);
  // mark: drawn before the lists were asked for. Only while nothing is waited for.
  void begin(std::uint64_t mark, const WriterLists& lists);
  // What is still there of it.
  void look(const WriterLists& lists);
  // Another server, or another history of it: nothing is known.
  void reset();

 private:
  void settle();

  std::uint64_t settled_ = 0;
  bool waiting_ = false;
  std::uint64_t mark_ = 0;
  Micros heard_ = 0;
  std::set<std::uint64_t> running_;  // sessions
  std::set<std::uint64_t> open_;     // transactions
};

}  // namespace qianzhi::adapter::sql
