// Lookups of databases that are asked in SQL: the order of questions, limits and time. What a database does itself is
// behind LookupQueries.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/api/lookup.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::adapter::sql {

// How far the rows of one question may go.
struct Room {
  std::size_t rows = 0;
  std::size_t octets = 0;  // passed by at most one row
};

enum class Answer {
  whole,  // every row was given
  more,   // there was no room for more
  unfit,  // the database has no such value: nothing was given
  late,   // the time is over: nothing was given, and end() must be called
};

// One connection, used by one lookup. Whatever it throws, drop() is called next.
class LookupQueries {
 public:
  virtual ~LookupQueries() = default;

  // Connects, if that was not done. What it throws is about the database and no statement.
  virtual void connect() = 0;
  // Connected: prepares, as far as that was not done, and begins a read-only transaction. Gives the type of each
  // parameter. Throws misuse if the statement cannot be run.
  virtual std::vector<ItemType> begin(std::size_t statement, std::size_t rows_each) = 0;
  // What will be asked before end(): these rows of the questions, none of which holds anything but canonical values of
  // the parameters' types. Both live until end().
  virtual void ask(const std::vector<Column>& questions, const std::vector<std::uint32_t>& rows) = 0;
  // The rows of one of them, appended to `to`, one column for each of the statement's. place: in the rows of ask(),
  // one after the other from 0. After more and late what was appended is not used but as the caller decides.
  virtual Answer answer(std::size_t place, const Room& room, std::vector<Column>& to) = 0;
  // Ends the transaction; what was asked ahead is thrown away.
  virtual void end() noexcept = 0;
  // The connection is closed, and nothing is remembered.
  virtual void drop() noexcept = 0;

  virtual std::vector<Finding> preflight() = 0;
};

// clock must outlive it. Throws misuse QZ-ADP-060 if a statement of the specification cannot be a question; that its
// text is one is for the caller to see to.
std::unique_ptr<Lookup> make_lookup(const LookupSpec& spec, std::unique_ptr<LookupQueries> queries, const Clock& clock);

// Whether the text is a canonical one of the type. Text, code and digits: UTF-8 without NUL.
bool is_canonical(ItemType type, std::string_view text);

// The type that a text's parameter is declared to have.
ItemType declared_type(const LookupStatement& statement, std::size_t parameter);

// One line for each statement that can be run: its columns and parameters.
Finding ready_finding(const LookupStatement& statement, const std::vector<std::string>& column_types);
Finding no_index_finding(const LookupStatement& statement, const std::string& table, const std::string& cure);
// Of a statement that cannot: what the database said.
Finding fault_finding(const LookupStatement& statement, const Error& error, const std::string& cure);
// What stands for the columns in CREATE INDEX where a text says which they are.
inline constexpr const char* columns_of_text = "columns that the text compares with its parameters";

}  // namespace qianzhi::adapter::sql
