// The tables of a journal's source as they are now: whether capture of each still holds, and their rows by key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/odbc/journal.h"
#include "adapters/odbc/keyset.h"

namespace qianzhi::odbc {

class JournalTables {
 public:
  // spec must outlive it.
  JournalTables(const Dialect& dialect, const adapter::SourceSpec& spec);

  // Looks at every table in the caller's snapshot. Returns one event for each whose capture does not hold now.
  std::vector<adapter::TableEvent> look(Session& session);
  // Nothing is remembered of another connection.
  void forget_all();

  bool is_readable(std::size_t table) const { return tables_[table].reader.has_value(); }
  // Throws Error(misuse, QZ-ADP-011) if the table or a listed column is missing.
  KeysetReader& require(Session& session, std::size_t table);

  // The present row with the key of the entry: values as SourceTable::columns, or nothing.
  std::optional<std::vector<Column>> read(Session& session, std::size_t table, const JournalEntry& entry);
  // One value of a key or of old columns, as the journal holds it.
  void append(std::size_t table, const std::string& column, const std::optional<std::string>& text,
              Column& values) const;

 private:
  struct Table {
    std::optional<CatalogTable> found;  // nothing: it or a listed column is missing
    std::optional<KeysetReader> reader;
  };

  std::optional<adapter::TableEvent> judge(Session& session, std::size_t table);

  const Dialect& dialect_;
  const adapter::SourceSpec& spec_;
  std::vector<Table> tables_;
};

// Kinds of the triggers that a table must have: letters of trigger_name().
std::string trigger_kinds(const Dialect& dialect);

}  // namespace qianzhi::odbc
