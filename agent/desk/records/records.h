// Base records (企业基础信息库, and the same for persons): built whole from the received tables, and kept up with the
// rows that change. Both ways come to the same records, items and codes; the history tells what happened in between.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/data/change_file.h"
#include "agent/desk/records/config.h"
#include "agent/desk/records/full_build.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::records {

struct CatchUpReport {
  std::uint64_t changes = 0;  // taken off the tables of changes
  std::uint64_t pieces = 0;   // looked at
  std::uint64_t records = 0;  // built anew
};

class Records {
 public:
  // database: desk.db with the received files attached; config must outlive this.
  Records(sqlite::Database& database, const RecordsConfig& config, std::vector<ChangeFile> files);
  ~Records();

  // Everything anew, in transactions of a bounded number of rows. Broken off it begins again: needs_build() tells.
  BuildReport build(Micros now);
  // There is no complete build by this configuration.
  bool needs_build();
  // How many changes are taken at once: each may write half a dozen pages far apart, and a transaction is in the log
  // whole.
  static constexpr std::size_t changes_at_once = 2'000;
  // A change that cannot be told apart asks for a build again: needs_build().
  // At most `limit` changed rows of each table of changes (at least 1), in one transaction. No change: nothing written.
  // Throws Error(misuse, QZ-DSK-203) if it needs a build.
  CatchUpReport catch_up(Micros now, std::size_t limit);

  // A person says that a row without a code is of the firm that has this one: an organisation code or registration
  // number, sound. Throws Error(misuse, QZ-DSK-204) for another code, an unknown kind or source, or no name. Kept until
  // taken back with an empty code; the row's own codes win over it.
  void link(std::string_view kind, std::string_view source, std::string_view key, std::string_view code,
            std::string_view who, Micros now);

 private:
  struct Kind;
  void take(const ChangeFile& file, std::string_view source, std::string_view key);

  sqlite::Database& database_;
  const RecordsConfig& config_;
  std::vector<ChangeFile> files_;
  std::vector<std::unique_ptr<Kind>> kinds_;
};

}  // namespace qianzhi::desk::records
