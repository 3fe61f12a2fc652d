// A20: the hub is away for 72 hours, in compressed form: as many rows as change meanwhile are committed in the source,
// and all of them wait in the agent's queue. Then the hub comes back, the queue drains, and a row of another topic is
// committed ten times a second. Fails if rows are missing, differ or came out of order, if a process needs more memory
// than its ceiling, or if a row of the other topic waits as long as a third of the draining. Argument: number of rows.
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tests/bench/pipeline_measure.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr long tick_ns = 100'000'000;
constexpr long ceiling_kib = 512L * 1024;  // of each of our processes, however many rows wait

// Of processes that end meanwhile, too.
using Peaks = std::map<std::string, long>;
void note_peaks(const Exchange& exchange, Peaks& peaks) {
  for (const auto& [kind, used] : exchange.used()) peaks[kind] = std::max(peaks[kind], used.peak_kib);
}

// Until told to end.
void commit_notices(const std::string& dsn, const std::atomic<bool>& ends) {
  Sql source(dsn);
  source.prepare("one", "INSERT INTO notice VALUES($1::bigint, 'n', '440106')");
  const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  const itimerspec period{{0, tick_ns}, {0, tick_ns}};
  timerfd_settime(timer, 0, &period, nullptr);
  long done = 0;
  for (std::uint64_t ticks = 0; !ends && read(timer, &ticks, sizeof ticks) == sizeof ticks;)
    source.execute("one", std::to_string(++done));
  close(timer);
}

// Seconds between the two commit records of each notice, in ascending order.
std::vector<double> ways(Sql& source, Sql& target) {
  const auto times = [&](Sql& database, const std::string& table) {
    return database.rows("SELECT id, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint FROM " +
                         table + " ORDER BY id");
  };
  const auto from = times(source, "notice");
  const auto to = times(target, "received_notice");
  std::vector<double> all;
  for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i)
    all.push_back(static_cast<double>(std::stoll(to[i][1]) - std::stoll(from[i][1])) / 1e6);
  std::sort(all.begin(), all.end());
  return all;
}

void show_load() {
  double loads[3] = {};
  if (getloadavg(loads, 3) == 3) std::printf("  load average %.1f %.1f %.1f\n", loads[0], loads[1], loads[2]);
}

void show_disk(const Exchange& exchange) {
  std::printf("  disk:");
  for (const char* name : {"provider-01.db", "provider-01.db-wal", "hub.db", "hub.db-wal", "receiver-01.db"}) {
    std::error_code absent;
    const auto size = std::filesystem::file_size(exchange.directory() / name, absent);
    if (!absent) std::printf(" %s %.1f MiB;", name, static_cast<double>(size) / 1048576);
  }
  std::printf("\n");
}

// Rows are committed in the order of their number; so they must be at the target.
std::string disorder(Sql& target) {
  return target.ask(
      "SELECT count(*) FROM (SELECT pg_xact_commit_timestamp(xmin) AS time, lag(pg_xact_commit_timestamp(xmin)) OVER"
      " (ORDER BY id) AS before FROM received_firm) s WHERE time < before");
}

bool judge(Sql& source, Sql& target, const Peaks& peaks, double drained) {
  bool good = true;
  const auto fail = [&](const std::string& what) {
    std::printf("WRONG: %s\n", what.c_str());
    good = false;
  };
  const std::vector<double> all = ways(source, target);
  const std::string notices = source.ask("SELECT count(*) FROM notice");
  if (all.empty() || std::to_string(all.size()) != notices) return fail("notices are missing"), false;
  std::printf("another topic meanwhile: median %.2f s, most %.2f s (%zu rows)\n", all[all.size() / 2], all.back(),
              all.size());
  if (all.back() > std::max(5.0, drained / 3)) fail("the other topic starved");
  std::printf("peak memory:");
  for (const auto& [kind, peak] : peaks) std::printf(" %s %ld MiB;", kind.c_str(), peak / 1024);
  std::printf(" PostgreSQL: the largest process of each\n");
  for (const auto& [kind, peak] : peaks)
    if (kind.find("PostgreSQL") != 0 && peak > ceiling_kib) fail(kind + " needs too much memory");
  if (const std::string count = disorder(target); count != "0") fail(count + " rows out of order");
  const std::string sent = digest_of(source, "firm");
  const std::string received = digest_of(target, "received_firm");
  if (sent != received) fail("source " + sent + ", target " + received);
  return good;
}

int run(long rows) {
  const std::vector<std::string> settings = {"fsync = on", "shared_buffers = 256MB", "max_wal_size = 4GB",
                                             "track_commit_timestamp = on"};
  test::PostgresServer source_server(settings);
  test::PostgresServer target_server(settings);
  Sql source(source_server.dsn());
  Sql target(target_server.dsn());
  source.run(std::string("CREATE TABLE firm") + columns_sql);
  source.run("CREATE TABLE notice(id bigint PRIMARY KEY, name text, area text)");
  source.run(rows_sql);
  Exchange exchange(source_server, target_server, true);
  exchange.install();
  exchange.start_receiver();
  exchange.start_provider();
  source.run("CALL fill(0, 1000)");
  exchange.drain(1000);

  Peaks peaks;
  note_peaks(exchange, peaks);
  exchange.stop_hub();
  const auto all = static_cast<std::uint64_t>(rows) + 1000;
  const Measure queueing = measure(exchange, [&] {
    source.run("CALL fill(1000, " + std::to_string(rows) + ")");
    exchange.await_queued(all);
  });
  show("committed and queued", queueing, rows);
  show_disk(exchange);
  note_peaks(exchange, peaks);
  show_load();

  std::atomic<bool> ends{false};
  exchange.start_hub();
  // The agent tries again at most 15 seconds after its last try.
  const Measure noticing = measure(exchange, [&] { exchange.await_receipted(1001); });
  std::printf("the first receipt %.1f s after the hub came back\n", noticing.wall);
  std::thread notices([&] { commit_notices(source_server.dsn(), ends); });
  Measure draining;
  try {
    draining = measure(exchange, [&] { exchange.drain(all); });
  } catch (...) {
    ends = true;
    notices.join();
    throw;
  }
  ends = true;
  notices.join();
  show("drained", draining, rows);
  show_disk(exchange);
  show_load();
  note_peaks(exchange, peaks);
  exchange.await("all notices", [&] {
    return source.ask("SELECT count(*) FROM notice") == target.ask("SELECT count(*) FROM received_notice");
  });
  return judge(source, target, peaks, draining.wall) ? 0 : 1;
}

}  // namespace

int main(int count, char** values) { return run_with_rows(count, values, 5'000'000, run); }
