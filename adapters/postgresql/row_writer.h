// Applies one RowsStep inside an open transaction: sets at a time, by array or through a staging table, and when a row
// is refused, in halves down to the rows that are (pitfall 35).
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/merge_sql.h"
#include "adapters/postgresql/row_rounds.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

// Whether rows of a table are worth a try at being all new. A try that fails is paid for, so more rows go by before the
// next one each time.
class NewRows {
 public:
  bool may_try() { return pause_ == 0 || --pause_ == 0; }
  void were_new() { next_ = 1; }
  void were_there() {
    pause_ = next_ + 1;
    next_ = std::min<std::size_t>(next_ * 2, longest);
  }

 private:
  static constexpr std::size_t longest = 256;  // sets of rows
  std::size_t pause_ = 0;
  std::size_t next_ = 1;
};

class RowWriter {
 public:
  // All references must outlive it. staged: staging tables used in this transaction so far; new_rows: kept with the
  // table.
  RowWriter(Session& session, const adapter::TargetTable& table, const MergeSql& sql, const std::string& origin,
            std::vector<std::string>& staged, NewRows& new_rows, adapter::ApplyResult& result);

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
  std::optional<RowRefusal> stage_rows(const std::vector<std::size_t>& rows);
  // Much the cheapest way for rows whose keys are not there yet. False: nothing was written, merge them instead.
  bool copy_new(const std::vector<std::size_t>& rows);
  bool is_there(std::size_t row);
  // A COPY of the columns of the rows, each line ended by `end`.
  Result copy(const std::string& statement, const std::vector<std::size_t>& rows,
              const std::function<void(std::size_t row, std::string& line)>& end);
  // Runs a statement over the source; affected is set unless a row was refused.
  std::optional<RowRefusal> run(const std::string& statement, const Source& source, std::uint64_t& affected);

  Session& session_;
  const adapter::TargetTable& table_;
  const MergeSql& sql_;
  const std::string& origin_;
  std::vector<std::string>& staged_;
  NewRows& new_rows_;
  adapter::ApplyResult& result_;
  const adapter::RowsStep* step_ = nullptr;
  std::size_t index_ = 0;
};

}  // namespace qianzhi::postgresql
