#include "adapters/mysql/writer_lists.h"

#include "adapters/mysql/rights.h"
#include "adapters/mysql/table_reader.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr Micros list_age = 110'000;  // the server renews its list when nobody read it for 100 ms
constexpr int most_looks = 20;

// Time of a statement: from a clock that is not set, whatever its session does to its own time.
constexpr const char* statements_sql =
    "SELECT ID, FLOOR(TIME_MS * 1000), COMMAND LIKE 'Slave%' FROM information_schema.PROCESSLIST"
    " WHERE ID <> CONNECTION_ID() AND COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump')";

// Only those that have written have numbers; readers are listed with 0, or with addresses.
constexpr std::uint64_t least_reader = 1ULL << 48U;

}  // namespace

std::string process_grant(Session& session) { return "GRANT PROCESS ON *.* TO " + Rights(session).account() + ";"; }

adapter::sql::WriterLists writer_lists(Session& reader, const Clock& clock, adapter::Waiter& waiter) {
  adapter::sql::WriterLists lists;
  lists.asked = clock.steady();
  const Result running = reader.run(statements_sql, "looking at running statements");
  for (int row = 0; row < running.rows(); ++row) {
    if (running.truth(row, 2))
      throw Error(ErrorKind::misuse, "QZ-MY-044", "this server applies the changes of another one");
    lists.statements.push_back({running.number(row, 0), running.integer(row, 1)});
  }
  lists.heard = clock.steady();
  for (int looks = 0; looks < most_looks; ++looks) {
    if (looks > 0) waiter.wait(list_age);
    const Snapshot listed(reader);
    const std::string token = "qz:" + std::to_string(clock.steady()) + ":" + std::to_string(looks);
    bool fresh = false;
    try {
      const Result open =
          reader.run("SELECT trx_id, trx_mysql_thread_id, trx_mysql_thread_id = CONNECTION_ID() AND trx_query LIKE '%" +
                         token + "%' FROM information_schema.INNODB_TRX",
                     "looking at open transactions");
      lists.transactions.clear();
      for (int row = 0; row < open.rows(); ++row) {
        fresh = fresh || open.truth(row, 2);
        if (open.number(row, 0) != 0 && open.number(row, 0) < least_reader)
          lists.transactions.push_back({open.number(row, 0), open.number(row, 1)});
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::misuse) throw;
      throw Error(ErrorKind::misuse, "QZ-MY-028", "no PROCESS: open transactions cannot be seen",
                  process_grant(reader));
    }
    if (fresh) return lists;
  }
  throw Error(ErrorKind::unavailable, "QZ-MY-005",
              "the list of transactions is not renewed: something reads it all the time");
}

}  // namespace qianzhi::mysql
