// A SQLite file that answers questions: one prepared statement, run for each question. Opens read-only in effect.
#pragma once

#include <memory>

#include "adapters/api/lookup.h"
#include "adapters/sqlite/value.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

// clock must outlive it.
std::unique_ptr<Lookup> make_lookup(const LookupSpec& spec, const Clock& clock);

// A statement as it is run: parameters 1 to the statement's count, then the most rows.
struct LookupSql {
  std::string text;
  std::vector<ItemType> types;       // of the parameters
  std::vector<std::size_t> columns;  // places of the statement's columns in the result
  std::vector<Form> forms;           // likewise
  std::vector<std::string> natives;  // likewise: declared types, as far as they are known
};

// Throws Error(misuse, QZ-ADP-011) if a table or column is missing, QZ-ADP-061 if it would write, QZ-ADP-065 if it
// cannot be prepared.
LookupSql lookup_sql(sqlite::Database& database, const LookupStatement& statement);

// lookup_preflight.cpp
std::vector<Finding> check_lookup(sqlite::Database& database, const LookupSpec& spec);

}  // namespace qianzhi::adapter::lite
