#include "hub-protocol/hub/ledger.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::hub {

namespace {

constexpr std::int64_t most_beginnings = 1'000;

constexpr char schema[] = R"(
CREATE TABLE ledger_accepted(
  day INTEGER NOT NULL, stream INTEGER NOT NULL, department TEXT NOT NULL, refill INTEGER NOT NULL,
  batches INTEGER NOT NULL, upserts INTEGER NOT NULL, removes INTEGER NOT NULL, withheld INTEGER NOT NULL,
  PRIMARY KEY(day, stream, department, refill)) STRICT, WITHOUT ROWID;
CREATE TABLE ledger_applied(
  day INTEGER NOT NULL, subscriber TEXT NOT NULL, agent TEXT NOT NULL, topic TEXT NOT NULL, begun INTEGER NOT NULL,
  department TEXT NOT NULL, sender_department TEXT NOT NULL, upserted INTEGER NOT NULL, removed INTEGER NOT NULL,
  receipt BLOB NOT NULL, PRIMARY KEY(day, subscriber, agent, topic, begun)) STRICT, WITHOUT ROWID;
CREATE TABLE ledger_known(
  subscriber TEXT NOT NULL, agent TEXT NOT NULL, topic TEXT NOT NULL, begun INTEGER NOT NULL,
  upserted INTEGER NOT NULL, removed INTEGER NOT NULL,
  PRIMARY KEY(subscriber, agent, topic, begun)) STRICT, WITHOUT ROWID;
)";

sqlite::Statement& bind_subscription(sqlite::Statement& statement, const AppliedLine& line) {
  return statement.bind(1, line.subscriber).bind(2, line.stream.agent).bind(3, line.stream.topic).bind(4, line.begun);
}

struct Known {
  bool is_there = false;
  std::uint64_t upserted = 0;
  std::uint64_t removed = 0;
};

Known known_of(sqlite::Database& database, const AppliedLine& line) {
  sqlite::Statement row = database.prepare(
      "SELECT upserted, removed FROM ledger_known WHERE subscriber = ? AND agent = ? AND topic = ? AND begun = ?");
  if (!bind_subscription(row, line).step()) return {};
  return {true, row.number(0), row.number(1)};
}

void require_room(sqlite::Database& database, const AppliedLine& line) {
  sqlite::Statement row =
      database.prepare("SELECT count(*) FROM ledger_known WHERE subscriber = ? AND agent = ? AND topic = ?");
  row.bind(1, line.subscriber).bind(2, line.stream.agent).bind(3, line.stream.topic);
  if (row.step() && row.integer(0) >= most_beginnings)
    throw Error(ErrorKind::rejected, "QZ-HUB-240", line.subscriber + ", " + to_text(line.stream));
}

}  // namespace

void create_ledger(sqlite::Database& database) {
  database.execute(schema);
  sqlite::Statement row = database.prepare("SELECT stream, octets FROM batch ORDER BY stream, place");
  while (row.step()) {
    try {
      const seal::Parsed batch = seal::Parsed::from(row.view(1));
      count_accepted(database, row.integer(0),
                     {beijing_day(batch.header().time), {}, {}, batch.header().is_refill(), 1, batch.count_rows()});
    } catch (const Error& error) {
      log("ledger", error);  // an older hub took what nobody can open
    }
  }
}

void count_accepted(sqlite::Database& database, std::int64_t stream, const AcceptedLine& line) {
  database
      .prepare(
          "INSERT INTO ledger_accepted VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
          "ON CONFLICT(day, stream, department, refill) DO UPDATE SET batches = batches + ?5, upserts = upserts + ?6, "
          "removes = removes + ?7, withheld = withheld + ?8")
      .bind(1, line.day)
      .bind(2, stream)
      .bind(3, line.department)
      .bind(4, line.is_refill ? 1 : 0)
      .bind(5, line.batches)
      .bind(6, line.rows.upserts)
      .bind(7, line.rows.removes)
      .bind(8, line.rows.withheld)
      .run();
}

void count_applied(sqlite::Database& database, const AppliedLine& line) {
  Known known = known_of(database, line);
  const bool is_above = line.upserted >= known.upserted && line.removed >= known.removed;
  // An agent that does not say when its subscription began may have begun again; else the target is an older copy.
  if (!is_above && line.begun != 0) return;
  if (!is_above) known = {true, 0, 0};
  if (!known.is_there) require_room(database, line);
  const std::uint64_t upserted = line.upserted - known.upserted;
  const std::uint64_t removed = line.removed - known.removed;
  if (known.is_there && upserted == 0 && removed == 0) return;
  sqlite::Statement keep = database.prepare("INSERT OR REPLACE INTO ledger_known VALUES(?, ?, ?, ?, ?, ?)");
  bind_subscription(keep, line).bind(5, line.upserted).bind(6, line.removed).run();
  sqlite::Statement add = database.prepare(
      "INSERT INTO ledger_applied(subscriber, agent, topic, begun, day, department, sender_department, upserted, "
      "removed, receipt) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
      "ON CONFLICT(day, subscriber, agent, topic, begun) DO UPDATE SET upserted = upserted + ?8, "
      "removed = removed + ?9, receipt = ?10");
  bind_subscription(add, line)
      .bind(5, line.day)
      .bind(6, line.department)
      .bind(7, line.sender_department)
      .bind(8, upserted)
      .bind(9, removed)
      .bind_blob(10, line.receipt)
      .run();
}

std::vector<AcceptedLine> select_accepted(sqlite::Database& database, Days days) {
  std::vector<AcceptedLine> lines;
  sqlite::Statement row = database.prepare(
      "SELECT day, agent, topic, department, refill, batches, upserts, removes, withheld FROM ledger_accepted l "
      "JOIN stream s ON s.id = l.stream WHERE day >= ? AND day < ? ORDER BY day, agent, topic, refill, department");
  row.bind(1, days.first).bind(2, days.end);
  while (row.step())
    lines.push_back({row.integer(0),
                     {row.text(1), row.text(2)},
                     row.text(3),
                     row.integer(4) != 0,
                     row.number(5),
                     {row.number(6), row.number(7), row.number(8)}});
  return lines;
}

std::vector<AppliedLine> select_applied(sqlite::Database& database, Days days) {
  std::vector<AppliedLine> lines;
  sqlite::Statement row = database.prepare(
      "SELECT day, agent, topic, sender_department, subscriber, department, begun, upserted, removed, receipt "
      "FROM ledger_applied WHERE day >= ? AND day < ? ORDER BY day, agent, topic, subscriber, begun");
  row.bind(1, days.first).bind(2, days.end);
  while (row.step())
    lines.push_back({row.integer(0),
                     {row.text(1), row.text(2)},
                     row.text(3),
                     row.text(4),
                     row.text(5),
                     row.integer(6),
                     row.number(7),
                     row.number(8),
                     row.text(9)});
  return lines;
}

}  // namespace qianzhi::hub
