// Received tables to CSV files. Which files are behind their tables is kept in the database with the rows, so that a
// crash forgets none. A table has no file before a refill of it has ended: half a table looks like a whole one.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/settings.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::files {

class Exporter {
 public:
  // Creates what is missing in the database, which must hold the received tables. spec must outlive it.
  Exporter(const TargetSpec& spec, const std::filesystem::path& database);

  // Around the commit of the end of a refill, whose batch has this digest.
  void refill_ends(std::size_t table, const std::string& digest);
  void refill_ended(std::size_t table);

  // Tables (in TargetSpec::tables) that changed since they were claimed the last time: their files are to be written
  // from what the database holds from now on.
  std::vector<std::size_t> claim();
  // Its file was written after the last claim.
  void settle(std::size_t table);

 private:
  const TargetSpec& spec_;
  sqlite::Database database_;
};

// Writes the file of one table, from one state of the database, which may be open for reading only. Throws
// Error(unavailable, QZ-FIL-016); the former file is then still there.
void write_file(sqlite::Database& database, const TargetSettings& settings, const TargetTable& table);

}  // namespace qianzhi::adapter::files
