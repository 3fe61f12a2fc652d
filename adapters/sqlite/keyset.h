// One page of a table in key order.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/sqlite/value.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

struct Page {
  std::string table;
  std::vector<std::string> columns;
  std::vector<Form> forms;  // one a column
  std::vector<std::string> key;
  std::string condition;  // SQL, empty for none
};

// Rows after the cursor, which is the literals of the last row's key; in the caller's transaction.
SnapshotChunk read_page(sqlite::Database& database, const Page& page, const Bytes& cursor, const ReadLimits& limits);

}  // namespace qianzhi::adapter::lite
