// A throw-away PostgreSQL cluster for tests: its own directory, a Unix socket and no TCP port; stopped and removed at
// the end. Works for root (the server then runs as user postgres, because it refuses root) and for everybody else.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace qianzhi::test {

class PostgresServer {
 public:
  // settings: further lines of postgresql.conf. Throws std::runtime_error with the server's words if it does not start.
  explicit PostgresServer(const std::vector<std::string>& settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // "host=... port=... user=postgres dbname=..."
  std::string dsn(const std::string& database = "postgres", const std::string& user = "postgres") const;
  std::filesystem::path data() const { return directory_ / "data"; }

  void start();
  void stop();
  // As a crash: no checkpoint, recovery at the next start.
  void crash();
  // SIGKILL to the postmaster and everything it started, as when the machine stops. Returns once all are gone.
  void kill();
  // Starts it if it ended by itself, as after its startup process was killed.
  void revive();
  // The postmaster's processes: backends, walsenders, helpers.
  std::vector<pid_t> backends() const;
  // Copies of the data directory of a stopped server.
  void save_copy(const std::string& name);
  void restore_copy(const std::string& name);

 private:
  pid_t postmaster() const;  // 0: there is none
  void run(const std::vector<std::string>& command) const;
  TempDir directory_;
  bool running_ = false;
};

// Runs a program to its end, as the account PostgreSQL programs want, in `directory`. Output goes to `log`.
// Gives the exit status, or -1.
int run_unprivileged(const std::vector<std::string>& command, const std::filesystem::path& directory,
                     const std::filesystem::path& log);

// Where initdb, pg_ctl and pg_recvlogical are.
std::filesystem::path postgres_program(const std::string& name);

}  // namespace qianzhi::test
