#include "adapters/postgresql/lookup.h"

#include <libpq-fe.h>

#include <algorithm>
#include <optional>

#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/names.h"
#include "adapters/sql/lookup.h"
#include "adapters/sql/lookup_text.h"
#include "hub-protocol/base/bytes.h"

namespace qianzhi::postgresql {

namespace {

using adapter::sql::Answer;

constexpr std::size_t widest_window = 256;          // questions that are on their way
constexpr std::size_t window_octets = 256U << 10U;  // likewise, passed by at most one

class PostgresqlQueries final : public adapter::sql::LookupQueries {
 public:
  explicit PostgresqlQueries(adapter::LookupSpec spec) : spec_(std::move(spec)), ready_(spec_.statements.size()) {}

  void connect() override { session(); }
  std::vector<ItemType> begin(std::size_t statement, std::size_t rows_each) override;
  void ask(const std::vector<Column>& questions, const std::vector<std::uint32_t>& rows) override {
    questions_ = &questions;
    rows_ = &rows;
    sent_ = 0;
    received_ = 0;
    window_ = widest_window;
  }
  Answer answer(std::size_t place, const adapter::sql::Room& room, std::vector<Column>& to) override;
  void end() noexcept override;
  void drop() noexcept override {
    session_.reset();
    for (auto& prepared : ready_) prepared.reset();
    is_open_ = false;
  }
  std::vector<adapter::Finding> preflight() override;

 private:
  Session& session();
  void begin_snapshot();
  void send_window(std::size_t place);
  void send_question(std::uint32_t row);
  Result receive();
  void drain();
  [[noreturn]] void fail(const Result* result);
  Answer take(const Result& rows, const adapter::sql::Room& room, std::vector<Column>& to) const;

  adapter::LookupSpec spec_;
  std::unique_ptr<Session> session_;
  std::vector<std::optional<PreparedLookup>> ready_;
  bool is_open_ = false;  // a transaction is
  std::size_t statement_ = 0;
  std::string most_rows_;
  const std::vector<Column>* questions_ = nullptr;
  const std::vector<std::uint32_t>* rows_ = nullptr;
  std::size_t sent_ = 0;      // of rows_
  std::size_t received_ = 0;  // likewise
  std::size_t window_ = widest_window;
};

std::string timeout_of(Micros time) { return std::to_string(std::max<Micros>(1, time / 1000)); }

Session& PostgresqlQueries::session() {
  if (session_ && session_->is_broken()) drop();
  if (!session_) session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  return *session_;
}

void PostgresqlQueries::begin_snapshot() {
  session_->run(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = " + timeout_of(spec_.timeout),
      "beginning to look up");
  is_open_ = true;
}

std::vector<ItemType> PostgresqlQueries::begin(std::size_t statement, std::size_t rows_each) {
  end();
  session();
  begin_snapshot();
  if (!ready_[statement])
    ready_[statement] = prepare_lookup(*session_, spec_.statements[statement], "qz_lookup" + std::to_string(statement));
  statement_ = statement;
  most_rows_ = std::to_string(rows_each + 1);
  return ready_[statement]->asked;
}

void PostgresqlQueries::fail(const Result* result) {
  throw error_of(result == nullptr ? nullptr : result->handle(), session_->handle(),
                 "lookup " + spec_.statements[statement_].id);
}

void PostgresqlQueries::send_question(std::uint32_t row) {
  const PreparedLookup& prepared = *ready_[statement_];
  std::vector<std::string> texts;
  std::vector<const char*> values;
  texts.reserve(questions_->size());
  for (std::size_t i = 0; i < questions_->size(); ++i) {
    const std::string_view text = (*questions_)[i].text(row);
    texts.push_back(prepared.asked[i] == ItemType::bytes ? "\\x" + to_hex(text) : std::string(text));
    values.push_back(texts.back().c_str());
  }
  values.push_back(most_rows_.c_str());
  PGconn* connection = session_->handle();
  if (PQsendQueryPrepared(connection, prepared.name.c_str(), static_cast<int>(values.size()), values.data(), nullptr,
                          nullptr, 0) == 0)
    fail(nullptr);
}

// One behind the other; the first that fails takes those behind it with it, and they are sent again.
void PostgresqlQueries::send_window(std::size_t place) {
  PGconn* connection = session_->handle();
  if (PQpipelineStatus(connection) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection) == 0) fail(nullptr);
  sent_ = place;
  received_ = place;
  std::size_t octets = 0;
  while (sent_ < rows_->size() && sent_ - place < window_ && octets < window_octets) {
    const std::uint32_t row = (*rows_)[sent_++];
    send_question(row);
    for (const Column& column : *questions_) octets += column.text(row).size();
  }
  if (PQpipelineSync(connection) == 0) fail(nullptr);
  window_ = std::min(widest_window, window_ * 2);
}

// The next statement's result; libpq puts nothing behind it.
Result PostgresqlQueries::receive() {
  Result result(PQgetResult(session_->handle()));
  if (result.handle() == nullptr) fail(nullptr);
  const Result nothing(PQgetResult(session_->handle()));
  if (session_->is_broken()) fail(&result);
  ++received_;
  return result;
}

// Takes what was asked ahead, so that the connection can be used for something else.
void PostgresqlQueries::drain() {
  PGconn* connection = session_->handle();
  if (PQpipelineStatus(connection) == PQ_PIPELINE_OFF) return;
  int nothings = 0;  // two in a row: the connection is no more
  while (nothings < 2) {
    const Result result(PQgetResult(connection));
    nothings = result.handle() == nullptr ? nothings + 1 : 0;
    if (result.handle() != nullptr && PQresultStatus(result.handle()) == PGRES_PIPELINE_SYNC) break;
  }
  if (session_->is_broken() || PQexitPipelineMode(connection) == 0) fail(nullptr);
}

Answer PostgresqlQueries::take(const Result& rows, const adapter::sql::Room& room, std::vector<Column>& to) const {
  const PreparedLookup& prepared = *ready_[statement_];
  std::size_t octets = 0;
  for (int row = 0; row < rows.rows(); ++row) {
    if (static_cast<std::size_t>(row) == room.rows || octets >= room.octets) return Answer::more;
    for (std::size_t i = 0; i < to.size(); ++i) {
      const int column = static_cast<int>(i);
      if (rows.is_null(row, column)) {
        to[i].append_null();
        continue;
      }
      append_value(prepared.forms[i], rows.view(row, column), to[i]);
      octets += rows.view(row, column).size();
    }
  }
  return Answer::whole;
}

Answer PostgresqlQueries::answer(std::size_t place, const adapter::sql::Room& room, std::vector<Column>& to) {
  if (!is_open_) begin_snapshot();
  if (place >= sent_ || received_ != place) {
    if (sent_ != 0) drain();
    send_window(place);
  }
  const Result result = receive();
  const bool is_last = received_ == sent_;
  if (result.is_ok()) {
    if (is_last) drain();
    return take(result, room, to);
  }
  const std::string state = sqlstate_of(result.handle());
  if (state == "57014") return Answer::late;
  if (state == "25006")
    throw Error(ErrorKind::misuse, "QZ-ADP-061", "lookup " + spec_.statements[statement_].id + " would write");
  if (!is_row_failure(state)) fail(&result);
  // The transaction is over. Few are sent at first: there may be more like this one.
  drain();
  session_->run("ROLLBACK", "going on behind a question");
  is_open_ = false;
  sent_ = 0;
  window_ = 1;
  return Answer::unfit;
}

void PostgresqlQueries::end() noexcept {
  if (!session_ || !is_open_) return;
  is_open_ = false;
  try {
    drain();
    session_->run("ROLLBACK", "ending a lookup");
  } catch (const Error&) {
    drop();
  }
}

std::vector<adapter::Finding> PostgresqlQueries::preflight() {
  drop();
  session().run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "beginning to look");
  std::vector<adapter::Finding> findings = check_lookup(*session_, spec_);
  drop();
  return findings;
}

}  // namespace

