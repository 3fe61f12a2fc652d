// The journal of one source in its database: what triggers wrote, up to where it was forgotten, and whether it still
// continues what was read (R2.1, R2.2). Everything but fence() and forget() runs in the caller's transaction.
//
// Transactions take their numbers before they commit, so a later number may be seen first (pitfall 26): only entries
// below a fence are read, below which nothing more can come. One fence [lower, upper) after the other, each in the
// order of the journal's sequence. What the number is, says the dialect.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

struct JournalPlace {
  std::int64_t lower = 0;  // everything with a smaller number is read
  std::int64_t upper = 0;  // of those in between, the entries up to `sequence`
  std::int64_t sequence = 0;
  auto operator<=>(const JournalPlace&) const = default;
};

// identity: "sequence:number:digest" of the last entry that was there. seen: where numbers are the clock's, the largest
// sequence that was visible when the fence below `upper` was drawn; what has a smaller number and came later was
// written with the clock set back. 0: not looked at.
struct JournalPosition {
  JournalPlace place;
  std::string identity;
  std::int64_t seen = 0;
};

// order: lower, upper, sequence, 8 octets each, big-endian; identity: "identity@seen". Frozen: stored in agents.
SourcePosition encode(const JournalPosition& position);
// Nothing for none. Throws Error(misuse, QZ-ODB-012) if it is not one of a journal.
std::optional<JournalPosition> decode_journal(const SourcePosition& position);

using Texts = std::vector<std::optional<std::string>>;
// "va~1b|n|": a| and NULL. Throws Error(corrupt, QZ-ODB-013).
Texts texts_of(std::string_view encoded);

struct JournalEntry {
  std::int64_t sequence = 0;
  std::int64_t number = 0;
  std::string table;
  char operation = 'u';  // i, u, d; t: TRUNCATE; x: capture was installed
  Texts key;
  Texts old;
  Micros time = 0;
  std::string identity;
};

struct JournalVerdict {
  adapter::Continuity continuity = adapter::Continuity::good;
  std::string reason;
};

class Journal {
 public:
  Journal(const Dialect& dialect, const std::string& name);

  // Nothing with a smaller number comes any more; read before the snapshot in which the journal is read then. Nothing:
  // it cannot be told at this moment. Without a fence of the dialect: 1.
  std::optional<std::int64_t> fence(Session& session) const;

  // Throws Error(misuse, QZ-ADP-012) if there is no journal of this name.
  JournalPosition forgotten(Session& session) const;
  JournalVerdict check(Session& session, const JournalPosition& gone, const JournalPosition& after,
                       const std::optional<JournalPosition>& high_water) const;
  // Entries in [lower, upper) behind the sequence, in order, at most `limit`.
  std::vector<JournalEntry> read(Session& session, const JournalPlace& after, std::size_t limit) const;
  // The largest number of an entry from `lower` on and below `fence`, if there is one.
  std::optional<std::int64_t> largest(Session& session, std::int64_t lower, std::optional<std::int64_t> fence) const;
  std::optional<JournalEntry> newest(Session& session) const;
  // Of a fence by the clock: an entry was written behind what was read, so the clock was set back.
  bool is_late(Session& session, const JournalPosition& after) const;

  // Removes what was read and notes it, in one transaction of its own.
  void forget(Session& session, const JournalPosition& position) const;

 private:
  void remove(Session& session, const Parameters& read) const;
  bool holds(Session& session, const JournalPosition& gone, const std::string& identity, bool or_forgotten) const;
  std::optional<JournalEntry> one(Session& session, const std::string& condition, Parameters values) const;

  const Dialect& dialect_;
  std::string journal_;
  std::string forgotten_;
  std::string mark_;  // of a number
};

}  // namespace qianzhi::odbc
