// Which rows of the sources are of one firm: table base_piece and the rules that bind its rows.
//   A strong code (organisation code, citizen number) and a weak one (registration number) that stand in one row are
//   partners. A code with two partners, or in more than max_of_code rows, is disputed: it binds nothing, and people
//   must look. A row belongs to the record of its strong code; else to that of its weak code's partner; else to that of
//   its weak code; without codes it is alone. So at most one strong and one weak code make a record, whatever errors
//   the sources hold, and what a row belongs to depends on the rows at most two steps away.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/records/config.h"
#include "agent/desk/records/source_rows.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::records {

class Pieces {
 public:
  Pieces(sqlite::Database& database, const RecordKind& kind);

  // Codes that people gave to a row without one.
  void add_link(Piece& piece);
  // record may be empty: assign() gives it.
  void put(const Piece& piece);
  void remove(const Piece& piece);
  std::optional<Piece> find(std::string_view source, std::string_view key);
  std::vector<Piece> of_record(std::string_view record);

  // The record that the rules above give.
  std::string record_of(const Piece& piece);
  // Any of them contradicts itself or has a disputed code.
  bool is_disputed(const std::vector<Piece>& pieces);
  void move(const Piece& piece, const std::string& record);

  // Pieces whose record may be another after rows with these codes came or went.
  std::vector<Piece> around(const std::set<std::string>& strong, const std::set<std::string>& weak, std::size_t rows);
  // Every piece, a page of so many after (source, key).
  std::vector<Piece> page(std::string_view source, std::string_view key, std::size_t size);

  static constexpr std::int64_t max_of_code = 1000;

 private:
  struct Binding {
    std::string partner;
    bool is_disputed = false;
  };
  Binding strong_binding(const std::string& strong);
  Binding weak_binding(const std::string& weak);
  Binding binding(std::string_view sql, const std::string& code);
  void collect(std::string_view sql, const std::string& code, std::size_t rows, std::vector<Piece>& found);

  sqlite::Database& database_;
  const RecordKind& kind_;
};

}  // namespace qianzhi::desk::records
