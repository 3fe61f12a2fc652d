#include "tests/unit/postgresql_support.h"

#include <libpq-fe.h>

#include <atomic>
#include <stdexcept>

namespace qianzhi::test {

namespace {

std::string field(const Column& column, std::size_t row) {
  switch (column.presence(row)) {
    case Presence::value: return std::string(column.text(row));
    case Presence::null: return "NULL";
    case Presence::unchanged: return "~";
    case Presence::invalid: return "!" + std::string(column.text(row));
  }
  return "?";
}

std::string joined(const std::vector<Column>& columns, std::size_t row) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : "|") + field(columns[i], row);
  return text;
}

}  // namespace

Sql::Sql(const std::string& dsn) : connection_(PQconnectdb(dsn.c_str()), &finish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  PQsetNoticeReceiver(
      connection_.get(), [](void*, const PGresult*) {}, nullptr);
}

void Sql::finish(pg_conn* connection) { PQfinish(connection); }

std::string Sql::run(const std::string& sql) {
  const std::string all = rows(sql);
  const std::string first = all.substr(0, all.find('\n'));
  return first.substr(0, first.find('|'));
}

std::string Sql::rows(const std::string& sql) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection_.get(), sql.c_str()),
                                                              [](PGresult* r) { PQclear(r); });
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  std::string text;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    if (row > 0) text += '\n';
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      if (column > 0) text += '|';
      text += PQgetisnull(result.get(), row, column) != 0 ? "NULL" : PQgetvalue(result.get(), row, column);
    }
  }
  return text;
}

void Sql::send(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) throw std::runtime_error(PQerrorMessage(connection_.get()));
}

PostgresServer& shared_server() {
  static PostgresServer server;
  return server;
}

PostgresDatabase::PostgresDatabase(PostgresServer& server) : server_(server) {
  static std::atomic<int> count = 0;
  name_ = "test" + std::to_string(++count);
  Sql(server_.dsn()).run("CREATE DATABASE " + name_);
}

PostgresDatabase::~PostgresDatabase() {
  sql_.reset();
  try {
    Sql admin(server_.dsn());
    admin.run("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE database = '" + name_ +
              "' AND active_pid IS NOT NULL");
    admin.run("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '" + name_ + "'");
    admin.run("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::runtime_error&) {
    // The server is stopped at the end of the test: its directory goes as a whole.
    sql_.reset();
  }
}

Sql& PostgresDatabase::sql() {
  if (!sql_) sql_ = std::make_unique<Sql>(dsn());
  return *sql_;
}

void PostgresDatabase::reconnect() { sql_.reset(); }

FirmSource::FirmSource(PostgresDatabase& database, const std::string& table_options)
    : adapter(adapter::make_postgresql_adapter(clock)) {
  database.sql().run("CREATE TABLE firm (id bigint PRIMARY KEY, name text, area text, amount numeric(12,2)); " +
                     table_options);
  spec.connection = database.connection();
  spec.name = database.name();
  spec.mode = adapter::CaptureMode::log;
  spec.tables.push_back({"firm", {"id", "name", "area", "amount"}, {"id"}, {}});
  database.sql().run(adapter->plan_source(spec).install);
}

std::unique_ptr<adapter::Source> FirmSource::open() const { return adapter->open_source(spec); }

Reader::Reader(std::unique_ptr<adapter::Source> source, SourcePosition after)
    : source_(std::move(source)), position_(std::move(after)) {}

adapter::Changes Reader::once(Micros wait, const adapter::ReadLimits& limits) {
  adapter::Changes changes = source_->read_changes(position_, high_water, limits, wait);
  continuity_ = changes.continuity;
  reason_ = changes.reason;
  if (continuity_ != adapter::Continuity::good) return changes;
  position_ = changes.position;
  events_.insert(events_.end(), changes.events.begin(), changes.events.end());
  return changes;
}

std::vector<std::string> Reader::take(std::size_t count, const adapter::ReadLimits& limits) {
  const SystemClock clock;
  const Micros deadline = clock.steady() + patience;
  const std::size_t events = events_.size();
  std::vector<std::string> rows;
  while (rows.size() < count && events_.size() == events && clock.steady() < deadline) {
    const auto more = texts_of(once(200'000, limits));
    if (continuity_ != adapter::Continuity::good) break;
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

void Reader::reach(const SourcePosition& place) {
  const SystemClock clock;
  const Micros deadline = clock.steady() + 4 * patience;
  while (position_.order < place.order && clock.steady() < deadline) once(100'000);
}

std::vector<std::string> texts_of(const adapter::Changes& changes) {
  std::vector<std::string> rows;
  for (const auto& table : changes.tables) {
    for (std::size_t row = 0; row < table.meta.size(); ++row) {
      std::string text = table.meta[row].operation == Operation::remove ? "-" : "+";
      text += joined(table.columns, row);
      if (!table.old.empty()) text += " <" + joined(table.old, row);
      rows.push_back(text);
    }
  }
  return rows;
}

std::vector<std::string> texts_of(const std::vector<Column>& columns) {
  std::vector<std::string> rows;
  const std::size_t count = columns.empty() ? 0 : columns[0].size();
  for (std::size_t row = 0; row < count; ++row) rows.push_back(joined(columns, row));
  return rows;
}

std::vector<std::string> snapshot_of(adapter::Source& source, std::size_t table, const adapter::ReadLimits& limits,
                                     SourcePosition* place) {
  std::vector<std::string> rows;
  Bytes cursor;
  for (int calls = 0; calls < 100'000; ++calls) {
    const adapter::SnapshotChunk chunk = source.read_snapshot(table, cursor, limits);
    const auto more = texts_of(chunk.columns);
    rows.insert(rows.end(), more.begin(), more.end());
    cursor = chunk.cursor;
    if (place != nullptr) *place = chunk.position;
    if (chunk.done) return rows;
  }
  throw std::runtime_error("the snapshot does not end");
}

}  // namespace qianzhi::test
