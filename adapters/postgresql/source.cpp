#include "adapters/postgresql/source.h"

#include <algorithm>
#include <map>
#include <optional>

#include "adapters/postgresql/canary.h"
#include "adapters/postgresql/digests.h"
#include "adapters/postgresql/journal_source.h"
#include "adapters/postgresql/keyset.h"
#include "adapters/postgresql/log_reader.h"
#include "adapters/postgresql/source_preflight.h"
#include "adapters/postgresql/tables_look.h"
#include "adapters/postgresql/watermark_source.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr int visibility_attempts = 40;  // of 25 ms, waited for inside the server
constexpr std::uint64_t log_page = 8192;

class PostgresqlSource final : public adapter::Source {
 public:
  PostgresqlSource(const adapter::SourceSpec& spec, const Clock& clock)
      : spec_(spec), log_(spec_, clock), tables_(spec_.tables.size()), look_(spec_) {}

  SourcePosition present() override;
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                const adapter::ReadLimits& limits, Micros wait) override;
  void forget(const SourcePosition& position) override;
  void beat(const std::string& text) override;
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override;
  adapter::SnapshotChunk read_digests(std::size_t table, const Bytes& cursor,
                                      const adapter::ReadLimits& limits) override;
  adapter::SnapshotChunk read_keys(std::size_t table, const std::vector<Column>& keys,
                                   const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override;
  int input() const override { return log_.input(); }
  bool take_input() override { return log_.take_input(); }

 private:
  struct TableState {
    std::optional<KeysetReader> reader;
    std::optional<DigestReader> digests;  // snapshot_only
    Bytes last_cursor;                    // of the newest page
    bool ended = false;                   // nothing was behind that page
    Lsn end_of_log = 0;                   // when that page's snapshot was taken: all it shows commits before
  };
  // What one database snapshot shows, and where the log and the changes given out stood.
  struct View {
    std::optional<LogPosition> fresh;  // every commit before it is shown; nothing: that could not be had in time
    Lsn end_of_log = 0;                // every commit shown is before it
  };

  Session& session();
  void forget_tables();
  LogIdentity identity_now(Session& sql);
  View begin_view(Session& sql);
  TableState& state_of(Session& sql, std::size_t table);
  adapter::SnapshotChunk last_chunk(Session& sql, TableState& state, const Bytes& cursor, std::size_t columns);

  adapter::SourceSpec spec_;
  LogReader log_;
  std::vector<TableState> tables_;
  TablesLook look_;
  std::unique_ptr<Session> session_;
  std::optional<LogIdentity> identity_;
};

Session& PostgresqlSource::session() {
  if (!session_ || session_->is_broken()) {
    session_.reset();
    identity_.reset();
    session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
    forget_tables();
  }
  return *session_;
}

void PostgresqlSource::forget_tables() {
  for (auto& table : tables_) {
    table.reader.reset();
    table.digests.reset();
  }
}

std::vector<adapter::TableInfo> PostgresqlSource::look(const std::vector<std::size_t>& tables, bool count) {
  TablesLook::Seen seen = look_.look(session(), tables, count);
  if (seen.is_new) forget_tables();
  for (std::size_t i = 0; i < tables.size(); ++i) log_.looked(tables[i], seen.types[i]);
  return std::move(seen.tables);
}

// Cannot change while a session lasts: a server that is restored, replaced or restarted ends it.
LogIdentity PostgresqlSource::identity_now(Session& sql) {
  if (identity_) return *identity_;
  const Result found = sql.run(
      "SELECT system_identifier, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint"
      " FROM pg_control_system()",
      "asking who the server is");
  LogIdentity identity;
  identity.system = static_cast<std::uint64_t>(found.integer(0, 0));
  identity.timeline = static_cast<std::uint32_t>(found.integer(0, 1));
  identity.server_start = server_start(sql);
  identity_ = identity;
  return identity;
}

