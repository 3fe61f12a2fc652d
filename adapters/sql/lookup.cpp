#include "adapters/sql/lookup.h"

#include <algorithm>
#include <set>

namespace qianzhi::adapter::sql {

namespace {

[[noreturn]] void refuse(const LookupStatement& statement, const std::string& why) {
  throw Error(ErrorKind::misuse, "QZ-ADP-060", "lookup " + statement.id + ": " + why);
}

bool is_plain_list(const std::vector<std::string>& names) {
  const std::set<std::string> distinct(names.begin(), names.end());
  return distinct.size() == names.size() && distinct.count("") == 0;
}

void check_statement(const LookupStatement& statement) {
  if (statement.id.empty()) refuse(statement, "it has no id");
  if (statement.text.empty() == statement.table.empty()) refuse(statement, "it needs either a table or a text");
  if (statement.text.empty() ? !statement.parameters.empty() : !statement.match.empty())
    refuse(statement, "match belongs to a table, parameters to a text");
  // Without a parameter everybody would be answered everything.
  if (statement.parameter_count() == 0 || statement.parameter_count() > most_parameters)
    refuse(statement, "it needs from 1 to " + std::to_string(most_parameters) + " parameters");
  if (statement.columns.empty() || !is_plain_list(statement.columns) || !is_plain_list(statement.match) ||
      !is_plain_list(statement.parameters))
    refuse(statement, "a column or parameter is missing, or named twice");
  if (!statement.types.empty() && statement.types.size() != statement.parameters.size())
    refuse(statement, "it has another number of types than of parameters");
}

std::size_t octets_of_rows(const std::vector<Column>& rows) {
  std::size_t octets = 0;
  for (const Column& column : rows) octets += column.octets();
  return octets;
}

class SqlLookup final : public Lookup {
 public:
  SqlLookup(const LookupSpec& spec, std::unique_ptr<LookupQueries> queries, const Clock& clock)
      : spec_(spec), queries_(std::move(queries)), clock_(clock) {
    if (spec_.statements.size() > most_statements || spec_.timeout <= 0)
      throw Error(ErrorKind::misuse, "QZ-ADP-060", "a lookup has too many statements, or no time");
    for (const LookupStatement& statement : spec_.statements) check_statement(statement);
  }

  Found find(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
             const ReadLimits& limits) override;

  std::vector<Finding> preflight() override {
    try {
      return queries_->preflight();
    } catch (const Error&) {
      queries_->drop();
      throw;
    }
  }

 private:
  // Questions that are asked, and those that hold no value of their type.
  struct Sorted {
    std::vector<std::uint32_t> asked;
    std::vector<std::uint32_t> unfit;
  };
  static Sorted sort(const std::vector<Column>& questions, const std::vector<ItemType>& types);
  void connect();
  Found find_connected(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
                       const ReadLimits& limits);
  Found find_once(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
                  const ReadLimits& limits);

  LookupSpec spec_;
  std::unique_ptr<LookupQueries> queries_;
  const Clock& clock_;
  bool used_ = false;  // something was found since the connection was made
};

SqlLookup::Sorted SqlLookup::sort(const std::vector<Column>& questions, const std::vector<ItemType>& types) {
  Sorted sorted;
  for (std::uint32_t row = 0; row < questions.front().size(); ++row) {
    bool has_null = false;
    bool fits = true;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Presence presence = questions[i].presence(row);
      has_null = has_null || presence == Presence::null;
      if (presence == Presence::null) continue;
      const std::string_view text = questions[i].text(row);
      fits = fits && presence == Presence::value && text.size() <= longest_question && is_canonical(types[i], text);
    }
    if (!fits)
      sorted.unfit.push_back(row);
    else if (!has_null)
      sorted.asked.push_back(row);
  }
  return sorted;
}

Found SqlLookup::find(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
                      const ReadLimits& limits) {
  check_call(spec_, statement, questions, rows_each);
  for (;;) {
    try {
      connect();
      Found found = find_connected(statement, questions, rows_each, limits);
      used_ = true;
      return found;
    } catch (const Error& error) {
      queries_->drop();
      // What was prepared may be of tables as they were: once more with nothing remembered.
      if (error.kind() != ErrorKind::misuse || !used_) throw;
      used_ = false;
    }
  }
}

// A database that is not there is no fault of a statement, whatever its server calls it.
void SqlLookup::connect() {
  try {
    queries_->connect();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse || !is_of_statement(error)) throw;
    throw Error(ErrorKind::misuse, "QZ-ADP-010", error.code() + " " + error.detail(), error.hint());
  }
}

