// A target compared with its provider's source, through the shipped programs as processes over TLS (PROTOCOL 9.1):
// first with nothing to be found, then with one row in a thousand changed, deleted or added at the target. Against what
// the other cure costs: a refill of all of it. Fails if not exactly what differs is found, or the target is not equal
// then. Argument: number of rows.
#include <cstdio>

#include "tests/bench/pipeline_measure.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

int run(long rows) {
  test::PostgresServer source_server({"shared_buffers = 256MB", "max_wal_size = 4GB"});
  test::PostgresServer target_server({"shared_buffers = 256MB", "max_wal_size = 4GB"});
  Sql source(source_server.dsn());
  Sql target(target_server.dsn());
  source.run(std::string("CREATE TABLE firm") + columns_sql);
  source.run(rows_sql);
  Exchange exchange(source_server, target_server);
  exchange.install();
  source.run("CALL fill(0, " + std::to_string(rows) + ")");
  source.run("ANALYZE firm");
  exchange.start_receiver();
  const Measure history = measure(exchange, [&] {
    exchange.start_provider();
    exchange.drain(static_cast<std::uint64_t>(rows));
  });
  show("history, as a refill has it", history, rows);
  std::string nothing;
  const Measure equal = measure(exchange, [&] { nothing = exchange.compare(); });
  show("comparison, all equal", equal, rows);
  std::printf("  %s\n", nothing.c_str());
  target.run("UPDATE received_firm SET name = 'other' WHERE id % 2000 = 1");
  target.run("DELETE FROM received_firm WHERE id % 4000 = 2");
  target.run("UPDATE received_firm SET id = id + 1000000000 WHERE id % 4000 = 3 AND id < 1000000000");
  std::string found;
  const Measure differing = measure(exchange, [&] { found = exchange.compare(); });
  show("comparison, 1 in 1000 differs", differing, rows);
  std::printf("  %s\n", found.c_str());
  exchange.drain(static_cast<std::uint64_t>(rows));
  show_memory(exchange);
  std::printf("  CPU to that of the history: %.2f and %.2f\n", equal.sum / history.sum, differing.sum / history.sum);
  const bool none = nothing.find(" 0 missing, 0 changed, 0 extra ") != std::string::npos;
  const std::string share = std::to_string(rows / 2000) + " missing, " + std::to_string(rows / 2000) + " changed, " +
                            std::to_string(rows / 4000) + " extra";
  const bool same = digest_of(source, "firm") == digest_of(target, "received_firm");
  if (none && found.find(share) != std::string::npos && same) return 0;
  std::printf("WRONG: expected %s; the target is %s\n", share.c_str(), same ? "equal" : "DIFFERENT");
  return 1;
}

}  // namespace

int main(int count, char** values) { return run_with_rows(count, values, 200'000, run); }
