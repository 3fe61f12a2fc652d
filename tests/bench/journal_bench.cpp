// What a trigger journal costs a PostgreSQL server: CPU microseconds a row of its own process for inserts, updates and
// deletes in transactions of 1,000 rows, one statement a row, without and with the triggers; then how fast the journal
// is read and removed, and what that costs both sides. Usage: bench_journal [ROWS]
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "adapters/postgresql/postgresql_adapter.h"
#include "adapters/postgresql/session.h"
#include "tests/support/postgres_server.h"

using namespace qianzhi;

namespace {

// Of another process, user and system together.
double cpu_of(long pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(stat), {}};
  const std::string fields = text.substr(text.rfind(')') + 2);
  std::size_t at = 0;
  for (int i = 0; i < 11; ++i) at = fields.find(' ', at) + 1;
  char* rest = nullptr;
  const double user = static_cast<double>(std::strtoull(fields.c_str() + at, &rest, 10));
  const double system = static_cast<double>(std::strtoull(rest, nullptr, 10));
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

class Department {
 public:
  Department(const adapter::Connection& connection, long rows)
      : session_(connection, postgresql::Purpose::write),
        pid_(session_.run("SELECT pg_backend_pid()", "asking").integer(0, 0)),
        rows_(rows) {
    session_.run(
        "CREATE TABLE firm(id bigint PRIMARY KEY, code char(18), name text, legal text, capital numeric(18,2), day "
        "date,"
        " address text, scope text, district char(6), kind int, phone text, seen timestamp(6))",
        "creating");
    // One statement a row, made in the server, so that only the server's work is seen.
    session_.run(
        "CREATE PROCEDURE work(what text, rows int) LANGUAGE plpgsql AS $$ DECLARE i int; BEGIN FOR i IN 1..rows LOOP"
        " IF what = 'insert' THEN INSERT INTO firm VALUES(i, '914403001922038216', '广州市某某科技发展有限公司' || i,"
        " '张三', i * 1.25, '2015-05-11', '荔湾区西华路' || i || '号首层', repeat('批发和零售业；', 8), '440103', i % "
        "7,"
        " NULL, now());"
        " ELSIF what = 'update' THEN UPDATE firm SET kind = kind + 1 WHERE id = i;"
        " ELSE DELETE FROM firm WHERE id = i; END IF;"
        " IF i % 1000 = 0 THEN COMMIT; END IF; END LOOP; END $$",
        "creating");
  }

  double microseconds(const std::string& what) {
    const double before = cpu_of(pid_);
    session_.run("CALL work('" + what + "', " + std::to_string(rows_) + ")", "working");
    return (cpu_of(pid_) - before) * 1e6 / static_cast<double>(rows_);
  }
  void run(const std::string& sql) { session_.run(sql, "installing"); }

 private:
  postgresql::Session session_;
  long pid_;
  long rows_;
};

}  // namespace

int main(int count, char** values) {
  const long rows = count > 1 ? std::strtol(values[1], nullptr, 10) : 200'000;
  test::PostgresServer server;
  const adapter::Connection connection{{{"dsn", server.dsn()}}, {}};
  const SystemClock clock;
  const auto adapter = adapter::make_postgresql_adapter(clock);
  const adapter::SourceSpec spec{
      connection,
      "bench",
      adapter::CaptureMode::journal,
      {{"public.firm",
        {"id", "code", "name", "legal", "capital", "day", "address", "scope", "district", "kind", "phone", "seen"},
        {"id"},
        {"district"}}},
      0};
  Department department(connection, rows);
  const char* const work[] = {"insert", "update", "delete"};
  double plain[3];
  for (int i = 0; i < 3; ++i) plain[i] = department.microseconds(work[i]);
  department.run(adapter->plan_source(spec).install);
  const auto source = adapter->open_source(spec);
  SourcePosition place = source->present();
  for (int i = 0; i < 3; ++i) {
    const double with = department.microseconds(work[i]);
    std::printf("%-8s %6.1f us a row of server CPU without, %6.1f with the journal: %5.2f times, %5.1f us more\n",
                work[i], plain[i], with, with / plain[i], with - plain[i]);
    const double cpu = own_cpu();
    const Micros begun = clock.steady();
    std::size_t seen = 0;
    for (bool more = true; more;) {
      const adapter::Changes changes = source->read_changes(place, {}, {}, 0);
      for (const auto& table : changes.tables) seen += table.meta.size();
      more = !(changes.position == place);
      place = changes.position;
      source->forget(place);
    }
    const double wall = static_cast<double>(clock.steady() - begun) / 1e6;
    std::printf("         read: %zu changes, %.0f a second, %.2f CPU-s a million in the adapter\n", seen,
                static_cast<double>(seen) / wall, (own_cpu() - cpu) * 1e6 / static_cast<double>(seen));
  }
  return 0;
}
