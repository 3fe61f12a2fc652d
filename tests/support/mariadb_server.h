// A throw-away MariaDB server for tests: its own directory, a Unix socket and a free port on 127.0.0.1; it ends with
// the object and with the process that made it. Works for root (the server then runs as user mysql or nobody, because
// it refuses root) and for everybody else. User root has no password and may come through the socket and from
// 127.0.0.1. The binary log is on, as the adapter wants it: ROW, FULL image, FULL metadata, server_id 1.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace qianzhi::test {

class MariadbServer {
 public:
  // settings: further lines of the option group [mariadbd]; the last of two wins. Throws std::runtime_error with the
  // server's words if it does not start.
  explicit MariadbServer(const std::vector<std::string>& settings = {});
  ~MariadbServer();
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  std::filesystem::path socket() const { return directory_ / "s"; }
  std::uint16_t port() const { return port_; }
  std::filesystem::path data() const { return directory_ / "data"; }
  const std::filesystem::path& directory() const { return directory_.path(); }
  pid_t process() const { return process_; }  // 0: it does not run

  // Returns once it takes connections.
  void start();
  // Shuts down as systemd would.
  void stop();
  // SIGKILL: no shutdown, recovery at the next start.
  void crash();
  // By the command-line client, as a DBA runs it: DELIMITER is understood. Throws std::runtime_error with its words.
  void run_script(const std::string& sql, const std::string& database) const;
  // Copies of the data directory of a stopped server, the binary log with it.
  void save_copy(const std::string& name);
  void restore_copy(const std::string& name);

 private:
  void write_settings(const std::vector<std::string>& settings) const;
  void run(const std::vector<std::string>& command) const;
  void end(int signal);

  TempDir directory_;
  std::uint16_t port_ = 0;
  pid_t process_ = 0;
};

}  // namespace qianzhi::test
