// How much work SQLite did on a connection, by the same count on every machine.
#pragma once

#include <cstdint>

#include "hub-protocol/sqlite/database.h"

namespace qianzhi::test {

// Steps of SQLite's machine in all statements that are kept prepared, since they were prepared. Needs the table
// sqlite_stmt, which Debian's SQLite has.
inline std::int64_t statement_steps(sqlite::Database& database) {
  return database.scalar("SELECT sum(nstep) FROM sqlite_stmt").value_or(0);
}

}  // namespace qianzhi::test
