// A MariaDB database that answers questions: one prepared statement, run for each question, in a read-only transaction.
#pragma once

#include <memory>
#include <vector>

#include "adapters/api/lookup.h"
#include "adapters/mysql/keyset.h"
#include "adapters/mysql/statement.h"
#include "adapters/mysql/values.h"

namespace qianzhi::mysql {

// clock must outlive it.
std::unique_ptr<adapter::Lookup> make_lookup(const adapter::LookupSpec& spec, const Clock& clock);

// A statement as it is run.
struct LookupSql {
  std::string text;
  std::vector<std::size_t> values;   // the parameter whose value each ? takes
  bool has_limit = false;            // one more ?, the most rows, is its last; else the session limits them
  std::vector<ItemType> asked;       // types of the parameters
  std::vector<ParameterKind> kinds;  // how they are bound
  std::vector<Form> forms;           // of the columns; of a text: empty
};

// Throws Error(misuse, QZ-ADP-011) if the table or a column is missing.
LookupSql lookup_sql(Session& session, const adapter::LookupStatement& statement);

// Where the statement's columns are in its rows, and their forms.
struct LookupColumns {
  std::vector<std::size_t> places;
  std::vector<Form> forms;
};
// Throws Error(misuse, QZ-ADP-011) if the text gives no such column, QZ-ADP-060 if two, QZ-ADP-065 if one is of a type
// that comes without its exact value.
LookupColumns lookup_columns(const adapter::LookupStatement& statement, const LookupSql& sql, const Statement& ready);

// False: no value of that type can be equal.
bool bind_question(ItemType type, ParameterKind kind, std::string_view text, Parameters& values);

// lookup_preflight.cpp; in a read-only transaction of the session.
std::vector<adapter::Finding> check_lookup(Session& session, const adapter::LookupSpec& spec);

}  // namespace qianzhi::mysql
