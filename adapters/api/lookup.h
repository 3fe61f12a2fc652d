// The third thing that an adapter can open beside a source and a target: a database that answers questions (核验). What
// may be asked is fixed when it is opened; a question gives values for the parameters and nothing else (A25).
//
// Threads and errors as in adapter.h. A lookup holds one connection at most, only reads, and leaves nothing behind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter {

inline constexpr std::size_t most_questions = 1'000;            // of one call
inline constexpr std::size_t longest_question = 64U << 10U;     // octets of one value
inline constexpr std::size_t most_rows_each = 10'000;           // of one question
inline constexpr std::size_t most_parameters = 32;              // of one statement
inline constexpr std::size_t most_statements = 1'000;           // of one lookup
inline constexpr std::size_t longest_lookup_text = 64U << 10U;  // octets of a DBA's text

// One way of asking, as configuration has it. Either table and match, or text and parameters; never both.
struct LookupStatement {
  std::string id;
  std::string table;
  std::vector<std::string> match;  // the column that each parameter must equal
  // One SELECT that the department's DBA wrote, with :name where a parameter's value belongs.
  std::string text;
  std::vector<std::string> parameters;  // names in `text`, each used at least once
  std::vector<std::string> columns;     // to give out, in this order; of a text: as it names them
  // Of a text, where the database cannot tell by itself (all but postgresql): what each parameter is. Empty: all text.
  std::vector<ItemType> types = {};

  std::size_t parameter_count() const { return text.empty() ? match.size() : parameters.size(); }
};

struct LookupSpec {
  Connection connection;
  std::string name;  // [a-z0-9_]+
  std::vector<LookupStatement> statements;
  // Of one statement at the database. A call ends at the first question after that time, and so takes about twice that
  // at most, and the time to connect.
  Micros timeout = 5'000'000;
};

struct Found {
  std::size_t answered = 0;  // questions [0, answered) are; go on with the next. More than 0 if any was asked
  std::vector<std::uint32_t> question;  // index of each row's question, never falling
  std::vector<Column> columns;          // as LookupStatement::columns
  std::vector<std::uint32_t> cut;       // questions with more rows than were allowed, ascending
  std::vector<std::uint32_t> unfit;     // questions that hold what no value of that type is, ascending: nothing found
};

class Lookup {
 public:
  virtual ~Lookup() = default;

  // questions: one column a parameter, all of one length, canonical texts; at most most_questions. Values compare as
  // the column's type does: a text never equals a number, blanks at the end of a char column do not count, and what the
  // collation holds for equal is found though octets differ: look again at what must be equal. A question with a null
  // finds nothing. The rows of one question come in no certain order. rows_each: most rows of one question. limits: a
  // question whose rows do not fit any more is left for the next call; the first of a call is cut instead.
  // Throws what is_of_statement() knows where this statement is at fault, or the time it takes: misuse QZ-ADP-060, -061
  // (its text), -011 (tables, columns), -065 (anything else, as a right), -063 (the call); unavailable QZ-ADP-062 if
  // the first question took longer than the time. Anything else it throws is the database's.
  virtual Found find(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
                     const ReadLimits& limits) = 0;

  // For each statement whether it can be run, what its columns are, whether an index serves it (which is asked for
  // without running it), and the GRANT that is missing.
  virtual std::vector<Finding> preflight() = 0;
};

// Whether one statement is at fault, by what open_lookup() or find() threw: others of the lookup can be asked.
bool is_of_statement(const Error& error);

// Throws Error(misuse, QZ-ADP-060) unless the call fits the statement, QZ-ADP-063 if it is too large.
void check_call(const LookupSpec& spec, std::size_t statement, const std::vector<Column>& questions,
                std::size_t rows_each);

}  // namespace qianzhi::adapter