SourcePosition PostgresqlSource::present() {
  Session& sql = session();
  if (spec_.mode == adapter::CaptureMode::log) log_.ensure_slot(sql);
  LogPosition position;
  position.identity = identity_now(sql);
  if (spec_.mode == adapter::CaptureMode::log) position.identity.published = log_.published(sql);
  // Commits in the log before this place are passed over by a stream that begins here. They may be invisible to other
  // sessions still; the stream notes each one it passes over, and read_snapshot() waits for them (P29).
  const Result now = sql.run("SELECT pg_current_wal_flush_lsn()", "asking for the end of the log");
  position.place = {lsn_of(now.view(0, 0)), 0};
  return encode(position);
}

adapter::Changes PostgresqlSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                                const adapter::ReadLimits& limits, Micros wait) {
  if (spec_.mode == adapter::CaptureMode::log) return log_.read(session(), after, high_water, limits, wait);
  adapter::Changes nothing;
  nothing.position = after;
  return nothing;
}

void PostgresqlSource::forget(const SourcePosition& position) {
  const auto place = decode(position);
  if (place) log_.forget(*place);
}

void PostgresqlSource::beat(const std::string& text) {
  if (spec_.canary.empty()) return Source::beat(text);
  write_beat(spec_, text);
}

// A chunk must not be older than what was given out as changes, or it would put old values over new ones (R4.4).
// While a stream is open, the chunk's place is how far changes were given out, and its snapshot must see every one of
// those transactions. The end of the log would not do: a commit may be in the log, and soon in the stream, that this
// snapshot does not see yet (P29). Without a stream, the place is the durable
// end of the log, and the snapshot, taken later, must see the end of every transaction that was writing then.
PostgresqlSource::View PostgresqlSource::begin_view(Session& sql) {
  const auto given = log_.given();
  View view;
  for (int attempt = 0; attempt < visibility_attempts; ++attempt) {
    LogPosition place;
    std::vector<std::uint32_t> writing;
    if (!given) {
      place.identity = identity_now(sql);
      place.place = {lsn_of(sql.run("SELECT pg_current_wal_flush_lsn()", "asking for the end of the log").view(0, 0)),
                     0};
      writing = writing_transactions(sql);
    }
    // The first statement's snapshot is the transaction's; the log's end is read after it was taken.
    const Result now = sql.run(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
        " SELECT pg_current_snapshot(), pg_current_wal_insert_lsn()",
        "beginning a snapshot");
    const Visibility snapshot(now.view(0, 0));
    view.end_of_log = lsn_of(now.view(0, 1));
    const bool is_fresh =
        given ? log_.all_visible(snapshot)
              : std::all_of(writing.begin(), writing.end(), [&](std::uint32_t xid) { return snapshot.sees(xid); });
    if (is_fresh || spec_.mode == adapter::CaptureMode::snapshot_only) {
      view.fresh = given ? *given : place;
      return view;
    }
    sql.run("ROLLBACK; SELECT pg_sleep(0.025)", "waiting for commits to become visible");
  }
  sql.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "beginning a snapshot");
  return view;
}

PostgresqlSource::TableState& PostgresqlSource::state_of(Session& sql, std::size_t table) {
  QZ_ASSERT(table < tables_.size());
  TableState& state = tables_[table];
  if (!state.reader) {
    const adapter::SourceTable& wanted = spec_.tables[table];
    const CatalogTable found = require_table(sql, wanted.table, wanted.columns);
    std::string digest;
    if (spec_.mode == adapter::CaptureMode::snapshot_only) {
      digest = digest_expression(sql, found, wanted.columns);
      state.digests.emplace(found, wanted, digest);
    }
    state.reader.emplace(found, wanted.columns, wanted.key, "", digest);
  }
  return state;
}

