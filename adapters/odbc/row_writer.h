// Writes the rows of one step into one received table, row by row: first look who has the key, and hold the row, then
// insert, update or delete. Every database can do that; none of them must know MERGE. Runs in the caller's transaction;
// a refused row may leave part of itself behind, which the caller undoes by a savepoint.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/odbc/catalog.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

class RowWriter {
 public:
  // All of them must outlive the writer. Throws Error(misuse, QZ-ADP-011) if step and table do not fit together.
  RowWriter(Session& session, const adapter::TargetTable& table, const CatalogTable& found, const std::string& origin,
            const adapter::RowsStep& step);

  // Nothing: written.
  std::optional<RowRefusal> write(std::size_t row, adapter::ApplyResult& result);
  // Only notes that the refill named this key.
  void mark_seen(std::size_t row);

 private:
  using Refusal = std::optional<RowRefusal>;
  struct Owner {
    bool there = false;  // also if deleted softly
    bool ours = false;
    bool deleted = false;
    std::string group;
  };

  std::string where_key() const;
  std::string parameter(std::size_t column) const;
  Owner owner_of(std::size_t row);
  Refusal unfit(std::size_t row) const;
  Refusal run(const std::string& sql, Parameters values, bool removing, std::uint64_t& changed);
  Refusal insert(std::size_t row);
  Refusal update(std::size_t row, bool revive);
  Refusal erase(std::size_t row, std::uint64_t& changed);
  Refusal upsert(std::size_t row, adapter::ApplyResult& result);
  Refusal remove(std::size_t row, adapter::ApplyResult& result);
  Refusal withhold(std::size_t row, adapter::ApplyResult& result);
  Refusal append_history(std::size_t row);
  void add_value(Parameters& values, std::size_t column, std::size_t row) const;
  void add_key(Parameters& values, std::size_t row) const;
  bool is_partial(std::size_t row) const;
  bool is_key(std::size_t column) const;

  Session& session_;
  const Dialect& dialect_;
  const adapter::TargetTable& table_;
  const std::string& origin_;
  const adapter::RowsStep& step_;
  bool soft_;
  std::string name_;
  std::vector<std::string> names_;       // quoted, one a column of the step
  std::vector<std::string> parameters_;  // likewise
  std::vector<std::size_t> key_;         // of the key columns, in the step's columns
};

}  // namespace qianzhi::odbc
