// Up to where a journal may be read (pitfall 26). Numbers of entries are taken before their transactions commit, so an
// entry may appear below others that were read.
//
// Let S be the number of an entry that is committed, and L the transactions that had written and not ended at a moment
// after S was seen. Numbers only grow, and an entry is written after the row that it tells of; so whoever holds a
// number up to S had begun before, and has ended by that moment or is in L. Once none of L is there any more, every
// entry up to S is committed or will never be. No clock takes part.
//
// The server's list of transactions (INNODB_TRX) may be a moment old, as long as somebody reads it often. So a
// transaction of our own is begun after S was seen, and a list without it is not believed.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "adapters/api/waiter.h"
#include "adapters/mysql/journal.h"
#include "adapters/mysql/session.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::mysql {

class JournalFence {
 public:
  // All must outlive it.
  JournalFence(const Journal& journal, const Clock& clock, adapter::Waiter& waiter)
      : journal_(journal), clock_(clock), waiter_(waiter) {}

  // Everything up to here is decided.
  std::uint64_t cleared() const { return cleared_; }
  // What a former fence has told: a stored checkpoint.
  void raise(std::uint64_t sequence);
  // Looks once. reader: outside a transaction; writer: a write session, in which a transaction is begun and taken back.
  void look(Session& reader, Session& writer);
  // Another connection, or another history: what was cleared does not hold. new_writer: its transactions are others.
  void reset(bool new_writer);
  // Transactions that are waited for; 0: none.
  std::size_t waits_for() const { return waiting_ ? open_.size() : 0; }

 private:
  std::set<std::uint64_t> open_transactions(Session& writer);

  const Journal& journal_;
  const Clock& clock_;
  adapter::Waiter& waiter_;
  std::uint64_t cleared_ = 0;
  bool waiting_ = false;
  std::uint64_t next_ = 0;
  std::set<std::uint64_t> open_;
  Micros listed_at_ = 0;   // steady; the list is not renewed while it is read more often than it ages
  std::uint64_t own_ = 0;  // number of our last transaction
};

}  // namespace qianzhi::mysql
