#include "adapters/mysql/lookup.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/failure.h"
#include "adapters/sql/lookup.h"
#include "adapters/sql/lookup_text.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::sql::Answer;

constexpr std::size_t longest_decimal = 65;  // digits

struct ReadyLookup {
  LookupSql sql;
  std::string doing;
  std::unique_ptr<Statement> statement;
  LookupColumns columns;
};

std::string seconds_of(Micros time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", static_cast<double>(time) / 1e6);
  return text;
}

class MysqlQueries final : public adapter::sql::LookupQueries {
 public:
  explicit MysqlQueries(adapter::LookupSpec spec) : spec_(std::move(spec)), ready_(spec_.statements.size()) {}

  void connect() override;
  std::vector<ItemType> begin(std::size_t statement, std::size_t rows_each) override;
  void ask(const std::vector<Column>& questions, const std::vector<std::uint32_t>& rows) override {
    questions_ = &questions;
    rows_ = &rows;
  }
  Answer answer(std::size_t place, const adapter::sql::Room& room, std::vector<Column>& to) override;
  void end() noexcept override;
  void drop() noexcept override {
    for (auto& ready : ready_) ready.reset();
    session_.reset();
    is_open_ = false;
  }
  std::vector<adapter::Finding> preflight() override;

 private:
  void prepare(std::size_t statement);
  void limit_rows(std::size_t most);
  Answer take(ReadyLookup& ready, const adapter::sql::Room& room, std::vector<Column>& to);

  adapter::LookupSpec spec_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Charsets> charsets_;
  std::vector<std::unique_ptr<ReadyLookup>> ready_;
  std::size_t row_limit_ = 0;  // that the session has; 0: none
  bool is_open_ = false;
  std::size_t statement_ = 0;
  std::size_t rows_each_ = 0;
  const std::vector<Column>* questions_ = nullptr;
  const std::vector<std::uint32_t>* rows_ = nullptr;
};

void MysqlQueries::connect() {
  if (session_ && session_->is_broken()) drop();
  if (session_) return;
  session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  row_limit_ = 0;
  charsets_ = std::make_unique<Charsets>();
  charsets_->set_names(charset_names(*session_));
  session_->run("SET SESSION max_statement_time = " + seconds_of(spec_.timeout), "beginning to look up");
}

// A text that limits its rows by itself has its own way.
void MysqlQueries::limit_rows(std::size_t most) {
  if (row_limit_ == most) return;
  session_->run("SET SESSION sql_select_limit = " + (most == 0 ? "DEFAULT" : std::to_string(most)), "limiting rows");
  row_limit_ = most;
}

void MysqlQueries::prepare(std::size_t statement) {
  limit_rows(0);
  auto ready = std::make_unique<ReadyLookup>();
  ready->sql = lookup_sql(*session_, spec_.statements[statement]);
  ready->doing = "lookup " + spec_.statements[statement].id;
  ready->statement = std::make_unique<Statement>(*session_, ready->sql.text, ready->doing);
  ready->columns = lookup_columns(spec_.statements[statement], ready->sql, *ready->statement);
  ready_[statement] = std::move(ready);
}

std::vector<ItemType> MysqlQueries::begin(std::size_t statement, std::size_t rows_each) {
  end();
  connect();
  // Before it is prepared: the server may run functions even then.
  session_->run("START TRANSACTION READ ONLY", "beginning to look up");
  is_open_ = true;
  if (!ready_[statement]) prepare(statement);
  const LookupSql& sql = ready_[statement]->sql;
  if (!sql.has_limit) limit_rows(rows_each + 1);
  statement_ = statement;
  rows_each_ = rows_each;
  return sql.asked;
}

Answer MysqlQueries::take(ReadyLookup& ready, const adapter::sql::Room& room, std::vector<Column>& to) {
  Statement& statement = *ready.statement;
  std::size_t rows = 0;
  std::size_t octets = 0;
  while (statement.fetch()) {
    if (rows == room.rows || octets >= room.octets) {
      statement.end();
      return Answer::more;
    }
    for (std::size_t i = 0; i < to.size(); ++i) {
      const std::size_t place = ready.columns.places[i];
      if (statement.is_null(place)) {
        to[i].append_null();
        continue;
      }
      append_shown(ready.columns.forms[i], statement.collation(place), statement.view(place), *charsets_, to[i]);
      octets += statement.view(place).size();
    }
    ++rows;
  }
  return Answer::whole;
}

Answer MysqlQueries::answer(std::size_t place, const adapter::sql::Room& room, std::vector<Column>& to) {
  ReadyLookup& ready = *ready_[statement_];
  const std::uint32_t row = (*rows_)[place];
  Parameters values;
  for (const std::size_t parameter : ready.sql.values) {
    const ParameterKind kind = ready.sql.kinds[parameter];
    const std::string_view text = (*questions_)[parameter].text(row);
    if (kind == ParameterKind::decimal && text.size() > longest_decimal) return Answer::unfit;
    if (!bind_question(ready.sql.asked[parameter], kind, text, values)) return Answer::unfit;
  }
  if (ready.sql.has_limit) values.add_number(rows_each_ + 1);
  try {
    const unsigned failure = ready.statement->attempt(values);
    if (is_row_failure(failure)) return Answer::unfit;
    if (failure != 0) throw error_of(failure, "it cannot be run", ready.doing);
    return take(ready, room, to);
  } catch (const Error& error) {
    if (error.code() == "QZ-MY-005") return Answer::late;
    throw;
  }
}

void MysqlQueries::end() noexcept {
  if (!session_ || !is_open_) return;
  is_open_ = false;
  try {
    if (ready_[statement_]) ready_[statement_]->statement->end();
    session_->run("ROLLBACK", "ending a lookup");
  } catch (const Error&) {
    drop();
  }
}

std::vector<adapter::Finding> MysqlQueries::preflight() {
  drop();
  connect();
  session_->run("START TRANSACTION READ ONLY", "beginning to look");
  std::vector<adapter::Finding> findings = check_lookup(*session_, spec_);
  drop();
  return findings;
}

}  // namespace

std::unique_ptr<adapter::Lookup> make_lookup(const adapter::LookupSpec& spec, const Clock& clock) {
  auto lookup = adapter::sql::make_lookup(spec, std::make_unique<MysqlQueries>(spec), clock);
  // What is wrong with a text is told before the server is needed.
  for (const adapter::LookupStatement& statement : spec.statements)
    if (!statement.text.empty())
      adapter::sql::ready_text(statement.text, statement.parameters, adapter::sql::mariadb_text);
  return lookup;
}

}  // namespace qianzhi::mysql
