// The journal of one source in its database: what triggers wrote, up to where it was forgotten, and whether it still
// continues what was read (R2.1, R2.2). Everything but forget() runs in the caller's transaction, so that what is said
// belongs to one snapshot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/session.h"

namespace qianzhi::mysql {

using JournalValue = std::optional<std::string>;

struct JournalEntry {
  std::uint64_t sequence = 0;
  std::string table;
  char operation = 'u';  // i, u, d; x: capture was installed
  std::vector<JournalValue> key;
  std::vector<JournalValue> old;
  Micros time = 0;
  std::string identity;
};

// Everything up to `sequence` is read. identity: "sequence:digest" of the newest entry there, or of what was forgotten.
struct JournalPosition {
  std::uint64_t sequence = 0;
  std::string identity;
  bool operator==(const JournalPosition&) const = default;
};

// order: 8 octets, big-endian. Frozen: stored in agents and in the source.
SourcePosition encode(const JournalPosition& position);
// Nothing for a none position. Throws Error(misuse, QZ-MY-019) if it is not one of a journal.
std::optional<JournalPosition> decode_journal(const SourcePosition& position);

struct JournalState {
  JournalPosition forgotten;
  JournalPosition newest;  // the newest entry that is there, or what was forgotten
};

struct JournalVerdict {
  adapter::Continuity continuity = adapter::Continuity::good;
  std::string reason;
};

class Journal {
 public:
  // spec must outlive it.
  explicit Journal(const adapter::SourceSpec& spec);

  // Throws Error(misuse, QZ-ADP-012) if there is no journal of this name.
  JournalState state(Session& session) const;
  // R2.2 for a checkpoint, and for what a snapshot has seen, if that is beyond it.
  JournalVerdict check(Session& session, const JournalState& state, const JournalPosition& after,
                       const std::optional<JournalPosition>& high_water) const;
  // Entries behind the sequence up to another, in order, at most `limit`.
  std::vector<JournalEntry> read(Session& session, std::uint64_t after, std::uint64_t to, std::size_t limit) const;
  // The newest entry at or before the sequence, or what was forgotten.
  JournalPosition newest_to(Session& session, const JournalState& state, std::uint64_t sequence) const;

  // Removes what was read and notes it, in one transaction of its own; a position that is forgotten already, or is not
  // of this journal's history, changes nothing.
  void forget(Session& session, const JournalPosition& position) const;

  const std::string& table() const { return journal_; }
  const std::string& forgotten() const { return forgotten_; }

 private:
  std::vector<JournalEntry> select(Session& session, const std::string& rest, const Parameters& values) const;
  bool holds(Session& session, const JournalState& state, const JournalPosition& position, bool or_forgotten) const;

  std::string journal_;
  std::string forgotten_;
  std::string entry_;  // SELECT list and FROM
  std::size_t keys_ = 0;
  std::size_t olds_ = 0;
};

}  // namespace qianzhi::mysql
