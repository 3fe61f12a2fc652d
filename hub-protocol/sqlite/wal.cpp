#include "hub-protocol/sqlite/wal.h"

#include <sqlite3.h>

#include <algorithm>
#include <string>

namespace qianzhi::sqlite {

namespace {

constexpr sqlite3_int64 piece = 1 << 16;  // more than 128 KiB at once is cut short by the file layer

int rewrite(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  int result = file->pMethods->xFileSize(file, &size);
  std::string octets;
  for (sqlite3_int64 at = 0; at < size && result == SQLITE_OK; at += piece) {
    octets.resize(static_cast<std::size_t>(std::min(piece, size - at)));
    result = file->pMethods->xRead(file, octets.data(), static_cast<int>(octets.size()), at);
    if (result == SQLITE_OK) result = file->pMethods->xWrite(file, octets.data(), static_cast<int>(octets.size()), at);
  }
  if (result == SQLITE_OK && size > 0) result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  return result;
}

}  // namespace

int renew_wal(sqlite3* handle) {
  // The lock of the writer: nobody appends to the log or begins it anew meanwhile.
  int result = sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  if ((result & 0xff) == SQLITE_BUSY) return SQLITE_OK;
  if (result != SQLITE_OK) return result;
  sqlite3_file* log = nullptr;
  result = sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (result == SQLITE_OK && log != nullptr && log->pMethods != nullptr) result = rewrite(log);
  const int ended = sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
  return result != SQLITE_OK ? result : ended;
}

}  // namespace qianzhi::sqlite
