// One record from the rows that belong to it: which source is believed on each item, what changed since, its history.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/desk/records/pieces.h"
#include "agent/desk/records/source_rows.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::desk::records {

// A value of a record item with where it is from.
struct ChosenValue {
  std::string value;
  std::string source;
  std::string key;
  std::string time;
  int differs = 0;  // sources with another value

  bool operator==(const ChosenValue&) const = default;
};

// What one row says.
struct PieceValues {
  std::string source;
  std::string key;
  SourceValues values;
};

// By the item's rule; nothing where no source that counts has a value. Of several rows of one source the one with the
// latest time counts, of equal times the one with the greatest key.
std::optional<ChosenValue> chosen(const RecordItem& item, const std::vector<PieceValues>& pieces);

class Builder {
 public:
  Builder(sqlite::Database& database, const RecordKind& kind, Pieces& pieces, SourceRows& rows);

  // Whether codes are written with each record, or for all at once by whoever builds everything.
  enum class Codes { with_each, later };

  // Writes the record anew as its pieces say: only what differs is written, and goes into the history. A record without
  // pieces ends. True if anything changed.
  bool build(const std::string& record, Micros now, Codes codes = Codes::with_each);

  // The items of a record that was joined to another one, or parted from it, stay with their history.
  void rename(const std::string& from, const std::string& to, Micros now);

 private:
  using Items = std::map<std::string, ChosenValue>;

  bool is_there(const std::string& record);
  Items stored_items(const std::string& record);
  bool write_items(const std::string& record, const Items& items, bool is_new, Micros now);
  bool write_record(const std::string& record, const std::vector<Piece>& pieces, bool is_new, Micros now);
  void write_codes(const std::string& record, const std::vector<Piece>& pieces);
  bool end(const std::string& record, Micros now);
  void note(const std::string& record, const std::string& item, const std::string* before, const std::string* after,
            const std::string& source, Micros now);

  sqlite::Database& database_;
  const RecordKind& kind_;
  Pieces& pieces_;
  SourceRows& rows_;
};

}  // namespace qianzhi::desk::records
