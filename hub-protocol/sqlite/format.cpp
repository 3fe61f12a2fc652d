#include "hub-protocol/sqlite/format.h"

#include <sqlite3.h>

#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::sqlite {

void refuse_newer(const std::filesystem::path& file, std::int64_t newest) {
  std::error_code failure;
  if (std::filesystem::file_size(file, failure) == 0 || failure) return;
  OpenOptions options;
  options.access = Access::read_only;
  options.own_store = false;
  Database database(file, options);
  // Else the last one to close a file moves its log into it.
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  const std::int64_t found = database.scalar("PRAGMA user_version").value_or(0);
  if (found > newest)
    throw Error(ErrorKind::misuse, "QZ-PKG-001",
                file.string() + ": format " + std::to_string(found) + ", known up to " + std::to_string(newest));
}

}  // namespace qianzhi::sqlite
