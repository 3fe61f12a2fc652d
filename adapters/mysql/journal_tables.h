// The tables of a journal's source as they are now: whether capture of each still holds, and their rows by key.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/catalog.h"
#include "adapters/mysql/journal.h"
#include "adapters/mysql/keyset.h"
#include "adapters/mysql/statement.h"

namespace qianzhi::mysql {

class JournalTables {
 public:
  // Both must outlive it.
  JournalTables(const adapter::SourceSpec& spec, Charsets& charsets);

  // Looks at every table in the caller's snapshot. Returns one event for each whose capture does not hold now.
  std::vector<adapter::TableEvent> look(Session& session);
  // Nothing is remembered of another connection.
  void forget_all();

  bool is_readable(std::size_t table) const { return tables_[table].found.has_value(); }

  // Appends the present row of an entry's key to `columns`. False: there is none, nothing was appended.
  bool append_row(Session& session, std::size_t table, const JournalEntry& entry, std::vector<Column>& columns);
  // One value of a key or of old columns, as the journal holds it.
  void append(std::size_t table, const std::string& column, const JournalValue& value, Column& values);

 private:
  struct Table {
    std::string shape;
    std::optional<CatalogTable> found;  // nothing: it, or a listed column, is missing or cannot be read
    std::unique_ptr<Statement> by_key;
  };

  std::optional<adapter::TableEvent> judge(Session& session, std::size_t table,
                                           const std::map<std::string, std::string>& triggers);
  std::string problem_of(const CatalogTable& table, const adapter::SourceTable& wanted) const;
  Statement& statement(Session& session, std::size_t table);

  const adapter::SourceSpec& spec_;
  Charsets& charsets_;
  std::vector<Table> tables_;
  std::map<std::string, std::string> wanted_;  // trigger: digest of its body
};

}  // namespace qianzhi::mysql
