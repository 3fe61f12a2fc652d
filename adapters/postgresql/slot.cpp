#include "adapters/postgresql/slot.h"

#include <algorithm>
#include <charconv>

#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

std::uint64_t take_number(std::string_view& text, char end) {
  const std::string_view digits = text.substr(0, text.find(end));
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || stop != digits.data() + digits.size())
    throw Error(ErrorKind::corrupt, "QZ-PG-015", "the server gave something that is not a snapshot");
  text.remove_prefix(std::min(text.size(), digits.size() + 1));
  return value;
}

}  // namespace

std::optional<SlotState> find_slot(Session& session, const std::string& slot) {
  const Result found = session.query(
      "SELECT plugin, database = current_database(), wal_status = 'lost', active, confirmed_flush_lsn,"
      " pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots WHERE slot_name = $1",
      Parameters().add(slot), "looking at the slot");
  if (found.rows() == 0) return std::nullopt;
  if (found.view(0, 0) != "pgoutput" || !found.truth(0, 1))
    throw Error(ErrorKind::misuse, "QZ-PG-017", "slot " + slot + " belongs to another database or output plugin");
  SlotState state;
  state.lost = found.truth(0, 2);
  state.active = found.truth(0, 3);
  if (!state.lost && found.is_null(0, 4))
    throw Error(ErrorKind::unavailable, "QZ-PG-005", "slot " + slot + " is still being made");
  if (!found.is_null(0, 4)) state.confirmed = lsn_of(found.view(0, 4));
  state.held = found.integer(0, 5);
  return state;
}

bool has_publication(Session& session, const std::string& publication) {
  return session
             .query("SELECT FROM pg_publication WHERE pubname = $1", Parameters().add(publication),
                    "looking for the publication")
             .rows() > 0;
}

std::vector<Coverage> find_coverage(Session& session, const std::string& publication,
                                    const std::vector<adapter::SourceTable>& tables) {
  std::vector<std::string> names;
  std::vector<std::string> columns;
  for (const auto& table : tables) {
    names.push_back(quote_table(table.table));
    columns.push_back(array_text(table.columns));
  }
  const Result found = session.attempt_prepared(
      "SELECT c.oid IS NOT NULL, NOT EXISTS (SELECT FROM unnest(t.columns::text[]) w(name) WHERE NOT EXISTS"
      " (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = w.name AND a.attnum > 0)),"
      " p.puballtables OR r.oid IS NOT NULL OR EXISTS (SELECT FROM pg_publication_namespace n"
      " WHERE n.pnpubid = p.oid AND n.pnnspid = c.relnamespace), coalesce(r.oid, 0)"
      " FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t(name, columns, place)"
      " LEFT JOIN pg_publication p ON p.pubname = $3 LEFT JOIN pg_class c ON c.oid = to_regclass(t.name)"
      " LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid ORDER BY t.place",
      {}, Parameters().add(array_text(names)).add(array_text(columns)).add(publication), "looking at the publication");
  session.check(found, "looking at the publication");
  std::vector<Coverage> all;
  all.reserve(static_cast<std::size_t>(found.rows()));
  for (int row = 0; row < found.rows(); ++row)
    all.push_back(
        {found.truth(row, 0), found.truth(row, 1), found.truth(row, 2), static_cast<Oid>(found.integer(row, 3))});
  return all;
}

Micros server_start(Session& session) {
  return session
      .run("SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint", "asking the server's start")
      .integer(0, 0);
}

std::vector<std::uint32_t> writing_transactions(Session& session) {
  // A transaction holds a lock on its own id until after it has become visible.
  const Result found = session.run(
      "SELECT transactionid FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted",
      "looking for writing transactions");
  std::vector<std::uint32_t> xids;
  xids.reserve(static_cast<std::size_t>(found.rows()));
  for (int row = 0; row < found.rows(); ++row) xids.push_back(static_cast<std::uint32_t>(found.integer(row, 0)));
  return xids;
}

Visibility::Visibility(std::string_view text) {
  xmin_ = take_number(text, ':');
  xmax_ = take_number(text, ':');
  while (!text.empty()) running_.push_back(take_number(text, ','));
  std::sort(running_.begin(), running_.end());
}

bool Visibility::sees(std::uint32_t xid) const {
  // The log carries the low half; the transaction is near xmax, on either side of it.
  std::uint64_t whole = (xmax_ & ~std::uint64_t{0xFFFFFFFF}) | xid;
  if (whole > xmax_ + 0x80000000U && whole >= 0x100000000U) whole -= 0x100000000U;
  if (whole + 0x80000000U < xmax_) whole += 0x100000000U;
  if (whole < xmin_) return true;
  return whole < xmax_ && !std::binary_search(running_.begin(), running_.end(), whole);
}

}  // namespace qianzhi::postgresql
