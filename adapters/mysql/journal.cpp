#include "adapters/mysql/journal.h"

#include <algorithm>

#include "adapters/mysql/binlog_octets.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "adapters/sql/fingerprint.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::Continuity;

constexpr int first_value = 5;  // columns of an entry before its keys

JournalEntry entry_at(const Result& rows, int row, std::size_t keys, std::size_t olds) {
  JournalEntry entry;
  entry.sequence = rows.number(row, 0);
  entry.table = rows.text(row, 1);
  entry.operation = rows.text(row, 2).empty() ? '?' : rows.text(row, 2).front();
  entry.time = rows.integer(row, 3);
  adapter::sql::Fingerprint print;
  for (int column = 0; column < first_value; ++column) print.add(rows.text(row, column));
  for (std::size_t i = 0; i < keys + olds; ++i) {
    const int column = first_value + static_cast<int>(i);
    JournalValue value;
    if (!rows.is_null(row, column)) value = rows.text(row, column);
    print.add_number(value ? 0 : 1);
    print.add(value.value_or(""));
    (i < keys ? entry.key : entry.old).push_back(std::move(value));
  }
  entry.identity = std::to_string(entry.sequence) + ":" + print.hex();
  return entry;
}

}  // namespace

SourcePosition encode(const JournalPosition& position) {
  SourcePosition encoded;
  for (int shift = 56; shift >= 0; shift -= 8)
    encoded.order.push_back(static_cast<char>(position.sequence >> shift & 0xFFU));
  encoded.identity = position.identity;
  return encoded;
}

std::optional<JournalPosition> decode_journal(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  if (position.order.size() != 8)
    throw Error(ErrorKind::misuse, "QZ-MY-019", "a stored position is not one of a journal");
  return JournalPosition{Octets(position.order).big(8), position.identity};
}

Journal::Journal(const adapter::SourceSpec& spec)
    : journal_(full_table(spec.connection, journal_table(spec.name))),
      forgotten_(full_table(spec.connection, forgotten_table(spec.name))) {
  for (const adapter::SourceTable& table : spec.tables) {
    keys_ = std::max(keys_, table.key.size());
    olds_ = std::max(olds_, table.old_columns.size());
  }
  entry_ = "SELECT seq, tbl, op, FLOOR(UNIX_TIMESTAMP(at) * 1000000), CAST(salt AS CHAR)";
  for (std::size_t i = 0; i < keys_; ++i) entry_ += ", k" + std::to_string(i);
  for (std::size_t i = 0; i < olds_; ++i) entry_ += ", o" + std::to_string(i);
  entry_ += " FROM " + journal_;
}

std::vector<JournalEntry> Journal::select(Session& session, const std::string& rest, const Parameters& values) const {
  const Result rows = session.query(entry_ + rest, values, "reading the journal");
  std::vector<JournalEntry> entries;
  entries.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) entries.push_back(entry_at(rows, row, keys_, olds_));
  return entries;
}

JournalPosition Journal::newest_to(Session& session, const JournalState& state, std::uint64_t sequence) const {
  const auto newest = select(session, " WHERE seq <= ? ORDER BY seq DESC LIMIT 1", Parameters().add_number(sequence));
  return newest.empty() ? state.forgotten : JournalPosition{newest[0].sequence, newest[0].identity};
}

JournalState Journal::state(Session& session) const {
  JournalState state;
  try {
    const Result row = session.run("SELECT seq, identity FROM " + forgotten_ + " WHERE id = 1", "reading the journal");
    if (row.rows() != 1)
      throw Error(ErrorKind::misuse, "QZ-ADP-012", "the row that says what was forgotten is missing: " + forgotten_);
    state.forgotten = {row.number(0, 0), row.text(0, 1)};
    state.newest = newest_to(session, state, UINT64_MAX);
  } catch (const Error& error) {
    if (error.code() != "QZ-ADP-011") throw;
    throw Error(ErrorKind::misuse, "QZ-ADP-012",
                "there is no table " + journal_ + " or " + forgotten_ + ", or it lacks a column");
  }
  return state;
}

// or_forgotten: an entry that is gone because it was read is good, too.
bool Journal::holds(Session& session, const JournalState& state, const JournalPosition& position,
                    bool or_forgotten) const {
  if (position.identity == state.forgotten.identity) return true;
  const auto entries = select(session, " WHERE seq = ?", Parameters().add_number(position.sequence));
  if (!entries.empty()) return entries[0].identity == position.identity;
  return or_forgotten && position.sequence <= state.forgotten.sequence;
}

JournalVerdict Journal::check(Session& session, const JournalState& state, const JournalPosition& after,
                              const std::optional<JournalPosition>& high_water) const {
  const JournalPosition& gone = state.forgotten;
  if (gone.sequence > after.sequence) return {Continuity::gap, "the journal was forgotten beyond the checkpoint"};
  if (gone.sequence == after.sequence && gone.identity != after.identity)
    return {Continuity::gap, "the journal was forgotten or made anew by somebody else"};
  if (state.newest.sequence < after.sequence || !holds(session, state, after, false))
    return {Continuity::regressed, "the entry at the checkpoint is another one, or gone"};
  if (!high_water || high_water->sequence <= after.sequence) return {};
  if (state.newest.sequence < high_water->sequence || !holds(session, state, *high_water, true))
    return {Continuity::regressed, "the entry that a snapshot has seen is another one, or gone"};
  return {};
}

std::vector<JournalEntry> Journal::read(Session& session, std::uint64_t after, std::uint64_t to,
                                        std::size_t limit) const {
  return select(session, " WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
                Parameters().add_number(after).add_number(to).add_number(limit));
}

void Journal::forget(Session& session, const JournalPosition& position) const {
  session.run("START TRANSACTION READ WRITE", "forgetting");
  try {
    const JournalState now = state(session);
    if (position.sequence > now.forgotten.sequence && holds(session, now, position, false)) {
      session.query("DELETE FROM " + journal_ + " WHERE seq <= ?", Parameters().add_number(position.sequence),
                    "forgetting");
      session.query("UPDATE " + forgotten_ + " SET seq = ?, identity = ? WHERE id = 1",
                    Parameters().add_number(position.sequence).add(position.identity), "forgetting");
    }
    session.run("COMMIT", "forgetting");
  } catch (const Error&) {
    session.set_broken();
    throw;
  }
}

}  // namespace qianzhi::mysql
