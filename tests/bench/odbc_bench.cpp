// Snapshots through ODBC against the driver's own fetch loop in the same run, on each of the three drivers: 12-column
// rows of about 300 octets. Plain: one SELECT of the whole table into bound columns, as isql does it, without canonical
// text, pages or checks of length. Prints rows/s, client CPU-seconds a million rows and the ratio. Argument: rows.
#include <sql.h>
#include <sqlext.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "adapters/odbc/odbc_adapter.h"
#include "hub-protocol/base/clock.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/postgres_server.h"

namespace {

using namespace qianzhi;

constexpr std::size_t column_count = 12;
constexpr const char* columns = "id, uscc, name, person, capital, founded, address, scope, area, staff, phone, changed";

double cpu_now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

SQLCHAR* sql_text(const std::string& text) {
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));  // NOLINT: ODBC takes no const
}

class Plain {
 public:
  explicit Plain(const std::string& text) {
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_);
    SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);  // NOLINT
    SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_);
    if (!SQL_SUCCEEDED(SQLDriverConnect(connection_, nullptr, sql_text(text), static_cast<SQLSMALLINT>(text.size()),
                                        nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT)))
      throw std::runtime_error("cannot connect: " + text);
  }
  ~Plain() {
    SQLDisconnect(connection_);
    SQLFreeHandle(SQL_HANDLE_DBC, connection_);
    SQLFreeHandle(SQL_HANDLE_ENV, environment_);
  }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

  // How many rows came.
  long execute(const std::string& sql) {
    SQLHSTMT statement = SQL_NULL_HSTMT;
    SQLAllocHandle(SQL_HANDLE_STMT, connection_, &statement);
    const SQLRETURN done = SQLExecDirect(statement, sql_text(sql), static_cast<SQLINTEGER>(sql.size()));
    if (!SQL_SUCCEEDED(done) && done != SQL_NO_DATA) throw std::runtime_error("refused: " + sql);
    SQLSMALLINT count = 0;
    SQLNumResultCols(statement, &count);
    std::array<std::array<char, 4097>, column_count> buffers{};
    std::array<SQLLEN, column_count> sizes{};
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) && i < column_count; ++i)
      SQLBindCol(statement, static_cast<SQLUSMALLINT>(i + 1), SQL_C_CHAR, buffers[i].data(), buffers[i].size(),
                 &sizes[i]);
    long rows = 0;
    while (count > 0 && SQL_SUCCEEDED(SQLFetch(statement))) ++rows;
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    return rows;
  }

 private:
  SQLHENV environment_ = SQL_NULL_HENV;
  SQLHDBC connection_ = SQL_NULL_HDBC;
};

// series: FROM clause that counts k from 1; name: an expression of text with k in it.
std::string fill_sql(const std::string& head, const std::string& series, const std::string& name) {
  return head + "INSERT INTO firm SELECT k, '91350100M000100Y43', " + name +
         ", '张三丰', k % 100000 + 0.25, '2001-02-03', " + name +
         ", '批发零售日用百货批发零售日用百货批发零售日用百货批发零售日用百货', '440106', k % 500,"
         " CASE k % 7 WHEN 0 THEN NULL ELSE '13800000000' END, '2024-01-01 10:20:30.5' FROM " +
         series;
}

void compare(const std::string& dialect, const std::string& connect, const std::string& fill, long rows) {
  const SystemClock clock;
  Plain plain(connect);
  plain.execute(
      "CREATE TABLE firm(id BIGINT NOT NULL PRIMARY KEY, uscc CHAR(18), name VARCHAR(200), person VARCHAR(50),"
      " capital NUMERIC(18,2), founded DATE, address VARCHAR(200), scope VARCHAR(2000), area VARCHAR(6), staff INTEGER,"
      " phone VARCHAR(20), changed TIMESTAMP(6) NULL)");
  plain.execute(fill);
  struct Measure {
    double seconds = 0;
    double cpu = 0;
    long rows = 0;
  };
  const auto measure = [&](const auto& work) {
    const double cpu = cpu_now();
    const Micros start = clock.steady();
    const long read = work();
    return Measure{static_cast<double>(clock.steady() - start) / 1e6, cpu_now() - cpu, read};
  };
  const Measure raw = measure([&] { return plain.execute(std::string("SELECT ") + columns + " FROM firm"); });
  const auto odbc = adapter::make_odbc_adapter(clock);
  adapter::SourceTable table{
      "firm",
      {"id", "uscc", "name", "person", "capital", "founded", "address", "scope", "area", "staff", "phone", "changed"},
      {"id"},
      {}};
  const auto source = odbc->open_source(
      {{{{"dialect", dialect}, {"connect", connect}}, {}}, "bench", adapter::CaptureMode::snapshot_only, {table}, 0});
  const Measure ours = measure([&] {
    long read = 0;
    Bytes cursor;
    for (bool done = false; !done;) {
      const adapter::SnapshotChunk chunk = source->read_snapshot(0, cursor, {2000, 1U << 20U});
      read += static_cast<long>(chunk.columns[0].size());
      cursor = chunk.cursor;
      done = chunk.done;
    }
    return read;
  });
  if (raw.rows != rows || ours.rows != rows) throw std::runtime_error(dialect + ": rows are missing");
  const auto show = [&](const char* what, const Measure& m) {
    const auto count = static_cast<double>(rows);
    std::printf("%-11s %-9s %8.0f rows/s  %6.2f CPU-s a million rows\n", dialect.c_str(), what, count / m.seconds,
                m.cpu * 1e6 / count);
  };
  show("driver", raw);
  show("snapshot", ours);
  std::printf("%-11s CPU ratio %.2f\n", dialect.c_str(), ours.cpu / raw.cpu);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%-11s largest memory so far, the driver's own result in it: %ld MB\n", dialect.c_str(),
              usage.ru_maxrss / 1024);
}

