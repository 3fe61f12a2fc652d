// The tables of a source as the catalogue shows them now, looked at before each read, so that rows of a new shape are
// never read by an old description (pitfall 28).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/catalog.h"

namespace qianzhi::postgresql {

class TableShapes {
 public:
  // spec must outlive it. The watermark, where there is one, counts as a listed column.
  explicit TableShapes(const adapter::SourceSpec& spec) : spec_(spec), tables_(spec.tables.size()) {}

  // In the caller's snapshot: one statement, and two more for a table that changed. Returns schema_changed for each
  // table that is gone or lacks a listed column.
  std::vector<adapter::TableEvent> look(Session& session);
  // Nothing is remembered of another connection.
  void forget_all();

  // As of the last look; nothing: gone, or a listed column is missing.
  const std::optional<CatalogTable>& found(std::size_t table) const { return tables_[table].found; }
  // Throws Error(misuse, QZ-ADP-011) if the table or a listed column is missing.
  const CatalogTable& require(Session& session, std::size_t table);

 private:
  struct Table {
    std::string shape;
    std::optional<CatalogTable> found;
  };
  std::vector<std::string> listed(std::size_t table) const;

  const adapter::SourceSpec& spec_;
  std::vector<Table> tables_;
};

}  // namespace qianzhi::postgresql
