#include "adapters/odbc/journal.h"

#include <charconv>

#include "adapters/odbc/names.h"
#include "adapters/sql/fingerprint.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::Continuity;

constexpr std::size_t number_octets = 8;
constexpr std::size_t entry_columns = 8;  // as JournalTexts::entry

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size())
    throw Error(ErrorKind::corrupt, "QZ-ODB-013", "the journal holds no number where one belongs");
  return number;
}

std::string text_of_number(std::int64_t number) { return std::to_string(number); }

struct EntryNumbers {
  std::int64_t sequence = 0;
  std::int64_t number = 0;
};

std::optional<EntryNumbers> numbers_of(std::string_view identity) {
  const std::size_t first = identity.find(':');
  const std::size_t second = first == std::string_view::npos ? first : identity.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return EntryNumbers{number_of(identity.substr(0, first)), number_of(identity.substr(first + 1, second - first - 1))};
}

// The salt among the columns tells an entry from one that took the same sequence after a restore.
JournalEntry entry_of(const Rows& row) {
  if (row.columns() != entry_columns)
    throw Error(ErrorKind::corrupt, "QZ-ODB-013", "the journal has another number of columns");
  adapter::sql::Fingerprint print;
  for (std::size_t column = 0; column < entry_columns; ++column) {
    print.add_number(row.is_null(column) ? 1 : 0);
    print.add(row.text(column));
    if (row.state(column) == Rows::State::too_long)
      throw Error(ErrorKind::corrupt, "QZ-ODB-013", "a key in the journal is too long");
  }
  JournalEntry entry;
  entry.sequence = number_of(row.text(0));
  entry.number = number_of(row.text(1));
  entry.table = row.text(2);
  entry.operation = row.text(3).empty() ? '?' : row.text(3).front();
  if (!row.is_null(4)) entry.key = texts_of(row.text(4));
  if (!row.is_null(5)) entry.old = texts_of(row.text(5));
  entry.time = number_of(row.text(6));
  entry.identity = text_of_number(entry.sequence) + ":" + text_of_number(entry.number) + ":" + print.hex();
  return entry;
}

void put_number(Bytes& octets, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    octets.push_back(static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xFFU));
}

std::int64_t take_number(std::string_view& octets) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < number_octets; ++i) number = number << 8U | static_cast<unsigned char>(octets[i]);
  octets.remove_prefix(number_octets);
  return static_cast<std::int64_t>(number);
}

}  // namespace

SourcePosition encode(const JournalPosition& position) {
  SourcePosition encoded;
  put_number(encoded.order, position.place.lower);
  put_number(encoded.order, position.place.upper);
  put_number(encoded.order, position.place.sequence);
  encoded.identity = position.identity + "@" + text_of_number(position.seen);
  return encoded;
}

std::optional<JournalPosition> decode_journal(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  if (position.order.size() != 3 * number_octets)
    throw Error(ErrorKind::misuse, "QZ-ODB-012", "a stored position is not one of a journal");
  std::string_view octets = position.order;
  JournalPosition decoded;
  decoded.place.lower = take_number(octets);
  decoded.place.upper = take_number(octets);
  decoded.place.sequence = take_number(octets);
  const std::size_t mark = position.identity.rfind('@');
  if (mark == std::string::npos)
    throw Error(ErrorKind::misuse, "QZ-ODB-012", "a stored position is not one of a journal");
  decoded.identity = position.identity.substr(0, mark);
  decoded.seen = number_of(std::string_view(position.identity).substr(mark + 1));
  return decoded;
}

