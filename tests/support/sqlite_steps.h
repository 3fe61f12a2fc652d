// How much work SQLite did in this process, whoever owns the connection, by the same count on every machine.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>

namespace qianzhi::test {

// Counts the steps of every statement that ends on a connection opened from now on, until this goes. Only one lives at
// a time, and it outlives those connections. Source: sqlite3_auto_extension, sqlite3_trace_v2, sqlite3_stmt_status.
class SqliteSteps {
 public:
  SqliteSteps() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&SqliteSteps::watch)); }
  ~SqliteSteps() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&SqliteSteps::watch)); }
  SqliteSteps(const SqliteSteps&) = delete;
  SqliteSteps& operator=(const SqliteSteps&) = delete;

  std::int64_t taken() const { return steps_.load(); }

 private:
  static int watch(sqlite3* connection, char**, const void*) {
    return sqlite3_trace_v2(connection, SQLITE_TRACE_PROFILE, &SqliteSteps::ended, nullptr);
  }
  static int ended(unsigned, void*, void* statement, void*) {
    steps_ += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement), SQLITE_STMTSTATUS_VM_STEP, 1);
    return 0;
  }
  inline static std::atomic<std::int64_t> steps_ = 0;
};

}  // namespace qianzhi::test
