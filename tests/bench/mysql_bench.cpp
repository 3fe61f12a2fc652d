// MariaDB capture against MariaDB's own tools in the same run: 12-column rows of about 300 octets in transactions of
// 1,000. Log: read_changes() against mariadb-binlog -R --raw. Snapshot: read_snapshot() against mysql_use_result().
// Prints rows/s and client CPU-seconds. Argument: number of rows.
#include <mysql.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/bench/outbox_parts.h"
#include "tests/unit/mysql_support.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::test;

double cpu_of(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

template <typename Work>
void measure(const char* what, int who, const Work& work) {
  const SystemClock clock;
  const double cpu = cpu_of(who);
  const Micros start = clock.steady();
  const std::size_t rows = work();
  const double seconds = static_cast<double>(clock.steady() - start) / 1e6;
  std::printf("%-36s %10.0f rows/s  %6.2f s  %6.2f client CPU-s\n", what, static_cast<double>(rows) / seconds, seconds,
              cpu_of(who) - cpu);
  std::fflush(stdout);
}

void fill(MariaDatabase& database, std::size_t rows) {
  database.run(
      "CREATE TABLE firm(id BIGINT PRIMARY KEY, uscc CHAR(18), name VARCHAR(100), person VARCHAR(40), capital "
      "DECIMAL(18,2), founded DATE, address VARCHAR(200), scope TEXT, code VARCHAR(10), staff INT, phone VARCHAR(20), "
      "changed TIMESTAMP(6) NULL)");
  for (std::size_t begin = 0; begin < rows; begin += 1'000)
    database.run("INSERT INTO firm SELECT " + std::to_string(begin) +
                 " + seq, CONCAT('91440300', LPAD(seq, 10, '0')), '深圳市某某科技有限公司', '张三丰', seq * 1.25,"
                 " '2020-01-02', '深圳市南山区科技园中区某某路一百二十八号', REPEAT('软件开发', 8), '440305', seq,"
                 " IF(seq % 7 = 0, NULL, '13800000000'), NOW(6) FROM seq_1_to_1000");
}

std::size_t read_log(adapter::Source& source, SourcePosition place) {
  const SourcePosition end = source.present();
  std::size_t rows = 0;
  while (place.order < end.order) {
    const adapter::Changes changes = source.read_changes(place, {}, {2'000, 1U << 20U}, 0);
    for (const auto& table : changes.tables) rows += table.meta.size();
    place = changes.position;
  }
  return rows;
}

std::size_t read_table(adapter::Source& source) {
  std::size_t rows = 0;
  Bytes cursor;
  for (bool done = false; !done;) {
    const adapter::SnapshotChunk chunk = source.read_snapshot(0, cursor, {2'000, 1U << 20U});
    rows += chunk.columns[0].size();
    cursor = chunk.cursor;
    done = chunk.done;
  }
  return rows;
}

std::size_t use_result(const MariadbServer& server, const std::string& database) {
  const std::unique_ptr<MYSQL, decltype(&mysql_close)> connection(mysql_init(nullptr), &mysql_close);
  mysql_real_connect(connection.get(), nullptr, "root", nullptr, database.c_str(), 0, server.socket().c_str(), 0);
  mysql_query(connection.get(), "SELECT * FROM firm");
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_use_result(connection.get()),
                                                                        &mysql_free_result);
  std::size_t rows = 0;
  while (mysql_fetch_row(result.get()) != nullptr) ++rows;
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  MariadbServer server({"max_binlog_size=1G", "innodb_buffer_pool_size=512M"});
  MariaDatabase database(server);
  SystemClock clock;
  const auto adapter = adapter::make_mysql_adapter(clock);
  adapter::SourceSpec spec{
      database.connection(),
      "bench",
      adapter::CaptureMode::log,
      {{"firm",
        {"id", "uscc", "name", "person", "capital", "founded", "address", "scope", "code", "staff", "phone", "changed"},
        {"id"},
        {"code"}}},
      0};
  const auto source = adapter->open_source(spec);
  const SourcePosition start = source->present();
  fill(database, rows);
  const TempDir files;
  measure("mariadb-binlog -R --raw", RUSAGE_CHILDREN, [&] {
    bench::run_tool({"mariadb-binlog", "--no-defaults", "-R", "--raw", "-uroot", "-S", server.socket().string(),
                     "--to-last-log", "binlog.000001"},
                    files.path());
    return rows;
  });
  measure("read_changes()", RUSAGE_SELF, [&] { return read_log(*source, start); });
  measure("mysql_use_result()", RUSAGE_SELF, [&] { return use_result(server, database.name()); });
  measure("read_snapshot()", RUSAGE_SELF, [&] { return read_table(*source); });
  return 0;
}
