// A throw-away MariaDB server: its own directory, a Unix socket in it and no TCP port, with the log that capture needs.
// For root the server runs as user mysql, or nobody where there is none, because it refuses root.
#pragma once

#include <filesystem>
#include <memory>

#include "packaging/demo/process.h"

namespace qianzhi::demo {

class MariadbServer {
 public:
  // Makes and starts it in `directory`, which must not exist. Whether it answers already is for the caller to wait for.
  // Throws Error(misuse, QZ-DEM-001) if MariaDB is not installed or refuses.
  explicit MariadbServer(std::filesystem::path directory);

  std::filesystem::path socket() const { return directory_ / "socket"; }
  bool answers();
  Process& process() { return *process_; }

 private:
  std::filesystem::path directory_;
  std::unique_ptr<Process> process_;
};

}  // namespace qianzhi::demo
