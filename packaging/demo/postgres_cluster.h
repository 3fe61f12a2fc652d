// A throw-away PostgreSQL cluster: its own directory, a Unix socket in it and no TCP port. Settings are durable, as a
// department's server has them. For root the server runs as user postgres, because it refuses root.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/process.h"

namespace qianzhi::demo {

class PostgresCluster {
 public:
  // Makes and starts it in `directory`, which must not exist. Whether it answers already is for the caller to wait for.
  // Throws Error(misuse, QZ-DEM-001) if PostgreSQL is not installed or refuses.
  explicit PostgresCluster(std::filesystem::path directory);

  // libpq settings for a role and a database of it.
  std::string dsn(const std::string& database, const std::string& role) const;
  bool answers();
  Process& process() { return *process_; }

 private:
  std::filesystem::path directory_;
  std::unique_ptr<Process> process_;
};

}  // namespace qianzhi::demo