double cpu_of_process(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string word;
  long ticks = 0;
  for (int i = 1; i <= 15 && stat >> word; ++i) {
    long number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    if (i >= 14) ticks += number;
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// What a journal costs its server while nothing happens: five tables, looked at again and again.
void look_idly(const test::MariadbServer& server, const std::string& connect) {
  constexpr int looks = 400;
  const SystemClock clock;
  adapter::SourceSpec spec{
      {{{"dialect", "mariadb"}, {"connect", connect}}, {}}, "bench", adapter::CaptureMode::journal, {}, 0};
  Plain plain(connect);
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    plain.execute(std::string("CREATE TABLE ") + name + "(id BIGINT NOT NULL PRIMARY KEY, v VARCHAR(20))");
    spec.tables.push_back({name, {"id", "v"}, {"id"}, {}});
  }
  const auto odbc = adapter::make_odbc_adapter(clock);
  server.run_script(odbc->plan_source(spec).install, "bench");
  const auto source = odbc->open_source(spec);
  SourcePosition place = source->present();
  const double before = cpu_of_process(server.process());
  const double own = cpu_now();
  for (int i = 0; i < looks; ++i) place = source->read_changes(place, {}, {}, 0).position;
  std::printf("mariadb     journal, five tables, a look without news: %.2f ms of server CPU, %.2f ms of ours\n",
              (cpu_of_process(server.process()) - before) * 1e3 / looks, (cpu_now() - own) * 1e3 / looks);
  const double waiting = cpu_of_process(server.process());
  source->read_changes(place, {}, {}, 10'000'000);
  std::printf("mariadb     journal, five tables, ten seconds of waiting: %.0f ms of server CPU\n",
              (cpu_of_process(server.process()) - waiting) * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string number = argc > 1 ? argv[1] : "200000";
  const long rows = std::strtol(number.c_str(), nullptr, 10);
  const std::string recursion =
      "WITH RECURSIVE s(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM s WHERE k < " + number + ") ";
  const std::string piped = "'广州市某某贸易有限公司天河区某某路' || k || '号'";
  const test::TempDir folder;
  compare("sqlite", "Driver={SQLite3};Database=" + (folder / "bench.db").string(), fill_sql(recursion, "s", piped),
          rows);
  const test::PostgresServer postgres;
  std::string typed = fill_sql("", "generate_series(1, " + number + ") AS k", piped);
  typed.replace(typed.find("'2001-02-03'"), 12, "date '2001-02-03'");
  typed.replace(typed.find("'2024-01-01 10:20:30.5'"), 23, "timestamp '2024-01-01 10:20:30.5'");
  compare("postgresql",
          "Driver={PostgreSQL Unicode};Server=" + postgres.data().parent_path().string() +
              ";Port=5432;Database=postgres;UID=postgres",
          typed, rows);
  const test::MariadbServer mariadb;
  const std::string socket =
      "Driver={MariaDB Unicode};Socket=" + mariadb.socket().string() + ";UID=root;CHARSET=utf8mb4";
  Plain(socket).execute("CREATE DATABASE bench CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
  compare("mariadb", socket + ";Database=bench",
          fill_sql("", "(SELECT seq AS k FROM seq_1_to_" + number + ") AS s",
                   "CONCAT('广州市某某贸易有限公司天河区某某路', k, '号')"),
          rows);
  look_idly(mariadb, socket + ";Database=bench");
  return 0;
}
