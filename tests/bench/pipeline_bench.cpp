// From a PostgreSQL commit to the commit in another PostgreSQL server, through the shipped programs as processes over
// TLS: agent, hub, agent (design numbers "end to end" and "commit in the source to commit in the target"). Throughput
// of a history and of a backlog in the log, against COPY of the same rows from the one server into the other; then
// the way of single transactions, 100 a second, against three fdatasyncs on the same disk. Fails only if rows are
// missing or differ. Argument: number of rows.
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tests/bench/pipeline_measure.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr int transactions = 1'000;
constexpr long tick_ns = 10'000'000;

// At each tick of a timer of the kernel, and once more for each tick it came too late for.
void commit_at_each_tick(Sql& source, long first) {
  source.prepare("one", "INSERT INTO firm SELECT * FROM made($1::bigint, $1::bigint)");
  const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  const itimerspec period{{0, tick_ns}, {0, tick_ns}};
  timerfd_settime(timer, 0, &period, nullptr);
  for (long done = 0; done < transactions;) {
    std::uint64_t ticks = 0;
    if (read(timer, &ticks, sizeof ticks) != sizeof ticks) break;
    for (; ticks > 0 && done < transactions; --ticks) source.execute("one", std::to_string(first + ++done));
  }
  close(timer);
}

// Milliseconds between the two commit records of each row, as the two servers noted them by the one clock, in ascending
// order.
std::vector<double> ways(Sql& source, Sql& target, long first) {
  const auto times = [&](Sql& database, const std::string& table) {
    return database.rows("SELECT id, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint FROM " +
                         table + " WHERE id > " + std::to_string(first) + " ORDER BY id");
  };
  const auto from = times(source, "firm");
  const auto to = times(target, "received_firm");
  std::vector<double> all;
  for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i)
    all.push_back(static_cast<double>(std::stoll(to[i][1]) - std::stoll(from[i][1])) / 1000);
  std::sort(all.begin(), all.end());
  return all;
}

void show_ways(const std::vector<double>& all, const Measure& m, double syncs) {
  if (all.empty()) return;
  const auto part = [&](double share) {
    return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
  };
  std::printf(
      "commit to commit, 100 a second: median %.1f ms, 90 %% %.1f, 99 %% %.1f, most %.1f (%zu transactions in"
      " %.2f s)\n",
      part(0.5), part(0.9), part(0.99), all.back(), all.size(), m.wall);
  std::printf("  three fdatasyncs of a page: %.1f ms; CPU-ms a transaction:", syncs);
  for (const auto& [kind, cpu] : m.cpu) std::printf(" %s %.2f", kind.c_str(), cpu * 1e3 / transactions);
  std::printf("\n");
}

int run(long rows) {
  const std::vector<std::string> settings = {"fsync = on", "shared_buffers = 256MB", "max_wal_size = 4GB",
                                             "track_commit_timestamp = on"};
  test::PostgresServer source_server(settings);
  test::PostgresServer target_server(settings);
  Sql source(source_server.dsn());
  Sql target(target_server.dsn());
  source.run(std::string("CREATE TABLE firm") + columns_sql);
  source.run(rows_sql);
  Exchange exchange(source_server, target_server);
  exchange.install();
  const auto fill = [&](long first) {
    source.run("CALL fill(" + std::to_string(first) + ", " + std::to_string(rows) + ")");
    source.run("ANALYZE firm");
    source.run("CHECKPOINT");
  };
  fill(0);
  std::printf("rows of %s octets\n", source.ask("SELECT (avg(octet_length(firm::text)))::int FROM firm").c_str());
  exchange.start_receiver();
  const Measure history = measure(exchange, [&] {
    exchange.start_provider();
    exchange.drain(static_cast<std::uint64_t>(rows));
  });
  show("history", history, rows);
  show_memory(exchange);

  target.run(std::string("CREATE TABLE copied") + columns_sql);
  const Measure copy = measure(exchange, [&] { source.copy("firm", target, "copied"); });
  show("COPY out and in", copy, rows);

  exchange.stop_provider();
  fill(rows);
  const Measure log = measure(exchange, [&] {
    exchange.start_provider();
    exchange.drain(2 * static_cast<std::uint64_t>(rows));
  });
  show("log, a backlog", log, rows);
  show_memory(exchange);
  std::printf("  times as long as COPY: history %.1f, log %.1f; times its CPU: %.1f, %.1f\n", history.wall / copy.wall,
              log.wall / copy.wall, history.sum / copy.sum, log.sum / copy.sum);

  const double syncs = three_syncs(exchange.directory());
  const Measure single = measure(exchange, [&] { commit_at_each_tick(source, 2 * rows); });
  exchange.drain(2 * static_cast<std::uint64_t>(rows) + transactions);
  show_ways(ways(source, target, 2 * rows), single, syncs);

  const std::string sent = digest_of(source, "firm");
  const std::string received = digest_of(target, "received_firm");
  if (sent == received) return 0;
  std::printf("DIFFERENT: source %s; target %s\n", sent.c_str(), received.c_str());
  return 1;
}

}  // namespace

int main(int count, char** values) { return run_with_rows(count, values, 200'000, run); }
