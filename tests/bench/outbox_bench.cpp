// From a PostgreSQL commit to the agent's durable outbox: capture stage, adapter process, mapping, sealing, Ed25519,
// SQLite with synchronous=FULL; against pg_recvlogical and COPY on the same rows in the same run (design numbers, first
// two rows). Prints rows/s, CPU-seconds of our two processes and peak memory. Argument: number of rows.
#include <libpq-fe.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "adapters/api/memory.h"
#include "hub-protocol/base/log.h"
#include "tests/bench/outbox_parts.h"
#include "tests/bench/pipeline_measure.h"
#include "tests/support/postgres_server.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr long rounds = 5;

void copy_out(const std::string& dsn) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(dsn.c_str()), &PQfinish);
  PQclear(PQexec(connection.get(), "COPY firm TO STDOUT"));
  char* row = nullptr;
  while (PQgetCopyData(connection.get(), &row, 0) > 0) PQfreemem(row);
  while (PGresult* rest = PQgetResult(connection.get())) PQclear(rest);
}

void receive_with_own_tool(const test::PostgresServer& server, const std::string& end, const std::string& publication) {
  const std::filesystem::path folder = server.data().parent_path();
  test::run_unprivileged(
      {test::postgres_program("pg_recvlogical").string(), "-d", server.dsn(), "--slot", "reference", "--start", "-f",
       "/dev/null", "-o", "proto_version=1", "-o", "publication_names=" + publication, "--endpos", end},
      folder, folder / "recvlogical.log");
}

int run(long rows) {
  adapter::keep_freed_memory();
  set_log_level(LogLevel::error);
  test::PostgresServer server({"wal_level = logical"});
  Sql department(server.dsn());
  department.run(std::string("CREATE TABLE firm") + columns_sql);
  department.run(rows_sql);
  Outbox outbox("postgresql", {{{"dsn", server.dsn()}}, {}}, "public.firm");
  const std::string publication = "qianzhi_" + outbox.spec().name;
  department.run("ALTER TABLE firm REPLICA IDENTITY FULL; CREATE PUBLICATION " + publication + " FOR TABLE firm");
  department.run("CALL fill(0, " + std::to_string(rows) + ")");
  department.run("ANALYZE firm");
  outbox.start();
  const Took snapshot = measure([&] { outbox.finish_refill(); });
  const Took copy = measure([&] { copy_out(server.dsn()); });
  show("PostgreSQL snapshot to outbox", snapshot, rows);
  show("COPY to a client that discards", copy, rows);
  std::printf("  ratio of rows/s to COPY: %.2f\n", copy.wall / snapshot.wall);

  department.run("SELECT pg_create_logical_replication_slot('reference', 'pgoutput')");
  // In turns, so that what else the machine does meanwhile falls on both.
  const long share = rows / rounds;
  Took log;
  Took reference;
  std::vector<double> ratios;
  for (long round = 0; round < rounds; ++round) {
    department.run("CALL fill(" + std::to_string(rows + round * share) + ", " + std::to_string(share) + ")");
    const std::string end = department.ask("SELECT pg_current_wal_flush_lsn()");
    Took ours;
    Took theirs;
    const auto use_own_tool = [&] { theirs = measure_tool([&] { receive_with_own_tool(server, end, publication); }); };
    if (round % 2 == 1) use_own_tool();
    ours = measure([&] { outbox.seal_changes(share); });
    if (round % 2 == 0) use_own_tool();
    log += ours;
    reference += theirs;
    ratios.push_back(theirs.wall / ours.wall);
  }
  show("PostgreSQL log to outbox", log, share * rounds);
  show("pg_recvlogical to /dev/null", reference, share * rounds);
  std::sort(ratios.begin(), ratios.end());
  std::printf("  ratio of rows/s to pg_recvlogical: %.2f (of %ld rounds: %.2f to %.2f, median %.2f)\n",
              reference.wall / log.wall, rounds, ratios.front(), ratios.back(), ratios[ratios.size() / 2]);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory: agent part %ld MiB, adapter %ld MiB; outbox %.0f octets a row\n", usage.ru_maxrss / 1024,
              adapter_of_this_process().peak_kib / 1024, outbox.queued() / static_cast<double>(2 * rows));
  return 0;
}

}  // namespace

int main(int count, char** values) { return bench::run_with_rows(count, values, 200'000, run); }
