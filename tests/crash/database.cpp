#include "tests/crash/database.h"

#include <libpq-fe.h>

#include "hub-protocol/sqlite/database.h"

namespace qianzhi::crash {

namespace {

class Lite final : public Database {
 public:
  explicit Lite(const std::filesystem::path& file) : database_(file, options()) {}

  void run(const std::string& text) override { database_.execute(text); }

  std::vector<std::string> rows(const std::string& query) override {
    std::vector<std::string> all;
    sqlite::Statement statement = database_.prepare(query);
    while (statement.step()) {
      std::string line;
      for (int i = 0; i < statement.columns(); ++i) line += (statement.is_null(i) ? "-" : statement.text(i)) + "|";
      all.push_back(std::move(line));
    }
    return all;
  }

 private:
  static sqlite::OpenOptions options() {
    sqlite::OpenOptions options;
    options.own_store = false;
    options.busy_timeout_ms = 60'000;
    return options;
  }
  sqlite::Database database_;
};

class Postgres final : public Database {
 public:
  explicit Postgres(const std::string& dsn) : connection_(PQconnectdb(dsn.c_str()), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw Lost(PQerrorMessage(connection_.get()));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  void run(const std::string& text) override { ask(text); }

  std::vector<std::string> rows(const std::string& query) override {
    const Result result = ask(query);
    std::vector<std::string> all;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      std::string line;
      for (int i = 0; i < PQnfields(result.get()); ++i)
        line += (PQgetisnull(result.get(), row, i) != 0 ? "-" : std::string(PQgetvalue(result.get(), row, i))) + "|";
      all.push_back(std::move(line));
    }
    return all;
  }

 private:
  using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

  Result ask(const std::string& text) {
    Result result(PQexec(connection_.get(), text.c_str()), [](PGresult* r) { PQclear(r); });
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    const std::string words = PQerrorMessage(connection_.get());
    // A server that ends the connection may have said so before it did.
    PQclear(PQexec(connection_.get(), "ROLLBACK"));
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw Lost(words);
    throw std::runtime_error(words);
  }

  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace

std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file) { return std::make_unique<Lite>(file); }
std::unique_ptr<Database> open_postgresql(const std::string& dsn) { return std::make_unique<Postgres>(dsn); }

}  // namespace qianzhi::crash
