// A SQLite file as a target: received tables, and the mark in the same transaction. The mark table is shared by all
// subscriptions of the file.
#pragma once

#include <optional>

#include "adapters/api/adapter.h"
#include "adapters/sqlite/file.h"
#include "adapters/sqlite/row_writer.h"

namespace qianzhi::adapter::lite {

class SqliteTarget final : public Target {
 public:
  explicit SqliteTarget(TargetSpec spec);
  ~SqliteTarget() override;

  std::vector<MarkRow> marks() override;
  ApplyResult apply(const TargetTransaction& transaction) override;
  void commit() override;
  void rollback() override;
  SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override;
  std::vector<Finding> preflight() override;

 private:
  sqlite::Database& open();
  const TargetTable& table_at(std::size_t index) const;
  // False: the mark is another one. careful: every row in a savepoint of its own.
  bool attempt(sqlite::Database& database, const TargetTransaction& work, bool careful, ApplyResult& result);

  TargetSpec spec_;
  File file_;
  std::optional<sqlite::Transaction> open_;  // pending; before file_ is closed it must be gone
};

// Applies the steps; target_steps.cpp. Refused rows are undone and added to result.
class StepRunner {
 public:
  StepRunner(sqlite::Database& database, const TargetTable& table, const std::string& origin, ApplyResult& result)
      : database_(database), table_(table), origin_(origin), result_(result) {}

  void run(const Step& step, std::size_t index, bool careful);

 private:
  void rows(const RowsStep& step, std::size_t index, bool careful);
  bool try_rows(const RowsStep& step);
  std::optional<Rejection> try_row(RowWriter& writer, std::size_t row);
  void need_transaction() const;
  void row_by_row(const RowsStep& step, std::size_t index);
  void remove_groups(const Step& step);
  void clear_columns(const Step& step);
  bool try_statement(const std::string& sql, const std::string& group, const std::string& tag);

  sqlite::Database& database_;
  const TargetTable& table_;
  const std::string& origin_;
  ApplyResult& result_;
};

// True while a foreign key checked at commit is not satisfied.
bool has_open_foreign_keys(sqlite::Database& database);

std::vector<Finding> check_target(sqlite::Database& database, const TargetSpec& spec);

}  // namespace qianzhi::adapter::lite
