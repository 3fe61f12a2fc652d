// Questions of an answer service: 20,000 by a key in calls of 1,000, half of them found, of a table of 200,000 rows. On
// PostgreSQL and on SQLite, by the adapter in this process and through its own, and by a loop of the database's own
// client library over one prepared statement, in the same run. Argument: number of questions.
#include <libpq-fe.h>
#include <sqlite3.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "adapters/api/lookup.h"
#include "adapters/api/process_adapter.h"
#include "adapters/postgresql/postgresql_adapter.h"
#include "adapters/sqlite/sqlite_adapter.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/support/postgres_server.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qianzhi;

constexpr int table_rows = 200'000;
constexpr const char* create = "CREATE TABLE firm(code VARCHAR(20) PRIMARY KEY, name VARCHAR(200), district CHAR(6))";
const SystemClock the_clock;

std::string code_of(int question) {
  const std::string digits = std::to_string((question * 7919LL) % (2LL * table_rows));
  return "91440101" + std::string(10 - digits.size(), '0') + digits;
}

void show(const char* what, int questions, const std::function<long()>& work) {
  work();
  const Micros start = the_clock.steady();
  const long found = work();
  const double seconds = static_cast<double>(the_clock.steady() - start) / 1e6;
  std::printf("%-44s %8.0f questions/s  (%ld found)\n", what, questions / seconds, found);
}

long ask(adapter::Lookup& lookup, int questions) {
  long found = 0;
  for (int done = 0; done < questions;) {
    std::vector<Column> asked(1);
    for (int i = done; i < questions && i < done + 1000; ++i) asked[0].append(code_of(i));
    const adapter::Found answer = lookup.find(0, asked, 10, {20'000, 8U << 20U});
    done += static_cast<int>(answer.answered);
    found += static_cast<long>(answer.question.size());
  }
  return found;
}

adapter::LookupSpec spec_of(adapter::Connection connection) {
  adapter::LookupSpec spec;
  spec.connection = std::move(connection);
  spec.name = "bench";
  spec.statements = {{"firm", "firm", {"code"}, "", {}, {"name", "district"}, {}}};
  return spec;
}

void measure(const char* name, adapter::Adapter& direct, const char* program, const adapter::LookupSpec& spec,
             int questions, const std::function<long()>& loop) {
  std::printf("%s\n", name);
  const auto lookup = direct.open_lookup(spec);
  show("  adapter, in this process", questions, [&] { return ask(*lookup, questions); });
  const auto process = adapter::make_process_adapter(program, the_clock);
  const auto beyond = process->open_lookup(spec);
  show("  adapter, through its process", questions, [&] { return ask(*beyond, questions); });
  show("  client library, one prepared statement", questions, loop);
}

using Pg = std::unique_ptr<PGconn, decltype(&PQfinish)>;

void run(const Pg& connection, const std::string& sql) {
  PGresult* result = PQexec(connection.get(), sql.c_str());
  const auto status = PQresultStatus(result);
  PQclear(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
}

void postgresql(int questions) {
  const test::PostgresServer server;
  const Pg connection(PQconnectdb(server.dsn().c_str()), &PQfinish);
  run(connection, create);
  run(connection,
      "INSERT INTO firm SELECT '91440101' || lpad((2 * i)::text, 10, '0'), '广州市某某有限公司' || i, '440103'"
      " FROM generate_series(0, " +
          std::to_string(table_rows - 1) + ") AS i; ANALYZE firm");
  PQclear(PQprepare(connection.get(), "q", "SELECT name, district FROM firm WHERE code = $1", 0, nullptr));
  measure("PostgreSQL", *adapter::make_postgresql_adapter(the_clock), QIANZHI_ADAPTER_POSTGRESQL,
          spec_of({{{"dsn", server.dsn()}}, {}}), questions, [&] {
            long found = 0;
            for (int i = 0; i < questions; ++i) {
              const std::string code = code_of(i);
              const char* value = code.c_str();
              PGresult* rows = PQexecPrepared(connection.get(), "q", 1, &value, nullptr, nullptr, 0);
              found += PQntuples(rows);
              PQclear(rows);
            }
            return found;
          });
}

void sqlite_file(int questions) {
  const test::TempDir directory;
  const std::string file = (directory / "department.db").string();
  sqlite3* database = nullptr;
  sqlite3_open(file.c_str(), &database);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> owner(database, &sqlite3_close);
  const std::string fill = std::string("PRAGMA journal_mode=WAL;") + create +
                           "; WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                           std::to_string(table_rows - 1) +
                           ") INSERT INTO firm SELECT printf('91440101%010d', 2 * i), '广州市某某有限公司' || i, "
                           "'440103' FROM n";
  if (sqlite3_exec(database, fill.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(database));
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(database, "SELECT name, district FROM firm WHERE code = ?1", -1, &query, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> prepared(query, &sqlite3_finalize);
  measure("SQLite", *adapter::make_sqlite_adapter(the_clock), QIANZHI_ADAPTER_SQLITE, spec_of({{{"file", file}}, {}}),
          questions, [&] {
            long found = 0;
            for (int i = 0; i < questions; ++i) {
              const std::string code = code_of(i);
              sqlite3_bind_text(query, 1, code.c_str(), -1, SQLITE_TRANSIENT);
              while (sqlite3_step(query) == SQLITE_ROW)
                found += sqlite3_column_text(query, 0) != nullptr && sqlite3_column_text(query, 1) != nullptr ? 1 : 0;
              sqlite3_reset(query);
            }
            return found;
          });
}

}  // namespace

int main(int argc, char** argv) {
  int questions = 20'000;
  if (argc > 1) std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), questions);
  std::printf("%d questions in calls of 1,000, of a table of %d rows\n", questions, table_rows);
  postgresql(questions);
  sqlite_file(questions);
  return 0;
}
