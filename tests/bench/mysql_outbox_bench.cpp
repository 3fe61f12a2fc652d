// From a MariaDB commit to the agent's durable outbox, by the binary log and as a snapshot; against mariadb-binlog
// --raw and mysql_use_result() on the same rows in the same run (design numbers, MariaDB's row). Prints rows/s,
// CPU-seconds of our two processes and peak memory. Argument: number of rows.
#include <mysql.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <string>

#include "adapters/api/memory.h"
#include "hub-protocol/base/log.h"
#include "tests/bench/outbox_parts.h"
#include "tests/bench/pipeline_measure.h"
#include "tests/unit/mysql_support.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr long rounds = 5;
constexpr long rows_a_transaction = 1'000;

constexpr const char* table =
    "CREATE TABLE firm(id BIGINT PRIMARY KEY, uscc CHAR(18), name VARCHAR(100), person VARCHAR(40), capital "
    "DECIMAL(18,2), founded DATE, address VARCHAR(200), scope TEXT, area VARCHAR(10), staff INT, phone VARCHAR(20), "
    "changed TIMESTAMP(6) NULL)";

void fill(test::MariaDatabase& database, long first, long count) {
  for (long begin = first; begin < first + count; begin += rows_a_transaction)
    database.run("INSERT INTO firm SELECT " + std::to_string(begin) +
                 " + seq, CONCAT('91440300', LPAD(seq, 10, '0')), '深圳市某某科技有限公司', '张三丰', seq * 1.25,"
                 " '2020-01-02', '深圳市南山区科技园中区某某路一百二十八号', REPEAT('软件开发', 8), '440305', seq,"
                 " IF(seq % 7 = 0, NULL, '13800000000'), NOW(6) FROM seq_1_to_1000");
}

std::size_t use_result(const test::MariadbServer& server, const std::string& database) {
  const std::unique_ptr<MYSQL, decltype(&mysql_close)> connection(mysql_init(nullptr), &mysql_close);
  mysql_real_connect(connection.get(), nullptr, "root", nullptr, database.c_str(), 0, server.socket().c_str(), 0);
  mysql_query(connection.get(), "SELECT * FROM firm");
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_use_result(connection.get()),
                                                                        &mysql_free_result);
  std::size_t rows = 0;
  while (mysql_fetch_row(result.get()) != nullptr) ++rows;
  return rows;
}

// The server's newest file of its log, which begins empty with each round.
std::string newest_log(test::MariaDatabase& database) {
  const std::string all = database.run("SHOW BINARY LOGS");
  const std::size_t line = all.rfind('\n', all.size() - 2);
  const std::string last = all.substr(line == std::string::npos ? 0 : line + 1);
  return last.substr(0, last.find('|'));
}

void receive_with_own_tool(const test::MariadbServer& server, const std::string& log, const std::filesystem::path& to) {
  run_tool({"mariadb-binlog", "--no-defaults", "-R", "--raw", "-uroot", "-S", server.socket().string(), log}, to);
}

int run(long rows) {
  adapter::keep_freed_memory();
  set_log_level(LogLevel::error);
  test::MariadbServer server({"max_binlog_size=1G", "innodb_buffer_pool_size=512M", "binlog_row_metadata=FULL"});
  test::MariaDatabase database(server);
  database.run(table);
  Outbox outbox("mysql", database.connection(), "firm");
  fill(database, 0, rows);
  outbox.start();
  const Took snapshot = measure([&] { outbox.finish_refill(); });
  const double before = own_cpu();
  Took copy = measure([&] { use_result(server, database.name()); });
  copy.other = own_cpu() - before;
  copy.agent = 0;
  show("MariaDB snapshot to outbox", snapshot, rows);
  show("mysql_use_result()", copy, rows);
  std::printf("  ratio of rows/s to mysql_use_result(): %.2f\n", copy.wall / snapshot.wall);

  const test::TempDir files;
  const long share = rows / rounds / rows_a_transaction * rows_a_transaction;
  Took log;
  Took reference;
  for (long round = 0; round < rounds; ++round) {
    database.run("FLUSH BINARY LOGS");
    const std::string file = newest_log(database);
    fill(database, rows + round * share, share);
    const auto use_own_tool = [&] {
      reference += measure_tool([&] { receive_with_own_tool(server, file, files.path()); });
    };
    if (round % 2 == 1) use_own_tool();
    log += measure([&] { outbox.seal_changes(share); });
    if (round % 2 == 0) use_own_tool();
  }
  show("MariaDB binlog to outbox", log, share * rounds);
  show("mariadb-binlog -R --raw", reference, share * rounds);
  std::printf("  ratio of rows/s to mariadb-binlog: %.2f\n", reference.wall / log.wall);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory: agent part %ld MiB, adapter %ld MiB; outbox %.0f octets a row\n", usage.ru_maxrss / 1024,
              adapter_of_this_process().peak_kib / 1024, outbox.queued() / static_cast<double>(2 * rows));
  return 0;
}

}  // namespace

int main(int count, char** values) { return bench::run_with_rows(count, values, 200'000, run); }
