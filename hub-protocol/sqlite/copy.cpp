// Database::copy_into, by SQLite's online backup.
#include <sqlite3.h>

#include <memory>
#include <system_error>

#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::sqlite {

namespace {

constexpr int pages_at_once = 64;

using Backup = std::unique_ptr<sqlite3_backup, decltype(&sqlite3_backup_finish)>;

void copy_pages(sqlite3* from, sqlite3* to, const std::function<bool()>& go_on) {
  Backup backup(sqlite3_backup_init(to, "main", from, "main"), &sqlite3_backup_finish);
  int result = backup == nullptr ? sqlite3_errcode(to) : SQLITE_OK;
  while (result == SQLITE_OK) {
    if (!go_on()) throw Error(ErrorKind::unavailable, "QZ-SQL-006", "given up");
    result = sqlite3_backup_step(backup.get(), pages_at_once);
  }
  if (result == SQLITE_DONE) result = sqlite3_backup_finish(backup.release());
  if (result == SQLITE_OK) return;
  // The copy fails, the store that is copied does not: nothing here may be taken for damage of it.
  const ErrorKind kind = (result & 0xff) == SQLITE_FULL ? ErrorKind::full : ErrorKind::unavailable;
  throw Error(kind, "QZ-SQL-006", sqlite3_errstr(result));
}

}  // namespace

void Database::copy_into(const std::filesystem::path& file, const std::function<bool()>& go_on) {
  std::error_code ignored;
  try {
    OpenOptions options;
    options.own_store = false;
    Database to(file, options);
    scalar("SELECT count(*) FROM sqlite_schema");  // the state of a transaction is taken with its first read
    copy_pages(handle(), to.handle(), go_on);
  } catch (const Error& error) {
    std::filesystem::remove(file, ignored);
    if (error.code() == "QZ-SQL-006") throw;
    throw Error(ErrorKind::unavailable, "QZ-SQL-006", error.detail());
  }
}

}  // namespace qianzhi::sqlite
