// What the server says about our slot, our publication and itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/position.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

struct SlotState {
  bool lost = false;      // the server removed log that we still need
  bool active = false;    // some walsender holds it
  Lsn confirmed = 0;      // confirmed_flush_lsn
  std::int64_t held = 0;  // octets of log kept because of us
};

// Nothing if there is no such slot. Throws Error(misuse, QZ-PG-017) if it belongs to another database or plugin,
// unavailable QZ-PG-005 while it is still being made.
std::optional<SlotState> find_slot(Session& session, const std::string& slot);

bool has_publication(Session& session, const std::string& publication);

// What a table's name means now, and how the publication covers it.
struct Coverage {
  bool exists = false;
  bool has_columns = false;  // all that are listed
  bool covered = false;
  Oid entry =
      0;  // of pg_publication_rel: a table that is taken out and put back gets a newer one; 0: covered otherwise
};
// One for each table of the spec, in order.
std::vector<Coverage> find_coverage(Session& session, const std::string& publication,
                                    const std::vector<adapter::SourceTable>& tables);

// Since when this server process runs (R2.2.5).
Micros server_start(Session& session);

// Transactions of the whole server that have written and are not over for other sessions: a superset of those that are
// in the log and not visible yet. (A snapshot's own list leaves out the newest ones.)
std::vector<std::uint32_t> writing_transactions(Session& session);

// A database snapshot as pg_current_snapshot() gives it: which transactions it can see.
class Visibility {
 public:
  // Takes "xmin:xmax:xip,xip,...". Throws Error(corrupt, QZ-PG-015).
  explicit Visibility(std::string_view text);
  // xid: 32 bits as the log has it, of a transaction that is not older than 2^31 transactions.
  bool sees(std::uint32_t xid) const;

 private:
  std::uint64_t xmin_ = 0;
  std::uint64_t xmax_ = 0;
  std::vector<std::uint64_t> running_;  // sorted
};

}  // namespace qianzhi::postgresql
