// The statements that bring a set of rows into a received table. Each reads its rows from one relation `x` with the
// columns c0.. (TargetTable columns by index, typed as the table's), g (group), m (which of c0.. are part of a partial
// change: '1' or '0' each) and o (ordinal); either arrays bound to the statement or a staging table.
// Parameters of every statement: $1 origin, $2 seen tag or '', $3 epoch, $4 sequence, as text; then the arrays.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/catalog.h"

namespace qianzhi::postgresql {

class MergeSql {
 public:
  // indexes: the columns a RowsStep brings, as there. The table must have every column of `table`.
  MergeSql(const adapter::TargetTable& table, const CatalogTable& found, std::vector<std::size_t> indexes);

  // Rows bound as text arrays, one a column, then g, m, o.
  std::string arrays() const;
  // The temporary table, and the statement that makes it if it is not there. It empties itself at commit.
  std::string staging() const { return stage_; }
  std::string create_staging() const;

  // COPY straight into the table: the columns a step brings, then origin, group and seen tag. Fails for a key that is
  // there.
  std::string copy_new() const;
  // Whether a key is there; parameters: its values as text, in the order of key().
  std::string has_key() const;

  // x: arrays() or staging().
  std::string upsert(const std::string& x) const;
  std::string update_partial(const std::string& x) const;
  std::string count_foreign(const std::string& x) const;  // rows of x whose key another origin owns
  std::string remove(const std::string& x) const;
  std::string remove_moved(const std::string& x) const;  // withheld rows that left their group
  std::string touch(const std::string& x) const;         // only the seen tag
  std::string append_history(const std::string& x) const;
  std::string append_removal(const std::string& x) const;

  const std::vector<std::size_t>& indexes() const { return indexes_; }
  bool is_bytes(std::size_t column) const { return bytes_[column]; }  // place in indexes
  const std::vector<std::size_t>& key() const { return key_; }        // places in indexes

 private:
  std::string cast_list(bool with_cast) const;
  std::string same_key() const;
  std::string seen() const;

  std::string table_;
  std::string history_;
  std::string stage_;
  std::vector<std::size_t> indexes_;
  std::vector<std::string> names_;  // quoted, by place
  std::vector<std::string> types_;  // for the staging table: its input refuses what does not fit
  std::vector<std::string> casts_;  // for arrays: the table itself refuses what does not fit
  std::vector<bool> bytes_;
  std::vector<std::size_t> key_;
  std::vector<bool> is_key_;
  bool soft_ = false;
};

}  // namespace qianzhi::postgresql
