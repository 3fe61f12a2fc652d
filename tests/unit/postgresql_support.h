// A real PostgreSQL for the tests of adapters/postgresql: one server a program, one database a test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/postgresql_adapter.h"
#include "tests/support/postgres_server.h"

struct pg_conn;

namespace qianzhi::test {

// The department's own connection.
class Sql {
 public:
  explicit Sql(const std::string& dsn);
  // Runs it; throws std::runtime_error with the server's words. Gives the first column of the first row, or "".
  std::string run(const std::string& sql);
  // All rows, fields joined by '|', rows by newline.
  std::string rows(const std::string& sql);
  // Begins a statement and does not wait for it.
  void send(const std::string& sql);
  pg_conn* handle() const { return connection_.get(); }

 private:
  static void finish(pg_conn* connection);
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> connection_;
};

// Shared by the tests of a program that do not stop the server.
PostgresServer& shared_server();

class PostgresDatabase {
 public:
  explicit PostgresDatabase(PostgresServer& server = shared_server());
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  Sql& sql();
  std::string dsn() const { return server_.dsn(name_); }
  adapter::Connection connection() const { return {{{"dsn", dsn()}}, {}}; }
  const std::string& name() const { return name_; }
  // After the server was stopped and started.
  void reconnect();

 private:
  PostgresServer& server_;
  std::string name_;
  std::unique_ptr<Sql> sql_;
};

// Table firm (id bigint primary key, name text, area text, amount numeric(12,2)) and what `plan` prints for it.
struct FirmSource {
  explicit FirmSource(PostgresDatabase& database, const std::string& table_options = "");
  std::unique_ptr<adapter::Source> open() const;
  // Slot and publication.
  std::string own_name() const { return "qianzhi_" + spec.name; }

  SystemClock clock;
  std::unique_ptr<adapter::Adapter> adapter;
  adapter::SourceSpec spec;
};

constexpr Micros patience = 5'000'000;  // as a limit only: nothing waits that long when all is well

// What a reader has taken so far. Each row as "+id|name|..." or "-id"; unchanged is "~", null is "NULL",
// invalid "!text"; the old columns follow after " <".
class Reader {
 public:
  Reader(std::unique_ptr<adapter::Source> source, SourcePosition after);
  // Reads until `count` more rows came, or an event, or continuity is not good, or patience ends.
  std::vector<std::string> take(std::size_t count, const adapter::ReadLimits& limits = {});
  // Reads until the position is at least `place`.
  void reach(const SourcePosition& place);
  // One call.
  adapter::Changes once(Micros wait = 0, const adapter::ReadLimits& limits = {});
  void forget() { source_->forget(position_); }

  adapter::Source& source() { return *source_; }
  const SourcePosition& position() const { return position_; }
  void go_to(SourcePosition position) { position_ = std::move(position); }
  const std::vector<adapter::TableEvent>& events() const { return events_; }
  adapter::Continuity continuity() const { return continuity_; }
  const std::string& reason() const { return reason_; }
  SourcePosition high_water;

 private:
  std::unique_ptr<adapter::Source> source_;
  SourcePosition position_;
  std::vector<adapter::TableEvent> events_;
  adapter::Continuity continuity_ = adapter::Continuity::good;
  std::string reason_;
};

std::vector<std::string> texts_of(const adapter::Changes& changes);
// "id|name|..." of every row of a chunk.
std::vector<std::string> texts_of(const std::vector<Column>& columns);
// Every row of the table, chunk by chunk; the position of the last chunk in `place`.
std::vector<std::string> snapshot_of(adapter::Source& source, std::size_t table, const adapter::ReadLimits& limits = {},
                                     SourcePosition* place = nullptr);

}  // namespace qianzhi::test
