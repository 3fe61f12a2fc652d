// Turns rows of the binary log into TableChanges. Knows which of the logged tables are ours.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/binlog_rows.h"
#include "adapters/mysql/catalog.h"
#include "adapters/mysql/charset.h"

namespace qianzhi::mysql {

// How the columns of a logged table feed one table of ours.
struct Feed {
  std::size_t table = 0;
  std::vector<std::size_t> columns;      // logged column of each column
  std::vector<std::size_t> old_columns;  // of each old column
  std::vector<std::size_t> key;          // of each key column
  std::vector<bool> is_key;              // by column
  std::vector<Form> forms;               // by logged column
  std::string problem;                   // why its rows cannot be read; empty: they can
};

class LogChanges {
 public:
  // names[i]: schema and name of tables[i]. Two entries may name one table. All must outlive it.
  LogChanges(const std::vector<adapter::SourceTable>& tables, Charsets& charsets);

  void set_names(std::vector<std::pair<std::string, std::string>> names) { names_ = std::move(names); }
  // What the catalogue says of tables[i] now, for types that the log does not tell apart; nothing: unknown.
  void set_catalog(std::size_t table, std::optional<CatalogTable> found) { catalog_[table] = std::move(found); }
  const std::optional<CatalogTable>& catalog(std::size_t table) const { return catalog_[table]; }

  // By name, in any case of letters, as a server may keep them.
  bool is_ours(const LoggedTable& logged) const;
  std::vector<Feed> feeds_of(const LoggedTable& logged) const;
  const std::pair<std::string, std::string>& name_of(std::size_t table) const { return names_[table]; }

  // Appends the cursor's present row. False: an image lacks a column that is needed, nothing was appended.
  bool append(const Feed& feed, const LoggedTable& logged, const RowsCursor& row, const adapter::ChangeMeta& meta);

  std::size_t rows() const { return rows_; }
  std::size_t octets() const { return octets_; }
  // What was appended since the last call.
  std::vector<adapter::TableChanges> take();

 private:
  adapter::TableChanges& changes_of(std::size_t table);
  void append_value(const Feed& feed, const LoggedTable& logged, std::size_t column, const RowImage& image,
                    Column& values);
  void append_remove(const Feed& feed, const LoggedTable& logged, const RowImage& before, adapter::ChangeMeta meta);
  void append_upsert(const Feed& feed, const LoggedTable& logged, const RowImage& after, const RowImage* before,
                     const adapter::ChangeMeta& meta);

  const std::vector<adapter::SourceTable>& tables_;
  Charsets& charsets_;
  std::vector<std::pair<std::string, std::string>> names_;
  std::vector<std::optional<CatalogTable>> catalog_;
  std::vector<std::size_t> slot_;  // by table: place in changes_ + 1; 0: none
  std::vector<adapter::TableChanges> changes_;
  std::size_t rows_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace qianzhi::mysql
