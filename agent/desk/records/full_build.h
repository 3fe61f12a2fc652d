// All base records from all rows of their sources: each table is filled in its own order, indexes are made when it is
// full, and transactions are of a bounded number of rows. What is held in memory does not grow with the rows.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/desk/records/builder.h"
#include "agent/desk/records/pieces.h"
#include "agent/desk/records/source_rows.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::records {

struct BuildReport {
  std::uint64_t pieces = 0;
  std::uint64_t records = 0;
};

// Of one kind of record. All must outlive the build.
struct BuildParts {
  const RecordKind& config;
  Pieces& pieces;
  SourceRows& rows;
  Builder& builder;
};

class FullBuild {
 public:
  FullBuild(sqlite::Database& database, std::vector<BuildParts> kinds)
      : database_(database), kinds_(std::move(kinds)) {}

  // Once. Records, items and codes that are there stay readable meanwhile; only what differs is written. Broken off, it
  // leaves rows of which another build makes what is right. Not within a transaction.
  BuildReport run(Micros now);

 private:
  void clear();
  void read(BuildParts& kind);
  void assign(BuildParts& kind);
  void build(BuildParts& kind, Micros now);
  void write_codes();
  bool has_none(const char* table);

  sqlite::Database& database_;
  std::vector<BuildParts> kinds_;
  BuildReport report_;
};

}  // namespace qianzhi::desk::records
