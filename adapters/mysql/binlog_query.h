// What a statement in the binary log says about tables of ours. Only names and first words are understood; where that
// leaves a doubt, the answer is that rows may have changed unseen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::mysql {

// Names in any case of letters, as a server may keep them.
bool is_same_name(std::string_view one, std::string_view other);

// Words, names without their quotes, and single signs; texts and comments are left out. What stands in comments for
// versions (/*! ... */, /*M! ... */) counts.
struct Word {
  std::string text;
  bool quoted = false;
};
std::vector<Word> words_of(std::string_view sql);

enum class StatementKind {
  begin,        // BEGIN, START TRANSACTION, SAVEPOINT, RELEASE: nothing is decided
  commit,       // also XA COMMIT
  rollback,     // also XA ROLLBACK
  rollback_to,  // to a savepoint: what was logged since is not so
  truncate,     // TRUNCATE TABLE
  definition,   // changes no row of a table of ours that it does not name
  rows,         // a statement that may change rows, logged as text
  nothing,      // no table is concerned: SET, FLUSH, GRANT, ANALYZE ...
};
StatementKind kind_of(const std::vector<Word>& words);

// Whether the statement names the table. default_schema: where names without a schema are.
bool names_table(const std::vector<Word>& words, std::string_view default_schema, std::string_view schema,
                 std::string_view table);
// Whether the schema itself is named, as in DROP DATABASE.
bool names_schema(const std::vector<Word>& words, std::string_view schema);

// A definition that leaves the rows of the tables it names as they are: indexes, columns that are added, comments.
bool keeps_rows(const std::vector<Word>& words);

}  // namespace qianzhi::mysql
