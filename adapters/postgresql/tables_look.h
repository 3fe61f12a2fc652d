// Source::look() for every way of capture: the catalogue's description of the tables, asked for anew only where it
// changed.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/values.h"

namespace qianzhi::postgresql {

class TablesLook {
 public:
  // spec must outlive it.
  explicit TablesLook(const adapter::SourceSpec& spec) : spec_(spec), tables_(spec.tables.size()) {}

  struct Seen {
    std::vector<adapter::TableInfo> tables;
    std::vector<std::vector<Oid>> types;  // of SourceTable::columns; 0: not there
    bool is_new = false;  // at least one is not as it was at the last look: what was prepared for it is void
  };
  // One statement, and four more for a table that changed. count: rows as the planner would estimate them, from the
  // table's present size.
  Seen look(Session& session, const std::vector<std::size_t>& tables, bool count);

 private:
  struct Table {
    std::string shape;
    adapter::TableInfo info;
    std::vector<Oid> types;
  };

  const adapter::SourceSpec& spec_;
  std::vector<Table> tables_;
};

}  // namespace qianzhi::postgresql
