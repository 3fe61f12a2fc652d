// PostgreSQL capture against PostgreSQL's own tools in the same run: 1 million 12-column rows of about 300 octets in
// transactions of 1,000. Log: read_changes() against pg_recvlogical. Snapshot: read_snapshot() against COPY.
// Prints rows/s, client CPU-seconds and the ratios. Argument: number of rows.
#include <libpq-fe.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "adapters/postgresql/postgresql_adapter.h"
#include "hub-protocol/base/error.h"
#include "tests/support/postgres_server.h"

namespace {

using namespace qianzhi;

double cpu_of(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

struct Measure {
  double seconds = 0;
  double cpu = 0;
};

template <typename Work>
Measure measure(int who, const Work& work) {
  const SystemClock clock;
  const double cpu = cpu_of(who);
  const Micros start = clock.steady();
  work();
  return {static_cast<double>(clock.steady() - start) / 1e6, cpu_of(who) - cpu};
}

class Department {
 public:
  explicit Department(const std::string& dsn) : connection_(PQconnectdb(dsn.c_str()), &PQfinish) {}
  std::string run(const std::string& sql) {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection_.get(), sql.c_str()),
                                                                [](PGresult* r) { PQclear(r); });
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }
  // Reads a COPY to its end and throws it away.
  void copy_out(const std::string& sql) {
    PQclear(PQexec(connection_.get(), sql.c_str()));
    char* row = nullptr;
    while (PQgetCopyData(connection_.get(), &row, 0) > 0) PQfreemem(row);
    while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

constexpr const char* columns = "id, uscc, name, person, capital, founded, address, scope, area, staff, phone, changed";

void fill(Department& department, long rows) {
  department.run(
      "CREATE PROCEDURE fill(n bigint) LANGUAGE plpgsql AS $$ BEGIN FOR i IN 0 .. n / 1000 - 1 LOOP"
      " INSERT INTO firm SELECT k, lpad(k::text, 18, '9'), '广州市某某贸易有限公司' || k, '张三丰', k % 100000 + 0.25,"
      " date '2000-01-01' + (k % 8000)::int, '广东省广州市天河区某某路' || k || '号', repeat('批发零售日用百货', 4),"
      " '440106', k % 500, CASE k % 7 WHEN 0 THEN NULL ELSE '13800000000' END,"
      " timestamp '2024-01-01' + k * interval '1.5 seconds'"
      " FROM generate_series(i * 1000 + 1, i * 1000 + 1000) k; COMMIT; END LOOP; END $$");
  department.run("CALL fill(" + std::to_string(rows) + ")");
}

void show(const char* what, const Measure& m, long rows) {
  std::printf("  %-34s %9.0f rows/s  %6.2f client CPU-s per million rows\n", what,
              static_cast<double>(rows) / m.seconds, m.cpu * 1e6 / static_cast<double>(rows));
}

// Restarted readers meet the slot's former walsender for a moment.
adapter::Changes read(adapter::Source& source, const SourcePosition& after) {
  for (;;) {
    try {
      return source.read_changes(after, {}, {2000, 1U << 20U}, 1'000'000);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) throw;
    }
  }
}

void bench_log(test::PostgresServer& server, Department& department, adapter::Source& source,
               const SourcePosition& start, const std::string& slot, long rows) {
  const std::string end = department.run("SELECT pg_current_wal_flush_lsn()");
  const Measure tool = measure(RUSAGE_CHILDREN, [&] {
    test::run_unprivileged(
        {test::postgres_program("pg_recvlogical").string(), "-d", server.dsn("bench"), "--slot", "reference", "--start",
         "-o", "proto_version=1", "-o", "publication_names=" + slot, "--endpos", end, "-f", "/dev/null"},
        server.data().parent_path(), server.data().parent_path() / "recv.log");
  });
  long seen = 0;
  long chunks = 0;
  SourcePosition place = start;
  const Measure ours = measure(RUSAGE_SELF, [&] {
    while (seen < rows) {
      const auto changes = read(source, place);
      for (const auto& table : changes.tables) seen += static_cast<long>(table.meta.size());
      ++chunks;
      place = changes.position;
      if (chunks % 50 == 0) source.forget(place);
    }
  });
  std::printf("log, %ld rows in %ld chunks\n", seen, chunks);
  show("pg_recvlogical pgoutput", tool, rows);
  show("read_changes", ours, rows);
  std::printf("  ratio %.0f %% of pg_recvlogical's rows/s, %.2f times its CPU\n", 100 * tool.seconds / ours.seconds,
              ours.cpu / tool.cpu);
}

void bench_snapshot(Department& department, adapter::Source& source, long rows) {
  const Measure tool =
      measure(RUSAGE_SELF, [&] { department.copy_out("COPY firm (" + std::string(columns) + ") TO STDOUT"); });
  long seen = 0;
  const Measure ours = measure(RUSAGE_SELF, [&] {
    Bytes cursor;
    for (bool done = false; !done;) {
      const auto chunk = source.read_snapshot(0, cursor, {5000, 1U << 21U});
      seen += static_cast<long>(chunk.columns[0].size());
      cursor = chunk.cursor;
      done = chunk.done;
    }
  });
  std::printf("snapshot, %ld rows\n", seen);
  show("COPY text", tool, rows);
  show("read_snapshot", ours, rows);
  std::printf("  ratio %.0f %% of COPY's rows/s, %.2f times its CPU\n", 100 * tool.seconds / ours.seconds,
              ours.cpu / tool.cpu);
}

}  // namespace

int main(int argc, char** argv) {
  const long rows = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1'000'000;
  test::PostgresServer server({"max_wal_size = 4GB", "shared_buffers = 512MB"});
  Department(server.dsn()).run("CREATE DATABASE bench");
  Department department(server.dsn("bench"));
  department.run(
      "CREATE TABLE firm (id bigint PRIMARY KEY, uscc char(18), name varchar(200), person varchar(60),"
      " capital numeric(18,2), founded date, address varchar(200), scope text, area char(6), staff int,"
      " phone varchar(20), changed timestamp(6))");
  const SystemClock clock;
  const auto adapter = adapter::make_postgresql_adapter(clock);
  adapter::SourceSpec spec;
  spec.connection.options["dsn"] = server.dsn("bench");
  spec.name = "bench";
  spec.mode = adapter::CaptureMode::log;
  spec.tables.push_back(
      {"firm",
       {"id", "uscc", "name", "person", "capital", "founded", "address", "scope", "area", "staff", "phone", "changed"},
       {"id"},
       {}});
  department.run(adapter->plan_source(spec).install);
  const auto source = adapter->open_source(spec);
  const SourcePosition start = source->present();
  department.run("SELECT pg_create_logical_replication_slot('reference', 'pgoutput')");
  fill(department, rows);
  department.run("CHECKPOINT");
  bench_log(server, department, *source, start, "qianzhi_bench", rows);
  bench_snapshot(department, *source, rows);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory of this process %ld MB\n", usage.ru_maxrss / 1024);
  return 0;
}
