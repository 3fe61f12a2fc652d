#include "tests/unit/mysql_support.h"

#include <mysql.h>

#include <atomic>
#include <stdexcept>

namespace qianzhi::test {

namespace {

std::string maria_field(const Column& column, std::size_t row) {
  switch (column.presence(row)) {
    case Presence::value: return std::string(column.text(row));
    case Presence::null: return "NULL";
    case Presence::unchanged: return "~";
    case Presence::invalid: return "!" + std::string(column.text(row));
  }
  return "?";
}

std::string maria_row(const std::vector<Column>& columns, std::size_t row) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : "|") + maria_field(columns[i], row);
  return text;
}

}  // namespace

MariaSql::MariaSql(const MariadbServer& server, const std::string& database)
    : connection_(mysql_init(nullptr), &finish) {
  mysql_options(connection_.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(connection_.get(), nullptr, "root", nullptr, database.empty() ? nullptr : database.c_str(), 0,
                         server.socket().c_str(), CLIENT_MULTI_STATEMENTS) == nullptr)
    throw std::runtime_error(mysql_error(connection_.get()));
}

void MariaSql::finish(st_mysql* connection) { mysql_close(connection); }

std::string MariaSql::run(const std::string& sql) {
  MYSQL* connection = connection_.get();
  std::string text;
  int status = mysql_real_query(connection, sql.data(), sql.size());
  while (status == 0) {
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(connection),
                                                                          &mysql_free_result);
    if (result != nullptr) text.clear();
    while (const MYSQL_ROW row = result == nullptr ? nullptr : mysql_fetch_row(result.get())) {
      const unsigned long* lengths = mysql_fetch_lengths(result.get());
      if (!text.empty()) text += '\n';
      for (unsigned i = 0; i < mysql_num_fields(result.get()); ++i)
        text += (i == 0 ? "" : "|") + (row[i] == nullptr ? std::string("NULL") : std::string(row[i], lengths[i]));
    }
    status = mysql_next_result(connection);
  }
  if (status > 0) throw std::runtime_error(std::string(mysql_error(connection)) + ": " + sql.substr(0, 200));
  return text;
}

MariadbServer& shared_mariadb() {
  static MariadbServer server;
  return server;
}

MariaDatabase::MariaDatabase(MariadbServer& server) : server_(server) {
  static std::atomic<int> count = 0;
  name_ = "test" + std::to_string(++count);
  MariaSql(server_, "").run("CREATE DATABASE " + name_ + " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
}

MariaDatabase::~MariaDatabase() {
  sql_.reset();
  try {
    MariaSql(server_, "").run("DROP DATABASE " + name_);
  } catch (const std::runtime_error&) {
    sql_.reset();  // the server is stopped: its directory goes as a whole
  }
}

MariaSql& MariaDatabase::sql() {
  if (!sql_) sql_ = std::make_unique<MariaSql>(server_, name_);
  return *sql_;
}

adapter::Connection MariaDatabase::connection(const std::string& user) const {
  return {{{"socket", server_.socket()}, {"user", user}, {"database", name_}}, {}};
}

adapter::SourceSpec maria_spec(const MariaDatabase& database, const std::string& table,
                               const std::vector<std::string>& columns, const std::vector<std::string>& old,
                               adapter::CaptureMode mode) {
  return {database.connection(), database.name(), mode, {{table, columns, {"id"}, old}}, 0};
}

MariaReader::MariaReader(MariaDatabase& /*database*/, adapter::SourceSpec spec)
    : adapter_(adapter::make_mysql_adapter(clock_)), spec_(std::move(spec)) {
  reopen();
  position_ = source_->present();
}

void MariaReader::reopen() {
  source_.reset();
  source_ = adapter_->open_source(spec_);
}

std::vector<std::string> MariaReader::take(const adapter::ReadLimits& limits) {
  std::vector<std::string> rows;
  const SourcePosition end = source_->present();
  events.clear();
  for (int calls = 0; calls < 100'000; ++calls) {
    const adapter::Changes changes = source_->read_changes(position_, {}, limits, 0);
    continuity = changes.continuity;
    reason = changes.reason;
    if (continuity != adapter::Continuity::good) return rows;
    position_ = changes.position;
    events.insert(events.end(), changes.events.begin(), changes.events.end());
    for (const auto& table : changes.tables)
      for (std::size_t row = 0; row < table.meta.size(); ++row) {
        std::string text = table.meta[row].operation == Operation::remove ? "-" : "+";
        text += maria_row(table.columns, row);
        if (!table.old.empty()) text += " <" + maria_row(table.old, row);
        rows.push_back(text);
      }
    if (!changes.more && position_.order >= end.order) return rows;
  }
  throw std::runtime_error("the log does not end");
}

std::vector<std::string> MariaReader::snapshot(std::size_t table, const adapter::ReadLimits& limits) {
  std::vector<std::string> rows;
  Bytes cursor;
  for (int calls = 0; calls < 100'000; ++calls) {
    const adapter::SnapshotChunk chunk = source_->read_snapshot(table, cursor, limits);
    for (std::size_t row = 0; row < chunk.columns[0].size(); ++row) rows.push_back("+" + maria_row(chunk.columns, row));
    cursor = chunk.cursor;
    if (chunk.done) return rows;
  }
  throw std::runtime_error("the snapshot does not end");
}

}  // namespace qianzhi::test