adapter::SnapshotChunk PostgresqlSource::read_snapshot(std::size_t table, const Bytes& cursor,
                                                       const adapter::ReadLimits& limits) {
  // One session from end to end: another would read outside the view, and would have no reader.
  Session& sql = session();
  TableState& state = state_of(sql, table);
  const std::size_t columns = spec_.tables[table].columns.size();
  if (state.ended && state.last_cursor == cursor) return last_chunk(sql, state, cursor, columns);
  const View view = begin_view(sql);
  adapter::SnapshotChunk chunk;
  chunk.cursor = cursor;
  if (!view.fresh) {  // no position: before every checkpoint, so it is read again
    chunk.columns.resize(columns);
    sql.run("ROLLBACK", "ending a snapshot");
    return chunk;
  }
  KeysetPage page = state.reader->read(sql, cursor, limits);
  sql.run("COMMIT", "ending a snapshot");
  state.last_cursor = page.cursor;
  state.ended = page.exhausted;
  state.end_of_log = view.end_of_log;
  if (page.rows == 0) return last_chunk(sql, state, cursor, columns);
  chunk.columns = std::move(page.columns);
  chunk.digest = std::move(page.digest);
  chunk.cursor = page.cursor;
  LogPosition position = *view.fresh;
  position.identity.server_start = identity_now(sql).server_start;
  chunk.position = encode(position);
  return chunk;
}

// Each of these is one statement with a snapshot of its own; who compares needs no place in the log.
adapter::SnapshotChunk PostgresqlSource::read_digests(std::size_t table, const Bytes& cursor,
                                                      const adapter::ReadLimits& limits) {
  Session& sql = session();
  TableState& state = state_of(sql, table);
  if (!state.digests) return read_snapshot(table, cursor, limits);
  return state.digests->read(sql, cursor, limits);
}

adapter::SnapshotChunk PostgresqlSource::read_keys(std::size_t table, const std::vector<Column>& keys,
                                                   const adapter::ReadLimits& limits) {
  Session& sql = session();
  TableState& state = state_of(sql, table);
  if (!state.digests)
    throw Error(ErrorKind::misuse, "QZ-ADP-010", "keys are asked for of a source that is not compared");
  return state.digests->read_keys(sql, keys, limits);
}

// The last chunk holds no rows, so it cannot be older than anything. Its place is the end of the log when the last
// page's snapshot was taken: when the checkpoint has reached it, the stream has given out all that any page showed, as
// R4.5 wants. Commits without waiting for the disk are visible before they are durable, hence insert position, and
// the wait until that is durable: a server that crashed in between would make us look ahead of it.
adapter::SnapshotChunk PostgresqlSource::last_chunk(Session& sql, TableState& state, const Bytes& cursor,
                                                    std::size_t columns) {
  adapter::SnapshotChunk chunk;
  chunk.columns.resize(columns);
  chunk.cursor = cursor;
  // At a page's start the insert position is behind the page header, the durable end before it.
  const Lsn in_page = state.end_of_log % log_page;
  const Lsn wanted = in_page <= 40 ? state.end_of_log - in_page : state.end_of_log;
  for (int attempt = 0; attempt < visibility_attempts; ++attempt) {
    const Result now = sql.run("SELECT pg_current_wal_flush_lsn()", "asking for the end of the log");
    if (lsn_of(now.view(0, 0)) >= wanted) {
      LogPosition position;
      position.identity = identity_now(sql);
      position.place = {wanted, 0};
      if (const auto given = log_.given(); given && given->place > position.place) {
        position = *given;
        position.identity.server_start = identity_now(sql).server_start;
      }
      chunk.position = encode(position);
      chunk.done = true;
      state.ended = false;
      return chunk;
    }
    sql.run("SELECT pg_sleep(0.025)", "waiting for the log to become durable");
  }
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Source> make_source(const adapter::SourceSpec& spec, const Clock& clock) {
  if (spec.mode == adapter::CaptureMode::journal)
    return make_journal_source(spec, clock, std::make_shared<adapter::SystemWaiter>());
  if (spec.mode == adapter::CaptureMode::watermark)
    return make_watermark_source(spec, clock, std::make_shared<adapter::SystemWaiter>());
  return std::make_unique<PostgresqlSource>(spec, clock);
}

}  // namespace qianzhi::postgresql
