// The tables of a journal's source as they are now: whether capture of each still holds, and their rows by key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/journal.h"

namespace qianzhi::postgresql {

class JournalTables {
 public:
  // spec must outlive it.
  explicit JournalTables(const adapter::SourceSpec& spec);

  // Looks at every table in the caller's snapshot. Returns one event for each whose capture does not hold now.
  std::vector<adapter::TableEvent> look(Session& session);
  // Nothing is remembered of another connection.
  void forget_all();

  bool is_readable(std::size_t table) const { return tables_[table].found.has_value(); }
  // Throws Error(misuse, QZ-ADP-011) if a listed column is missing.
  const CatalogTable& require(Session& session, std::size_t table);

  // Present rows with these keys: for each, its row in `columns`, or nothing. columns: as SourceTable::columns.
  struct Rows {
    std::vector<Column> columns;
    std::vector<std::optional<std::size_t>> row;
  };
  Rows read(Session& session, std::size_t table, const std::vector<const JournalEntry*>& entries) const;
  // One value of a key or of old columns, as the journal holds it.
  void append(std::size_t table, const std::string& column, const std::optional<std::string>& text,
              Column& values) const;

 private:
  struct Table {
    std::string shape;
    std::optional<CatalogTable> found;  // nothing: it or a listed column is missing
  };

  std::optional<adapter::TableEvent> judge(Session& session, std::size_t table, const Result& found, int row);

  const adapter::SourceSpec& spec_;
  std::vector<std::string> sources_;  // of the capture functions
  std::vector<Table> tables_;
};

}  // namespace qianzhi::postgresql
