// The journal of one source in its database: what triggers wrote, up to where it was forgotten, and whether it still
// continues what was read (R2.1, R2.2). Everything runs in the caller's transaction, so that what is said belongs to
// one snapshot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/journal_position.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

using Texts = std::vector<std::optional<std::string>>;

// "{a,NULL,\"b c\"}" as the server writes a text[]. Throws Error(corrupt, QZ-PG-015).
Texts texts_of(std::string_view array);

struct JournalEntry {
  std::int64_t sequence = 0;
  std::string table;
  char operation = 'u';  // i, u, d; t: TRUNCATE; x: capture was installed
  Texts key;
  Texts old;
  Micros time = 0;
  std::string identity;
};

// What one snapshot shows of the journal.
struct JournalState {
  std::uint64_t xmin = 0;  // every transaction before it has ended
  std::uint64_t xmax = 0;  // none from it on had begun to write
  JournalPosition forgotten;
  std::string system;  // system identifier of the server
};

struct JournalVerdict {
  adapter::Continuity continuity = adapter::Continuity::good;
  std::string reason;
};

class Journal {
 public:
  // name: SourceSpec::name.
  explicit Journal(const std::string& name);

  // Throws Error(misuse, QZ-ADP-012) if there is no journal of this name.
  JournalState state(Session& session) const;
  // R2.2 for a checkpoint, and for what a snapshot has seen, if that is beyond it.
  JournalVerdict check(Session& session, const JournalState& state, const JournalPosition& after,
                       const std::optional<JournalPosition>& high_water) const;
  // Entries of transactions in [lower, upper) behind the sequence, in order, at most `limit`.
  std::vector<JournalEntry> read(Session& session, const JournalState& state, const JournalPlace& after,
                                 std::size_t limit) const;
  // The next fence after one that ended at `lower`: behind the last transaction that has ended and wrote entries. It is
  // not put further, because numbers of transactions that wrote nothing may be given again after a crash.
  std::optional<std::uint64_t> next_fence(Session& session, const JournalState& state, std::uint64_t lower) const;
  // Identity of the newest entry that is there, or of what was forgotten if there is none.
  std::string newest(Session& session, const JournalState& state) const;
  // What holds entries back for longer than a minute, in words; empty: nothing.
  std::string held_back(Session& session, const JournalState& state) const;

  // Removes what was read and notes it, in one transaction of its own; a position that is forgotten already, or is not
  // of this journal's history, changes nothing.
  void forget(Session& session, const JournalPosition& position) const;

 private:
  bool holds(Session& session, const JournalState& state, const std::string& identity, bool or_forgotten) const;

  std::string journal_;
  std::string forgotten_;
  std::string entry_;  // SELECT list
};

// Names of what the install script creates, in the schema qianzhi. name: SourceSpec::name.
std::string journal_name(const std::string& name);                            // quoted, with the schema
std::string forgotten_name(const std::string& name);                          // likewise
std::string capture_name(const std::string& name, const std::string& table);  // of the function, plain, without schema

inline constexpr const char* row_trigger = "qianzhi_row_";            // + name
inline constexpr const char* truncate_trigger = "qianzhi_truncate_";  // + name

}  // namespace qianzhi::postgresql
