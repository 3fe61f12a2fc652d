// A real MariaDB for the tests of adapters/mysql: one server a program, one database a test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/mysql_adapter.h"
#include "tests/support/mariadb_server.h"

struct st_mysql;

namespace qianzhi::test {

// The department's own connection.
class MariaSql {
 public:
  MariaSql(const MariadbServer& server, const std::string& database);
  // Runs a script; throws std::runtime_error with the server's words. Fields joined by '|', rows by newline.
  std::string run(const std::string& sql);

 private:
  static void finish(st_mysql* connection);
  std::unique_ptr<st_mysql, void (*)(st_mysql*)> connection_;
};

// Shared by the tests of a program that do not stop the server.
MariadbServer& shared_mariadb();

class MariaDatabase {
 public:
  explicit MariaDatabase(MariadbServer& server = shared_mariadb());
  ~MariaDatabase();
  MariaDatabase(const MariaDatabase&) = delete;
  MariaDatabase& operator=(const MariaDatabase&) = delete;

  MariaSql& sql();
  std::string run(const std::string& script) { return sql().run(script); }
  // As the command-line client: scripts with DELIMITER.
  void script(const std::string& text) { server_.run_script(text, name_); }
  adapter::Connection connection(const std::string& user = "root") const;
  const std::string& name() const { return name_; }
  void reconnect() { sql_.reset(); }
  MariadbServer& server() { return server_; }

 private:
  MariadbServer& server_;
  std::string name_;
  std::unique_ptr<MariaSql> sql_;
};

// A source of one table, read step by step. Rows as "+1|a|..." or "-1|~|..."; "~" unchanged, "NULL", "!text" invalid;
// old columns follow after " <".
class MariaReader {
 public:
  MariaReader(MariaDatabase& database, adapter::SourceSpec spec);
  // Reads until the end of the log, or as many chunks as come at once.
  std::vector<std::string> take(const adapter::ReadLimits& limits = {});
  void reopen();
  adapter::Source& source() { return *source_; }
  std::vector<std::string> snapshot(std::size_t table = 0, const adapter::ReadLimits& limits = {});
  const SourcePosition& position() const { return position_; }
  void go_to(SourcePosition position) { position_ = std::move(position); }
  std::vector<adapter::TableEvent> events;
  adapter::Continuity continuity = adapter::Continuity::good;
  std::string reason;

 private:
  SystemClock clock_;
  std::unique_ptr<adapter::Adapter> adapter_;
  adapter::SourceSpec spec_;
  std::unique_ptr<adapter::Source> source_;
  SourcePosition position_;
};

adapter::SourceSpec maria_spec(const MariaDatabase& database, const std::string& table,
                               const std::vector<std::string>& columns, const std::vector<std::string>& old = {},
                               adapter::CaptureMode mode = adapter::CaptureMode::log);

}  // namespace qianzhi::test
