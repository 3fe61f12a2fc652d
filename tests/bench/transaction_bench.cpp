// A20 One transaction of many rows, from PostgreSQL's log through agent, hub and agent into another PostgreSQL server:
// the memory of each of our processes as a curve over the whole way, idle before it. Fails if a row is missing or
// differs, or if a process of ours passes 128 MiB (design numbers, "memory"). Argument: number of rows.
#include <cstdio>

#include "tests/bench/pipeline_measure.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr long ceiling_kib = 128L * 1024;

int run(long rows) {
  // The servers' own durability is not what is measured here.
  const std::vector<std::string> settings = {"fsync = off", "shared_buffers = 256MB", "max_wal_size = 8GB"};
  test::PostgresServer source_server(settings);
  test::PostgresServer target_server(settings);
  Sql source(source_server.dsn());
  Sql target(target_server.dsn());
  source.run(std::string("CREATE TABLE firm") + columns_sql);
  source.run(rows_sql);
  Exchange exchange(source_server, target_server);
  exchange.install();
  exchange.start_receiver();
  exchange.start_provider();
  source.run("CALL fill(0, 1000)");
  exchange.drain(1000);
  std::printf("idle:");
  for (const auto& [kind, used] : exchange.used())
    if (kind.find("PostgreSQL") != 0)
      std::printf(" %s %ld MiB (%ld with its share of the libraries);", kind.c_str(), used.now_kib / 1024,
                  used.share_kib / 1024);
  std::printf("\n");

  source.run("INSERT INTO firm SELECT * FROM made(1001, " + std::to_string(rows + 1000) + ")");
  MemoryCurve curve(exchange);
  const Measure whole = measure(exchange, [&] { exchange.drain(static_cast<std::uint64_t>(rows) + 1000); });
  show("one transaction", whole, rows);
  curve.show(20);
  const std::string sent = digest_of(source, "firm");
  const std::string received = digest_of(target, "received_firm");
  if (sent != received) std::printf("WRONG: source %s; target %s\n", sent.c_str(), received.c_str());
  if (curve.peak() > ceiling_kib) std::printf("WRONG: over %ld MiB\n", ceiling_kib / 1024);
  return sent == received && curve.peak() <= ceiling_kib ? 0 : 1;
}

}  // namespace

int main(int count, char** values) { return run_with_rows(count, values, 6'000'000, run); }
