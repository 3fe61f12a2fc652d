// Rows of the sources: their keys and codes, and their values. Reads only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/records/config.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::records {

// One row of a source. Codes that bind rows together: strong (organisation code or citizen number, always sound) and
// weak (registration number). Empty: none.
struct Piece {
  std::string source;
  std::string key;  // json_array of the key columns as texts
  std::string strong;
  std::string weak;
  std::string credit;
  bool contradicts = false;  // the row names two strong codes; none of them counts
  std::string record;        // that it belongs to

  bool has_codes_of(const Piece& other) const {
    return strong == other.strong && weak == other.weak && credit == other.credit && contradicts == other.contradicts;
  }
};

struct SourceValues {
  std::map<std::string, std::string> items;  // record item -> value; those that are there and not empty
  std::string time;
};

class SourceRows {
 public:
  SourceRows(sqlite::Database& database, const RecordKind& kind);

  // Every row of the source, in the order the table has. `visit` may write and commit: no statement is open meanwhile.
  // The keys and codes of all rows stand in a temporary table for so long. Not within a transaction.
  void each(const RecordSource& source, const std::function<void(Piece)>& visit);
  // Nothing if the row is not there any more.
  std::optional<Piece> find(const RecordSource& source, std::string_view key);
  SourceValues values(const RecordSource& source, std::string_view key);

 private:
  // The next rows of temp.base_read after `last`, which is moved on.
  std::vector<Piece> read_page(const RecordSource& source, std::int64_t& last);
  Piece piece_of(const RecordSource& source, const sqlite::Statement& row) const;

  sqlite::Database& database_;
  struct Sql {
    std::string all;
    std::string one;
    std::string values;
  };
  std::map<std::string, Sql, std::less<>> sql_;
};

}  // namespace qianzhi::desk::records
