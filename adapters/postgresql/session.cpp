#include "adapters/postgresql/session.h"

#include <libpq-fe.h>

#include <charconv>
#include <map>

#include "adapters/postgresql/failure.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr std::string_view text_settings =
    "-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c extra_float_digits=3 -c bytea_output=hex";

std::string_view settings_for(Purpose purpose) {
  switch (purpose) {
    case Purpose::read:
      return " -c default_transaction_read_only=on -c statement_timeout=60s -c lock_timeout=10s"
             " -c idle_in_transaction_session_timeout=60s";
    case Purpose::write:
      return " -c statement_timeout=120s -c lock_timeout=15s -c idle_in_transaction_session_timeout=120s";
    // A server that shuts down waits this long for us at most.
    case Purpose::replicate: return " -c wal_sender_timeout=15s";
  }
  return "";
}

using Keywords = std::map<std::string, std::string>;

Keywords parse_dsn(const adapter::Connection& connection) {
  Keywords keywords;
  const auto dsn = connection.options.find("dsn");
  if (dsn != connection.options.end()) {
    char* ignored = nullptr;  // may quote the DSN, which may hold a secret
    PQconninfoOption* options = PQconninfoParse(dsn->second.c_str(), &ignored);
    PQfreemem(ignored);
    if (options == nullptr) throw Error(ErrorKind::misuse, "QZ-ADP-010", "the dsn is not a libpq connection string");
    for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option)
      if (option->val != nullptr) keywords[option->keyword] = option->val;
    PQconninfoFree(options);
  }
  const auto service = connection.options.find("service");
  if (dsn == connection.options.end() && service == connection.options.end())
    throw Error(ErrorKind::misuse, "QZ-ADP-010", "a connection needs a dsn or a service");
  if (service != connection.options.end()) keywords["service"] = service->second;
  const auto password = connection.secrets.find("password");
  if (password != connection.secrets.end()) keywords["password"] = password->second;
  return keywords;
}

PGconn* connect(const adapter::Connection& connection, Purpose purpose) {
  Keywords keywords = parse_dsn(connection);
  std::string& options = keywords["options"];
  options.append(options.empty() ? "" : " ").append(text_settings).append(settings_for(purpose));
  keywords["application_name"] = "qianzhi";
  keywords["client_encoding"] = "UTF8";
  keywords.try_emplace("connect_timeout", "10");
  keywords.try_emplace("keepalives_idle", "30");
  if (purpose == Purpose::replicate) keywords["replication"] = "database";
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectdbParams(names.data(), values.data(), 0);
}

// What is asked of the catalogue looks dear to a planner that has no statistics, and compiling it took 200 ms of the
// server where running it takes 1 ms. Older servers do not know the setting and would refuse it as an option.
void calm(PGconn* connection) {
  if (PQserverVersion(connection) >= 110000) PQclear(PQexec(connection, "SET jit = off"));
}

}  // namespace

void Result::clear(pg_result* result) { PQclear(result); }

bool Result::is_ok() const {
  const auto status = PQresultStatus(result_.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
         status == PGRES_COPY_BOTH || status == PGRES_SINGLE_TUPLE;
}

int Result::rows() const { return PQntuples(result_.get()); }
int Result::columns() const { return PQnfields(result_.get()); }
bool Result::is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }

std::string_view Result::view(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Result::integer(int row, int column) const {
  const std::string_view digits = view(row, column);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::uint64_t Result::affected() const {
  const std::string_view digits = PQcmdTuples(result_.get());
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::vector<const char*> Parameters::pointers() const {
  std::vector<const char*> all(texts_.size());
  for (std::size_t i = 0; i < texts_.size(); ++i) all[i] = nulls_[i] ? nullptr : texts_[i].c_str();
  return all;
}

Session::Session(const adapter::Connection& connection, Purpose purpose)
    : connection_(connect(connection, purpose), &finish) {
  if (PQstatus(connection_.get()) == CONNECTION_OK) {
    // NOTICEs may quote row values and would go to standard error.
    PQsetNoticeReceiver(
        connection_.get(), [](void*, const PGresult*) {}, nullptr);
    calm(connection_.get());
    return;
  }
  if (connection_ != nullptr && PQconnectionNeedsPassword(connection_.get()) != 0)
    throw Error(ErrorKind::misuse, "QZ-PG-002", "the server asks for a password and none is configured");
  throw error_of(nullptr, connection_.get(), "connecting");
}

void Session::finish(pg_conn* connection) { PQfinish(connection); }

Result Session::run(const std::string& sql, std::string_view doing) {
  Result result(PQexec(connection_.get(), sql.c_str()));
  check(result, doing);
  return result;
}

Result Session::query(const std::string& sql, const Parameters& values, std::string_view doing) {
  Result result = attempt(sql, values, doing);
  check(result, doing);
  return result;
}

Result Session::attempt(const std::string& sql, const Parameters& values, std::string_view doing) {
  const auto pointers = values.pointers();
  Result result(
      PQexecParams(connection_.get(), sql.c_str(), values.size(), nullptr, pointers.data(), nullptr, nullptr, 0));
  if (is_broken()) throw error_of(result.handle(), connection_.get(), doing);
  return result;
}

Result Session::attempt_prepared(const std::string& sql, const std::vector<unsigned>& types, const Parameters& values,
                                 std::string_view doing) {
  auto known = prepared_.find(sql);
  if (known == prepared_.end()) {
    const std::string name = "qz" + std::to_string(prepared_.size());
    const Result prepared(
        PQprepare(connection_.get(), name.c_str(), sql.c_str(), static_cast<int>(types.size()), types.data()));
    check(prepared, doing);
    known = prepared_.emplace(sql, name).first;
  }
  const auto pointers = values.pointers();
  Result result(
      PQexecPrepared(connection_.get(), known->second.c_str(), values.size(), pointers.data(), nullptr, nullptr, 0));
  if (is_broken()) throw error_of(result.handle(), connection_.get(), doing);
  return result;
}

const Result& Session::check(const Result& result, std::string_view doing) const {
  if (!result.is_ok()) throw error_of(result.handle(), connection_.get(), doing);
  return result;
}

bool Session::is_broken() const { return PQstatus(connection_.get()) != CONNECTION_OK; }

std::string user_of(const adapter::Connection& connection) {
  const Keywords keywords = parse_dsn(connection);
  const auto found = keywords.find("user");
  return found == keywords.end() ? std::string() : found->second;
}

std::string database_of(const adapter::Connection& connection) {
  const Keywords keywords = parse_dsn(connection);
  const auto found = keywords.find("dbname");
  return found == keywords.end() ? std::string() : found->second;
}

}  // namespace qianzhi::postgresql
