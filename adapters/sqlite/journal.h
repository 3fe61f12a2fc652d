// The journal of one source: where it is, whether it still continues what was read, and its entries. Every function
// runs in the caller's transaction, so that what it says belongs to the rows read beside it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

struct Entry {
  std::int64_t sequence = 0;
  std::string table;
  char operation = 'u';  // i, u, d; x: installed
  std::string key;       // literals
  std::string old;       // literals
  bool has_old = false;
  Micros time = 0;
  std::string identity;  // digest of the whole entry
};

struct Verdict {
  Continuity continuity = Continuity::good;
  std::string reason;
};

class Journal {
 public:
  // name: SourceSpec::name.
  Journal(sqlite::Database& database, const std::string& name);

  bool is_installed() const;
  // Position of the newest entry ever written, whether it is still there or not.
  SourcePosition present() const;
  // R2.2.
  Verdict check(const SourcePosition& after, const SourcePosition& high_water) const;
  // Entries after the position in order, at most `limit`.
  std::vector<Entry> read(const SourcePosition& after, std::size_t limit) const;
  // Removes at most `slice` entries up to the position and notes it (R2.1); needs a write transaction. Does nothing and
  // returns false when the position is forgotten already, or is not one of this journal's history.
  bool forget(const SourcePosition& position, std::int64_t slice) const;

 private:
  struct Forgotten {
    std::int64_t sequence = 0;
    std::string identity;
  };
  Forgotten forgotten() const;
  std::int64_t newest() const;
  std::string identity_at(std::int64_t sequence) const;

  sqlite::Database& database_;
  std::string journal_;
  std::string forgotten_;
  std::string columns_;
};

// Order of a journal position: the sequence, eight octets, big-endian. Identity: lower-case hexadecimal.
SourcePosition position_of(std::int64_t sequence, const std::string& identity);
// Throws Error(misuse, QZ-ADP-012) if it is not a position of a journal.
std::int64_t sequence_of(const SourcePosition& position);

}  // namespace qianzhi::adapter::lite
