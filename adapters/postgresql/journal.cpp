#include "adapters/postgresql/journal.h"

#include <charconv>

#include "adapters/postgresql/names.h"
#include "adapters/sql/fingerprint.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::Continuity;

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size())
    throw Error(ErrorKind::corrupt, "QZ-PG-015", "the server sent no number where one was asked for");
  return number;
}

// "sequence:transaction:", as identities begin.
struct EntryNumbers {
  std::int64_t sequence = 0;
  std::uint64_t transaction = 0;
};

std::optional<EntryNumbers> numbers_of(std::string_view identity) {
  const std::size_t first = identity.find(':');
  const std::size_t second = first == std::string_view::npos ? first : identity.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return EntryNumbers{static_cast<std::int64_t>(number_of(identity.substr(0, first))),
                      number_of(identity.substr(first + 1, second - first - 1))};
}

// Of the entry as the SELECT list of Journal gives it; the salt among its columns tells it from one that took the same
// sequence after a restore.
std::string identity_of(const Result& row, int at, const std::string& system) {
  adapter::sql::Fingerprint print;
  print.add(system);
  for (int column = 0; column < row.columns(); ++column) {
    print.add_number(row.is_null(at, column) ? 1 : 0);
    print.add(row.view(at, column));
  }
  return row.text(at, 0) + ":" + row.text(at, 6) + ":" + print.hex();
}

JournalEntry entry_of(const Result& row, int at, const std::string& system) {
  JournalEntry entry;
  entry.sequence = row.integer(at, 0);
  entry.table = row.text(at, 1);
  entry.operation = row.view(at, 2).empty() ? '?' : row.view(at, 2).front();
  if (!row.is_null(at, 3)) entry.key = texts_of(row.view(at, 3));
  if (!row.is_null(at, 4)) entry.old = texts_of(row.view(at, 4));
  entry.time = row.integer(at, 5);
  entry.identity = identity_of(row, at, system);
  return entry;
}

std::string quoted_in_schema(const std::string& name) { return "qianzhi." + quote_name(name); }

}  // namespace

std::string journal_name(const std::string& name) { return quoted_in_schema(name + "_journal"); }
std::string forgotten_name(const std::string& name) { return quoted_in_schema(name + "_forgotten"); }

// Names are at most 63 octets; what is too long ends with a digest of the whole.
std::string capture_name(const std::string& name, const std::string& table) {
  std::string whole = name + "_" + table;
  if (whole.size() <= 63) return whole;
  adapter::sql::Fingerprint print;
  print.add(whole);
  std::size_t cut = 46;
  while (cut > 0 && (static_cast<unsigned char>(whole[cut]) & 0xC0U) == 0x80U) --cut;  // not within a character
  return whole.substr(0, cut) + "_" + print.hex().substr(0, 16);
}

Texts texts_of(std::string_view array) {
  const Error malformed(ErrorKind::corrupt, "QZ-PG-015", "an array in the journal is malformed");
  if (array.size() < 2 || array.front() != '{' || array.back() != '}') throw malformed;
  array = array.substr(1, array.size() - 2);
  Texts texts;
  std::size_t at = 0;
  while (at < array.size()) {
    std::string text;
    const bool quoted = array[at] == '"';
    if (quoted) ++at;
    for (; at < array.size() && array[at] != (quoted ? '"' : ','); ++at) {
      if (array[at] == '\\' && ++at == array.size()) throw malformed;
      text.push_back(array[at]);
    }
    if (quoted && at++ == array.size()) throw malformed;
    texts.push_back(!quoted && text == "NULL" ? std::nullopt : std::optional(std::move(text)));
    if (at < array.size() && array[at++] != ',') throw malformed;
  }
  return texts;
}

Journal::Journal(const std::string& name)
    : journal_(journal_name(name)),
      forgotten_(forgotten_name(name)),
      entry_("SELECT seq, tbl, op, key, old, (extract(epoch FROM at) * 1000000)::bigint, tx, salt FROM " + journal_ +
             " WHERE ") {}

JournalState Journal::state(Session& session) const {
  const Result found = session.query("SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL",
                                     Parameters().add(journal_).add(forgotten_), "looking for the journal");
  if (!found.truth(0, 0))
    throw Error(ErrorKind::misuse, "QZ-ADP-012", "there is no table " + journal_ + " or " + forgotten_);
  const Result row = session.run(
      "SELECT pg_snapshot_xmin(s), pg_snapshot_xmax(s), f.lower, f.upper, f.seq, f.identity, c.system_identifier"
      " FROM pg_current_snapshot() AS s, pg_control_system() AS c, " +
          forgotten_ + " AS f",
      "looking at the journal");
  if (row.rows() != 1)
    throw Error(ErrorKind::misuse, "QZ-ADP-012", "the row that says what was forgotten is missing: " + forgotten_);
  JournalState state;
  state.xmin = number_of(row.view(0, 0));
  state.xmax = number_of(row.view(0, 1));
  state.forgotten = {{number_of(row.view(0, 2)), number_of(row.view(0, 3)), row.integer(0, 4)}, row.text(0, 5)};
  state.system = row.text(0, 6);
  return state;
}