Texts texts_of(std::string_view encoded) {
  const Error malformed(ErrorKind::corrupt, "QZ-ODB-013", "a key in the journal is malformed");
  Texts texts;
  while (!encoded.empty()) {
    const char kind = encoded.front();
    const std::size_t end = encoded.find('|');
    if (end == std::string_view::npos || (kind != 'v' && kind != 'n') || (kind == 'n' && end != 1)) throw malformed;
    std::string text;
    for (std::size_t i = 1; i < end; ++i) {
      if (encoded[i] != '~') {
        text.push_back(encoded[i]);
        continue;
      }
      const char escaped = encoded[++i];
      if (escaped != '0' && escaped != '1') throw malformed;
      text.push_back(escaped == '0' ? '~' : '|');
    }
    texts.push_back(kind == 'n' ? std::nullopt : std::optional(std::move(text)));
    encoded.remove_prefix(end + 1);
  }
  return texts;
}

Journal::Journal(const Dialect& dialect, const std::string& name)
    : dialect_(dialect),
      journal_(journal_name(dialect, name)),
      forgotten_(forgotten_name(dialect, name)),
      mark_(odbc::fill(dialect.forms[static_cast<std::size_t>(Form::integer)].parameter, {{"t", "bigint"}})) {}

std::optional<std::int64_t> Journal::fence(Session& session) const {
  if (dialect_.journal.fence == FenceKind::none) return 1;
  // Nobody else's statement holds it: of this process, connection and moment.
  static std::uint64_t counter = 0;
  adapter::sql::Fingerprint print;
  print.add_number(static_cast<std::uint64_t>(SystemClock().now()));
  print.add_number(reinterpret_cast<std::uintptr_t>(this));  // NOLINT: as a number only
  print.add_number(++counter);
  const std::string sql = odbc::fill(dialect_.journal.fence_sql, {{"s", "qz" + print.hex()}});
  Rows rows = session.query(sql, {}, "reading the fence");
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return number_of(rows.text(0));
}

JournalPosition Journal::forgotten(Session& session) const {
  Rows rows = [&] {
    try {
      return session.query("SELECT lower_tx, upper_tx, seq, identity_text FROM " + forgotten_ + " WHERE id = 1", {},
                           "looking at the journal");
    } catch (const Error& error) {
      if (error.code() != "QZ-ADP-011") throw;
      throw Error(ErrorKind::misuse, "QZ-ADP-012", "there is no table " + forgotten_);
    }
  }();
  if (!rows.next())
    throw Error(ErrorKind::misuse, "QZ-ADP-012", "the row that says what was forgotten is missing: " + forgotten_);
  return {{number_of(rows.text(0)), number_of(rows.text(1)), number_of(rows.text(2))}, std::string(rows.text(3))};
}

std::optional<JournalEntry> Journal::one(Session& session, const std::string& condition, Parameters values) const {
  Rows rows =
      session.query("SELECT " + odbc::fill(dialect_.first_head, {{"n", "1"}}) + std::string(dialect_.journal.entry) +
                        " FROM " + journal_ + " q" + condition + odbc::fill(dialect_.first_tail, {{"n", "1"}}),
                    std::move(values), "looking at an entry");
  if (!rows.next()) return std::nullopt;
  return entry_of(rows);
}

// or_forgotten: an entry that is gone because it was read is good, too.
bool Journal::holds(Session& session, const JournalPosition& gone, const std::string& identity,
                    bool or_forgotten) const {
  if (identity == gone.identity) return true;
  const auto numbers = numbers_of(identity);
  if (!numbers) return false;
  const auto entry = one(session, " WHERE seq = " + mark_, Parameters().add(text_of_number(numbers->sequence)));
  if (entry) return entry->identity == identity;
  return or_forgotten && (numbers->number < gone.place.lower ||
                          (numbers->number < gone.place.upper && numbers->sequence <= gone.place.sequence));
}

JournalVerdict Journal::check(Session& session, const JournalPosition& gone, const JournalPosition& after,
                              const std::optional<JournalPosition>& high_water) const {
  if (gone.place > after.place) return {Continuity::gap, "the journal was forgotten beyond the checkpoint"};
  if (gone.place == after.place && gone.identity != after.identity)
    return {Continuity::gap, "the journal was forgotten or made anew by somebody else"};
  if (!holds(session, gone, after.identity, false))
    return {Continuity::regressed, "the entry at the checkpoint is another one, or gone"};
  if (!high_water || high_water->place <= after.place) return {};
  if (!holds(session, gone, high_water->identity, true))
    return {Continuity::regressed, "the entry that a snapshot has seen is another one, or gone"};
  return {};
}

