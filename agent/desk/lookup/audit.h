// The trail of lookups: table lookup_audit of desk.db. Every search is in it, also one that was refused, before its
// answer is given. It holds no values: of what was asked and found only digests, each with a salt of its own, so that
// "did she ask for this number" can be answered and nothing can be read from it. Each row's chain covers the row
// before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::lookup {

struct AuditRow {
  Micros at = 0;
  std::string account;
  std::string role;
  std::string subject;
  std::string by;
  std::string purpose;
  std::string asked;  // the text; only its digest is kept
  std::string found;  // what was shown; only its digest is kept
  std::uint64_t hits = 0;
  std::string outcome;  // "ok", or the code of a refusal
};

class Audit {
 public:
  // Creates the table if it is missing. Both must outlive it.
  Audit(sqlite::Database& database, Random& random);

  // Durable when it returns.
  void write(const AuditRow& row);
  // Whether row `id` asked for this text.
  bool has_asked(std::int64_t id, std::string_view text);
  // The first row whose chain does not hold, or behind which one is missing; nothing: all hold.
  std::optional<std::int64_t> first_broken();

 private:
  sqlite::Database& database_;
  Random& random_;
};

}  // namespace qianzhi::desk::lookup
