// Applies one RowsStep inside an open transaction: sets at a time, by array or through a staging table, and when a row
// is refused, in halves down to the rows that are (pitfall 35).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/merge_sql.h"
#include "adapters/postgresql/row_rounds.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

class RowWriter {
 public:
  // All references must outlive it. staged: staging tables used in this transaction so far.
  RowWriter(Session& session, const adapter::TargetTable& table, const MergeSql& sql, const std::string& origin,
            std::vector<std::string>& staged, adapter::ApplyResult& result);

  // Appends refused rows to result.rejections; they, and they alone, are undone.
  void apply(const adapter::RowsStep& step, std::size_t index);

 private:
  struct Counts {
    std::uint64_t upserted = 0;
    std::uint64_t removed = 0;
    std::uint64_t dropped = 0;
  };
  // The rows of x for one statement after the other.
  struct Source {
    std::string x;
    Parameters values;
    std::vector<unsigned> types;
  };

  void apply_range(std::size_t begin, std::size_t end);
  std::optional<RowRefusal> try_range(std::size_t begin, std::size_t end, Counts& counts);
  std::optional<RowRefusal> try_round(const Round& round, Counts& counts);
  std::optional<RowRefusal> try_removes(const std::vector<std::size_t>& rows, Counts& counts);
  std::optional<RowRefusal> try_withheld(const std::vector<std::size_t>& rows, Counts& counts);
  std::optional<RowRefusal> try_upserts(const std::vector<std::size_t>& rows, Counts& counts);
  std::optional<RowRefusal> try_partials(const std::vector<std::size_t>& rows, Counts& counts);
  void reject(std::size_t row, const RowRefusal& refusal);
  std::optional<RowRefusal> unfit(std::size_t row) const;

  std::optional<RowRefusal> make_source(const std::vector<std::size_t>& rows, Source& source);
  std::optional<RowRefusal> copy_rows(const std::vector<std::size_t>& rows);
  // Runs a statement over the source; affected is set unless a row was refused.
  std::optional<RowRefusal> run(const std::string& statement, const Source& source, std::uint64_t& affected);

  Session& session_;
  const adapter::TargetTable& table_;
  const MergeSql& sql_;
  const std::string& origin_;
  std::vector<std::string>& staged_;
  adapter::ApplyResult& result_;
  const adapter::RowsStep* step_ = nullptr;
  std::size_t index_ = 0;
};

}  // namespace qianzhi::postgresql
