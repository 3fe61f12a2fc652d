// The tables of a source as the catalogue shows them now, looked at before each read, so that rows of a new shape are
// never read by an old description (pitfall 28).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/catalog.h"

namespace qianzhi::mysql {

class TableShapes {
 public:
  // spec must outlive it. The watermark, where there is one, counts as a listed column.
  explicit TableShapes(const adapter::SourceSpec& spec) : spec_(spec), tables_(spec.tables.size()) {}

  // One statement a table, and some more for one that changed. Returns schema_changed for each table that is gone,
  // lacks a listed column, or has one of a type that is not supported. changed: a table is another one than before.
  std::vector<adapter::TableEvent> look(Session& session, std::vector<bool>& changed);
  // Nothing is remembered of another connection.
  void forget_all();

  // As of the last look; nothing: its rows cannot be read.
  const std::optional<CatalogTable>& found(std::size_t table) const { return tables_[table].found; }

 private:
  struct Table {
    std::string shape;
    std::optional<CatalogTable> found;
  };
  std::string problem_of(std::size_t table) const;

  const adapter::SourceSpec& spec_;
  std::vector<Table> tables_;
};

}  // namespace qianzhi::mysql
