#include "adapters/sqlite/journal.h"

#include "adapters/sql/fingerprint.h"
#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

// What identity_at says of an entry that somebody removed by hand; equal to itself, so that a rebase cures it.
constexpr std::string_view absent = "absent";

// The identity distinguishes copies of one database after a restore; the random salt of each entry does the work, so
// no cryptographic digest is needed.
Entry entry_of(const sqlite::Statement& row) {
  Entry entry;
  entry.sequence = row.integer(0);
  entry.table = row.text(1);
  entry.operation = row.view(2).empty() ? '?' : row.view(2).front();
  entry.key = row.text(3);
  entry.has_old = !row.is_null(4);
  entry.old = row.text(4);
  entry.time = row.integer(5);
  sql::Fingerprint print;
  print.add_number(row.number(0));
  for (const int column : {1, 2, 3, 4}) print.add(row.view(column));
  print.add_number(row.number(5));
  print.add_number(row.number(6));
  entry.identity = print.hex();
  return entry;
}

}  // namespace

SourcePosition position_of(std::int64_t sequence, const std::string& identity) {
  SourcePosition position;
  const auto number = static_cast<std::uint64_t>(sequence);
  for (int shift = 56; shift >= 0; shift -= 8) position.order.push_back(static_cast<char>((number >> shift) & 0xFFU));
  position.identity = identity;
  return position;
}

std::int64_t sequence_of(const SourcePosition& position) {
  if (position.order.size() != 8)
    throw Error(ErrorKind::misuse, "QZ-ADP-012", "a stored position is not one of a sqlite journal");
  std::uint64_t number = 0;
  for (const char octet : position.order) number = (number << 8U) | static_cast<unsigned char>(octet);
  return static_cast<std::int64_t>(number);
}

Journal::Journal(sqlite::Database& database, const std::string& name)
    : database_(database),
      journal_(sql::identifier(sql::sqlite, journal_table(name))),
      forgotten_(sql::identifier(sql::sqlite, forgotten_table(name))),
      columns_("SELECT seq, tbl, op, key, old, at, salt FROM " + journal_ + " WHERE seq ") {}

bool Journal::is_installed() const {
  // The quoted name, without its quotes, is the table's name: [a-z0-9_] only.
  sqlite::Statement query =
      database_.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND '\"' || name || '\"' IN (?1, ?2)");
  query.bind(1, journal_).bind(2, forgotten_);
  return query.step() && query.integer(0) == 2;
}

Journal::Forgotten Journal::forgotten() const {
  sqlite::Statement query = database_.prepare("SELECT seq, identity FROM " + forgotten_ + " WHERE id = 1");
  if (!query.step())
    throw Error(ErrorKind::misuse, "QZ-ADP-012", "the row that says what was forgotten is missing: " + forgotten_);
  return {query.integer(0), query.text(1)};
}

std::int64_t Journal::newest() const {
  sqlite::Statement query = database_.prepare("SELECT seq FROM sqlite_sequence WHERE '\"' || name || '\"' = ?1");
  query.bind(1, journal_);
  return query.step() ? query.integer(0) : 0;
}

std::string Journal::identity_at(std::int64_t sequence) const {
  sqlite::Statement query = database_.prepare(columns_ + "= ?1");
  query.bind(1, sequence);
  return query.step() ? entry_of(query).identity : std::string(absent);
}

SourcePosition Journal::present() const {
  const std::int64_t sequence = newest();
  const Forgotten gone = forgotten();
  return position_of(sequence, sequence == gone.sequence ? gone.identity : identity_at(sequence));
}

Verdict Journal::check(const SourcePosition& after, const SourcePosition& high_water) const {
  if (after.is_none()) return {Continuity::gap, "nothing was read from this source before"};
  const std::int64_t checkpoint = sequence_of(after);
  const std::int64_t mark = high_water.is_none() ? 0 : sequence_of(high_water);
  const std::int64_t newest_entry = newest();
  const Forgotten gone = forgotten();
  if (gone.sequence > checkpoint) return {Continuity::gap, "the journal was forgotten beyond the checkpoint"};
  if (gone.sequence == checkpoint && gone.identity != after.identity)
    return {Continuity::gap, "the journal was forgotten or made anew by somebody else"};
  if (newest_entry < checkpoint) return {Continuity::regressed, "the journal ends before the checkpoint"};
  if (newest_entry < mark) return {Continuity::regressed, "the journal ends before what a snapshot has seen"};
  if (gone.sequence < checkpoint && identity_at(checkpoint) != after.identity)
    return {Continuity::regressed, "the entry at the checkpoint is another one"};
  if (mark > checkpoint && identity_at(mark) != high_water.identity)
    return {Continuity::regressed, "the entry that a snapshot has seen is another one"};
  sqlite::Statement next = database_.prepare("SELECT min(seq) FROM " + journal_ + " WHERE seq > ?1");
  next.bind(1, checkpoint);
  const bool there = next.step() && !next.is_null(0);
  if (there ? next.integer(0) != checkpoint + 1 : newest_entry > checkpoint)
    return {Continuity::gap, "entries of the journal were removed by somebody else"};
  return {};
}

std::vector<Entry> Journal::read(const SourcePosition& after, std::size_t limit) const {
  std::vector<Entry> entries;
  sqlite::Statement query = database_.prepare(columns_ + "> ?1 ORDER BY seq LIMIT ?2");
  query.bind(1, sequence_of(after)).bind(2, static_cast<std::int64_t>(limit));
  std::int64_t expected = sequence_of(after) + 1;
  // Entries are numbered without gaps: a hole further on is found when reading has come to it.
  while (query.step() && query.integer(0) == expected++) entries.push_back(entry_of(query));
  return entries;
}

bool Journal::forget(const SourcePosition& position, std::int64_t slice) const {
  const std::int64_t wanted = sequence_of(position);
  const Forgotten gone = forgotten();
  if (wanted <= gone.sequence || identity_at(wanted) != position.identity) return false;
  const std::int64_t until = wanted - gone.sequence > slice ? gone.sequence + slice : wanted;
  database_.prepare("UPDATE " + forgotten_ + " SET seq = ?1, identity = ?2 WHERE id = 1")
      .bind(1, until)
      .bind(2, identity_at(until))
      .run();
  database_.prepare("DELETE FROM " + journal_ + " WHERE seq <= ?1").bind(1, until).run();
  return until < wanted;
}

}  // namespace qianzhi::adapter::lite
