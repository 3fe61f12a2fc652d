// Applies one RowsStep inside an open transaction: sets at a time, and when a row is refused, in halves down to the
// rows that are (pitfall 35). Rows are updated by their key and origin, and inserted if that finds none: a clash on
// another unique index is then an error and never an update of the wrong row (pitfall 34).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/catalog.h"
#include "adapters/mysql/failure.h"
#include "adapters/mysql/statement.h"

namespace qianzhi::mysql {

// Statements prepared on one connection, by their text.
using Prepared = std::map<std::string, std::unique_ptr<Statement>>;

class RowWriter {
 public:
  // All references must outlive it. Throws Error(misuse, QZ-MY-008) if step and table do not fit together.
  RowWriter(Session& session, Prepared& prepared, const adapter::TargetTable& table, const CatalogTable& found,
            const std::string& origin, const adapter::RowsStep& step);

  // Appends refused rows to result.rejections; they, and they alone, are undone.
  void apply(std::size_t index, adapter::ApplyResult& result);

 private:
  using RowNumbers = std::vector<std::size_t>;
  struct Counts {
    std::uint64_t upserted = 0;
    std::uint64_t removed = 0;
    std::uint64_t dropped = 0;
  };
  enum class Fixed { origin, seen, group };

  void apply_range(std::size_t begin, std::size_t end);
  std::optional<RowRefusal> try_range(std::size_t begin, std::size_t end, Counts& counts);
  std::optional<RowRefusal> try_run(Operation operation, const RowNumbers& rows, Counts& counts);
  std::optional<RowRefusal> try_upserts(const RowNumbers& rows, Counts& counts);
  std::optional<RowRefusal> upsert_each(const RowNumbers& rows, Counts& counts);
  std::optional<RowRefusal> try_partials(const RowNumbers& rows, Counts& counts);
  std::optional<RowRefusal> append_history(const RowNumbers& rows, bool removed);
  void reject(std::size_t row, const RowRefusal& refusal);
  // Runs a statement once a row; affected is set unless a row was refused.
  std::optional<RowRefusal> run(const std::string& sql, const std::vector<BulkColumn>& values, std::uint64_t& affected);

  std::string update_sql(const std::vector<bool>& wanted, bool partial) const;
  std::string insert_sql() const;
  std::string where_key() const;
  std::string gone_sql() const;
  std::vector<bool> wanted_of(std::size_t row) const;
  std::vector<BulkColumn> update_values(const std::vector<bool>& wanted, const RowNumbers& rows);
  std::vector<BulkColumn> insert_values(const RowNumbers& rows);
  BulkColumn values_of(std::size_t column, const RowNumbers& rows);
  void add_fixed(Fixed which, const RowNumbers& rows, std::vector<BulkColumn>& values) const;
  void add_keys(const RowNumbers& rows, std::vector<BulkColumn>& values);
  std::optional<RowRefusal> unfit(std::size_t row) const;
  std::optional<RowRefusal> owner_of(std::size_t row, bool insert);
  bool is_key(std::size_t column) const;
  std::string key_text(std::size_t row) const;
  void savepoint(const char* sql);

  Session& session_;
  Prepared& prepared_;
  const adapter::TargetTable& table_;
  const std::string& origin_;
  const adapter::RowsStep& step_;
  bool soft_;
  std::string name_;
  std::vector<std::string> names_;  // quoted, one a column of the step
  std::vector<Form> forms_;         // of the table's columns
  std::vector<std::size_t> key_;    // of the key columns, in the step's columns
  std::size_t index_ = 0;
  adapter::ApplyResult* result_ = nullptr;
};

}  // namespace qianzhi::mysql
