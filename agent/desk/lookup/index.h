// What lookups find rows by: tables lookup_* of desk.db, filled from the subjects' tables and kept up with their
// changes.
//   lookup_entry     one row of a subject: its key (JSON array of texts) and the name as it was indexed
//   lookup_code      code in standard form -> entry
//   lookup_start     name in standard form, and its core without place and form -> entry: for beginnings
//   lookup_initials  first letters in pinyin, of both -> entry
//   lookup_words_ID  FTS5 without content: the name's pairs of neighbouring characters, so that any part of two or more
//                    characters is a phrase (FTS5's own trigrams need three, and names are often asked by two)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/data/change_file.h"
#include "agent/desk/lookup/config.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::lookup {

class Index {
 public:
  // database: desk.db, with what the subjects' tables need attached. All must outlive it. Creates what is missing.
  Index(sqlite::Database& database, const LookupConfig& config, std::vector<ChangeFile> files);

  // Every subject anew, in bounded transactions. Rows it took.
  std::uint64_t build();
  // There is no complete build by this configuration.
  bool needs_build();
  // At most `limit` changes of each log, in one transaction; how many. Throws Error(misuse, QZ-DSK-215) if it needs a
  // build.
  std::uint64_t catch_up(std::size_t limit);

  // Keys of rows, at most `limit`, without doubles; names in the order of the alphabet. The text is as the caller typed
  // it, within the limits that Search sets.
  std::vector<std::string> find(const Subject& subject, SearchBy by, std::string_view text, std::size_t limit);

 private:
  void take(const ChangeFile& file, std::string_view source, std::string_view key);
  void put(const Subject& subject, const std::string& key, const sqlite::Statement& row);
  void remove(const Subject& subject, std::string_view key);
  void refresh(const Subject& subject, const std::string& key);
  void collect(sqlite::Statement& query, std::size_t limit, std::vector<std::string>& keys);
  void find_starts(const Subject& subject, const std::string& start, std::size_t limit, std::vector<std::string>& keys);

  sqlite::Database& database_;
  const LookupConfig& config_;
  std::vector<ChangeFile> files_;
};

// "宏达" -> "宏达"; "宏达贸易" -> "宏达 达贸 贸易": letters, digits and Chinese characters only.
std::string pairs_of(std::u32string_view text);

}  // namespace qianzhi::desk::lookup