// Behind the connection it is the statement that cannot be run.
Found SqlLookup::find_connected(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
                                const ReadLimits& limits) {
  try {
    return find_once(statement, questions, rows_each, limits);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse || is_of_statement(error)) throw;
    throw Error(ErrorKind::misuse, "QZ-ADP-065", error.code() + " " + error.detail(), error.hint());
  }
}

Found SqlLookup::find_once(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
                           const ReadLimits& limits) {
  const Micros until = clock_.steady() + spec_.timeout;
  Found found;
  found.columns.resize(spec_.statements[statement].columns.size());
  const auto count = static_cast<std::uint32_t>(questions.front().size());
  if (count == 0) return found;
  const Sorted sorted = sort(questions, queries_->begin(statement, rows_each));
  queries_->ask(questions, sorted.asked);
  std::vector<Column> rows(found.columns.size());
  std::size_t octets = 0;
  std::size_t place = 0;
  for (std::uint32_t row = 0; row < count; ++row) {
    const bool is_first = place == 0;
    if (place < sorted.asked.size() && sorted.asked[place] == row) {
      if (!is_first && (found.question.size() >= limits.rows || octets >= limits.octets || clock_.steady() >= until))
        break;
      const std::size_t left = limits.rows - std::min(limits.rows, found.question.size());
      const Room room{std::max<std::size_t>(1, std::min(rows_each, left)),
                      limits.octets - std::min(limits.octets, octets)};
      for (Column& column : rows) column.clear();
      const Answer answer = queries_->answer(place++, room, rows);
      if (answer == Answer::late) {
        if (row == 0) throw Error(ErrorKind::unavailable, "QZ-ADP-062", "lookup " + spec_.statements[statement].id);
        queries_->drop();
        used_ = false;
        return found;
      }
      const std::size_t given = rows.front().size();
      if (answer == Answer::more && given < rows_each && row > 0) break;
      if (answer == Answer::more) found.cut.push_back(row);
      if (answer == Answer::unfit) {
        found.unfit.push_back(row);
      } else {
        for (std::size_t i = 0; i < rows.size(); ++i) found.columns[i].append_range(rows[i], 0, given);
        found.question.insert(found.question.end(), given, row);
        octets += octets_of_rows(rows);
      }
    } else if (std::binary_search(sorted.unfit.begin(), sorted.unfit.end(), row)) {
      found.unfit.push_back(row);
    }
    found.answered = row + 1;
  }
  queries_->end();
  return found;
}

}  // namespace

std::unique_ptr<Lookup> make_lookup(const LookupSpec& spec, std::unique_ptr<LookupQueries> queries,
                                    const Clock& clock) {
  return std::make_unique<SqlLookup>(spec, std::move(queries), clock);
}

ItemType declared_type(const LookupStatement& statement, std::size_t parameter) {
  return statement.types.empty() ? ItemType::text : statement.types[parameter];
}

Finding ready_finding(const LookupStatement& statement, const std::vector<std::string>& column_types) {
  std::string columns;
  for (std::size_t i = 0; i < statement.columns.size(); ++i)
    columns += (i == 0 ? "" : ", ") + statement.columns[i] + " " + column_types[i];
  return {Severity::ok, "", "lookup " + statement.id + ": " + columns, ""};
}

Finding no_index_finding(const LookupStatement& statement, const std::string& table, const std::string& cure) {
  return {Severity::warning, "QZ-ADP-064", "lookup " + statement.id + " reads all of " + table + " for each question",
          cure};
}

Finding fault_finding(const LookupStatement& statement, const Error& error, const std::string& cure) {
  return {Severity::error, error.code(), "lookup " + statement.id + ": " + error.detail(), cure};
}

}  // namespace qianzhi::adapter::sql
