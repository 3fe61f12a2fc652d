#include "adapters/odbc/lookup.h"

#include <algorithm>

#include "adapters/odbc/catalog.h"
#include "adapters/odbc/lookup_plan.h"
#include "adapters/odbc/lookup_reader.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/values.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::Finding;
using adapter::LookupStatement;
using adapter::Severity;
using adapter::sql::Answer;

class OdbcQueries final : public adapter::sql::LookupQueries {
 public:
  explicit OdbcQueries(adapter::LookupSpec spec) : spec_(std::move(spec)), readers_(spec_.statements.size()) {}

  void connect() override { open(); }
  std::vector<ItemType> begin(std::size_t statement, std::size_t rows_each) override;
  void ask(const std::vector<Column>& questions, const std::vector<std::uint32_t>& rows) override {
    questions_ = &questions;
    rows_ = &rows;
  }
  Answer answer(std::size_t place, const adapter::sql::Room& room, std::vector<Column>& to) override;
  void end() noexcept override {
    if (session_) session_->rollback();
  }
  void drop() noexcept override {
    for (auto& reader : readers_) reader.reset();
    session_.reset();
  }
  std::vector<Finding> preflight() override;

 private:
  bool open();
  void begin_reading();
  void check_statement(const LookupStatement& statement, std::vector<Finding>& findings);
  void check_text_plan(const LookupStatement& statement, const LookupReader& reader, std::vector<Finding>& findings);

  adapter::LookupSpec spec_;
  std::unique_ptr<Session> session_;
  std::vector<std::unique_ptr<LookupReader>> readers_;
  std::size_t statement_ = 0;
  std::size_t rows_each_ = 0;
  const std::vector<Column>* questions_ = nullptr;
  const std::vector<std::uint32_t>* rows_ = nullptr;
};

// False: the driver stops no statement.
bool OdbcQueries::open() {
  if (session_) return true;
  session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  return session_->limit_time(spec_.timeout);
}

void OdbcQueries::begin_reading() {
  if (!session_->dialect().begin_read.empty())
    session_->run(std::string(session_->dialect().begin_read), "beginning to look up");
}

std::vector<ItemType> OdbcQueries::begin(std::size_t statement, std::size_t rows_each) {
  end();
  open();
  begin_reading();
  if (!readers_[statement])
    readers_[statement] = std::make_unique<LookupReader>(*session_, spec_.statements[statement]);
  statement_ = statement;
  rows_each_ = rows_each;
  return readers_[statement]->asked();
}

Answer OdbcQueries::answer(std::size_t place, const adapter::sql::Room& room, std::vector<Column>& to) {
  try {
    return readers_[statement_]->find(*session_, *questions_, (*rows_)[place], rows_each_, room, to);
  } catch (const Error& error) {
    if (error.code() == "QZ-ODB-004") return Answer::late;
    if (error.kind() != ErrorKind::rejected) throw;
  }
  // The database may have ended the transaction for it.
  session_->rollback();
  begin_reading();
  return Answer::unfit;
}

// Of a text: by the database's own plan, or it is said that this cannot be told, and what the DBA should look at.
void OdbcQueries::check_text_plan(const LookupStatement& statement, const LookupReader& reader,
                                  std::vector<Finding>& findings) {
  const auto tables = tables_read_whole(*session_, reader);
  if (!tables)
    findings.push_back({Severity::notice, "QZ-ADP-066",
                        "lookup " + statement.id + ": " + std::string(session_->dialect().plan.by_hand), ""});
  else
    for (const std::string& table : *tables)
      findings.push_back(
          adapter::sql::no_index_finding(statement, table,
                                         "CREATE INDEX " + quote_name(session_->dialect(), "qianzhi_" + statement.id) +
                                             " ON " + table + " (...);  -- " + adapter::sql::columns_of_text));
}

// Of a table: which indexes there are is asked of the catalogue.
void OdbcQueries::check_statement(const LookupStatement& statement, std::vector<Finding>& findings) {
  const Dialect& dialect = session_->dialect();
  LookupReader reader(*session_, statement);
  std::vector<std::string> natives;
  for (const Form form : reader.forms()) natives.emplace_back(name_of(item_type_of(form)));
  int parameters = 0;
  session_->describe(reader.sql(1), "lookup " + statement.id, parameters);
  findings.push_back(adapter::sql::ready_finding(statement, natives));
  if (!statement.text.empty()) return check_text_plan(statement, reader, findings);
  for (const std::vector<std::string>& index : session_->indexes(statement.table)) {
    const std::string first = index.empty() ? std::string() : index.front();
    if (std::any_of(statement.match.begin(), statement.match.end(),
                    [&](const std::string& name) { return folded(dialect, name) == first; }))
      return;
  }
  findings.push_back(adapter::sql::no_index_finding(statement, statement.table,
                                                    "CREATE INDEX " + quote_name(dialect, "qianzhi_" + statement.id) +
                                                        " ON " + quote_table(dialect, statement.table) + " (" +
                                                        quote_list(dialect, statement.match) + ");"));
}

std::vector<Finding> OdbcQueries::preflight() {
  drop();
  std::vector<Finding> findings;
  if (!open())
    findings.push_back({Severity::notice, "QZ-ADP-062",
                        "this driver stops no statement when its time is over: a lookup"
                        " that takes too long ends with its adapter's process",
                        ""});
  for (const LookupStatement& statement : spec_.statements) {
    begin_reading();
    try {
      check_statement(statement, findings);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::misuse) throw;
      const bool is_right = error.code() == "QZ-ODB-003";
      findings.push_back(adapter::sql::fault_finding(
          statement, error, is_right ? "GRANT SELECT ON ... TO " + user_of(spec_.connection) + ";" : ""));
    }
    session_->rollback();
  }
  drop();
  return findings;
}

}  // namespace

std::unique_ptr<adapter::Lookup> make_lookup(const adapter::LookupSpec& spec, const Clock& clock) {
  dialect_of(spec.connection);
  auto lookup = adapter::sql::make_lookup(spec, std::make_unique<OdbcQueries>(spec), clock);
  // What is wrong with a text is told before the database is needed.
  for (const LookupStatement& statement : spec.statements)
    if (!statement.text.empty()) check_text(dialect_of(spec.connection), statement);
  return lookup;
}

}  // namespace qianzhi::odbc