std::vector<JournalEntry> Journal::read(Session& session, const JournalPlace& after, std::size_t limit) const {
  std::vector<JournalEntry> entries;
  if (after.lower >= after.upper) return entries;
  const std::string number = text_of_number(static_cast<std::int64_t>(limit));
  Rows rows =
      session.query("SELECT " + odbc::fill(dialect_.first_head, {{"n", number}}) + std::string(dialect_.journal.entry) +
                        " FROM " + journal_ + " q WHERE tx >= " + mark_ + " AND tx < " + mark_ + " AND seq > " + mark_ +
                        " ORDER BY q.seq" + odbc::fill(dialect_.first_tail, {{"n", number}}),
                    Parameters()
                        .add(text_of_number(after.lower))
                        .add(text_of_number(after.upper))
                        .add(text_of_number(after.sequence)),
                    "reading the journal");
  while (rows.next()) entries.push_back(entry_of(rows));
  return entries;
}

std::optional<std::int64_t> Journal::largest(Session& session, std::int64_t lower,
                                             std::optional<std::int64_t> fence) const {
  Parameters values = Parameters().add(text_of_number(lower));
  std::string sql = "SELECT MAX(tx) FROM " + journal_ + " WHERE tx >= " + mark_;
  if (fence) {
    sql += " AND tx < " + mark_;
    values.add(text_of_number(*fence));
  }
  Rows rows = session.query(sql, std::move(values), "looking for the next fence");
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return number_of(rows.text(0));
}

std::optional<JournalEntry> Journal::newest(Session& session) const { return one(session, " ORDER BY q.seq DESC", {}); }

bool Journal::is_late(Session& session, const JournalPosition& after) const {
  if (dialect_.journal.fence != FenceKind::time || after.seen == 0) return false;
  return one(session, " WHERE tx < " + mark_ + " AND seq > " + mark_,
             Parameters().add(text_of_number(after.place.lower)).add(text_of_number(after.seen)))
      .has_value();
}

// Where rows are locked as a statement passes them, one that looked through the journal would wait for every
// transaction that wrote into it: so each row is removed by its own number.
void Journal::remove(Session& session, const Parameters& read) const {
  const std::string where = " WHERE tx < " + mark_ + " OR (tx < " + mark_ + " AND seq <= " + mark_ + ")";
  if (!dialect_.journal.remove_by_row) {
    session.run("DELETE FROM " + journal_ + where, read, "forgetting");
    return;
  }
  std::vector<std::string> sequences;
  {
    Rows rows = session.query("SELECT seq FROM " + journal_ + where, read, "forgetting");
    while (rows.next()) sequences.emplace_back(rows.text(0));
  }
  for (const std::string& sequence : sequences)
    session.run("DELETE FROM " + journal_ + " WHERE seq = " + mark_, Parameters().add(sequence), "forgetting");
}

void Journal::forget(Session& session, const JournalPosition& position) const {
  const JournalPosition gone = forgotten(session);
  if (position.place > gone.place && holds(session, gone, position.identity, false)) {
    const JournalPlace& place = position.place;
    Parameters values = Parameters().add(text_of_number(place.lower)).add(text_of_number(place.upper));
    values.add(text_of_number(place.sequence));
    remove(session, values);
    session.run("UPDATE " + forgotten_ + " SET lower_tx = " + mark_ + ", upper_tx = " + mark_ + ", seq = " + mark_ +
                    ", identity_text = ? WHERE id = 1",
                values.add(position.identity), "forgetting");
  }
  session.commit();
}

}  // namespace qianzhi::odbc