std::string lookup_text(const adapter::LookupStatement& statement) {
  const std::string most = "\nLIMIT $" + std::to_string(statement.parameter_count() + 1);
  if (!statement.text.empty()) {
    const std::string text =
        adapter::sql::ready_text(statement.text, statement.parameters, adapter::sql::postgresql_text).sql;
    return "SELECT " + quote_list(statement.columns) + " FROM (\n" + text + "\n) AS qz_lookup" + most;
  }
  std::string where;
  for (std::size_t i = 0; i < statement.match.size(); ++i)
    where += (i == 0 ? " WHERE " : " AND ") + quote_name(statement.match[i]) + " = $" + std::to_string(i + 1);
  return "SELECT " + quote_list(statement.columns) + " FROM " + quote_table(statement.table) + where + most;
}

PreparedLookup prepare_lookup(Session& session, const adapter::LookupStatement& statement, const std::string& name) {
  const std::string doing = "preparing lookup " + statement.id;
  PreparedLookup prepared;
  prepared.name = name;
  session.check(Result(PQprepare(session.handle(), name.c_str(), lookup_text(statement).c_str(), 0, nullptr)), doing);
  const Result found(PQdescribePrepared(session.handle(), name.c_str()));
  session.check(found, doing);
  const auto parameters = static_cast<std::size_t>(PQnparams(found.handle()));
  if (parameters != statement.parameter_count() + 1 ||
      static_cast<std::size_t>(found.columns()) != statement.columns.size())
    throw Error(ErrorKind::misuse, "QZ-ADP-061", doing + ": it has placeholders of its own");
  for (std::size_t i = 0; i + 1 < parameters; ++i) {
    const Oid type = PQparamtype(found.handle(), static_cast<int>(i));
    prepared.parameters.push_back(type);
    prepared.asked.push_back(item_type_of(form_of(type), type));
  }
  for (int i = 0; i < found.columns(); ++i) {
    prepared.types.push_back(PQftype(found.handle(), i));
    prepared.forms.push_back(form_of(prepared.types.back()));
  }
  return prepared;
}

std::unique_ptr<adapter::Lookup> make_lookup(const adapter::LookupSpec& spec, const Clock& clock) {
  auto lookup = adapter::sql::make_lookup(spec, std::make_unique<PostgresqlQueries>(spec), clock);
  // What is wrong with a text or a name is told before the server is needed.
  for (const adapter::LookupStatement& statement : spec.statements) lookup_text(statement);
  return lookup;
}

}  // namespace qianzhi::postgresql