// or_forgotten: an entry that is gone because it was read is good, too.
bool Journal::holds(Session& session, const JournalState& state, const std::string& identity, bool or_forgotten) const {
  if (identity == state.forgotten.identity) return true;
  const auto numbers = numbers_of(identity);
  if (!numbers) return false;
  const Result row = session.query(entry_ + "seq = $1", Parameters().add(numbers->sequence), "looking at an entry");
  if (row.rows() == 1) return identity_of(row, 0, state.system) == identity;
  const JournalPlace& gone = state.forgotten.place;
  return or_forgotten && (numbers->transaction < gone.lower ||
                          (numbers->transaction < gone.upper && numbers->sequence <= gone.sequence));
}

JournalVerdict Journal::check(Session& session, const JournalState& state, const JournalPosition& after,
                              const std::optional<JournalPosition>& high_water) const {
  const JournalPosition& gone = state.forgotten;
  if (gone.place > after.place) return {Continuity::gap, "the journal was forgotten beyond the checkpoint"};
  if (gone.place == after.place && gone.identity != after.identity)
    return {Continuity::gap, "the journal was forgotten or made anew by somebody else"};
  if (state.xmin < after.place.upper)
    return {Continuity::regressed, "the server has not come to the transactions that were read already"};
  if (!holds(session, state, after.identity, false))
    return {Continuity::regressed, "the entry at the checkpoint is another one, or gone"};
  if (!high_water || high_water->place <= after.place) return {};
  if (state.xmax < high_water->place.upper)
    return {Continuity::regressed, "the server has not come to what a snapshot has seen"};
  if (!holds(session, state, high_water->identity, true))
    return {Continuity::regressed, "the entry that a snapshot has seen is another one, or gone"};
  return {};
}

std::vector<JournalEntry> Journal::read(Session& session, const JournalState& state, const JournalPlace& after,
                                        std::size_t limit) const {
  std::vector<JournalEntry> entries;
  if (after.lower >= after.upper) return entries;
  const Result rows =
      session.query(entry_ + "tx >= $1::text::xid8 AND tx < $2::text::xid8 AND seq > $3 ORDER BY seq LIMIT $4",
                    Parameters()
                        .add(std::to_string(after.lower))
                        .add(std::to_string(after.upper))
                        .add(after.sequence)
                        .add(static_cast<std::int64_t>(limit)),
                    "reading the journal");
  for (int at = 0; at < rows.rows(); ++at) entries.push_back(entry_of(rows, at, state.system));
  return entries;
}

std::optional<std::uint64_t> Journal::next_fence(Session& session, const JournalState& state,
                                                 std::uint64_t lower) const {
  const Result row = session.query(
      "SELECT max(tx::text::numeric) FROM " + journal_ + " WHERE tx >= $1::text::xid8 AND tx < $2::text::xid8",
      Parameters().add(std::to_string(lower)).add(std::to_string(state.xmin)), "looking for the next fence");
  if (row.is_null(0, 0)) return std::nullopt;
  return number_of(row.view(0, 0)) + 1;
}

std::string Journal::newest(Session& session, const JournalState& state) const {
  const Result row = session.run(entry_ + "true ORDER BY seq DESC LIMIT 1", "looking at the newest entry");
  return row.rows() == 0 ? state.forgotten.identity : identity_of(row, 0, state.system);
}

std::string Journal::held_back(Session& session, const JournalState& state) const {
  const Result waits = session.query(
      "SELECT EXISTS (SELECT FROM " + journal_ + " WHERE tx >= $1::text::xid8 AND at < now() - interval '1 minute')",
      Parameters().add(std::to_string(state.xmin)), "looking at what waits");
  if (!waits.truth(0, 0)) return {};
  const Result oldest = session.run(
      "SELECT pid, to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM pg_stat_activity"
      " WHERE backend_xid IS NOT NULL ORDER BY age(backend_xid) DESC LIMIT 1",
      "looking for the oldest transaction");
  if (oldest.rows() == 0) return "a transaction, perhaps a prepared one, is open for more than a minute";
  return "the transaction of process " + oldest.text(0, 0) + " is open since " + oldest.text(0, 1) + " UTC";
}

void Journal::forget(Session& session, const JournalPosition& position) const {
  session.run("BEGIN ISOLATION LEVEL REPEATABLE READ", "forgetting");
  const JournalState now = state(session);
  if (position.place > now.forgotten.place && holds(session, now, position.identity, false)) {
    const Parameters place = Parameters()
                                 .add(std::to_string(position.place.lower))
                                 .add(std::to_string(position.place.upper))
                                 .add(position.place.sequence);
    session.query("DELETE FROM " + journal_ + " WHERE tx < $1::text::xid8 OR (tx < $2::text::xid8 AND seq <= $3)",
                  place, "forgetting");
    session.query(
        "UPDATE " + forgotten_ + " SET lower = $1::text::xid8, upper = $2::text::xid8, seq = $3, identity = $4",
        Parameters(place).add(position.identity), "forgetting");
  }
  session.run("COMMIT", "forgetting");
}

}  // namespace qianzhi::postgresql
