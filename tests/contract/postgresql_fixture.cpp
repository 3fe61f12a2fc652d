// A database on a throw-away PostgreSQL server. A log is read behind the commit: where the contract asks "what is there
// now", the source handed out here reads until it has passed the end of the log at the time of the question, and tries
// again while the server is away or still holds the slot for a connection that is gone.
#include <libpq-fe.h>

#include <catch2/catch.hpp>
#include <functional>
#include <stdexcept>

#include "adapters/api/lookup.h"
#include "adapters/api/process_adapter.h"
#include "adapters/postgresql/postgresql_adapter.h"
#include "hub-protocol/base/error.h"
#include "tests/contract/fixture.h"
#include "tests/support/children.h"
#include "tests/support/postgres_server.h"

namespace qianzhi::test::contract {

namespace {

constexpr Micros patience = 20'000'000;

class PatientSource final : public adapter::Source {
 public:
  PatientSource(std::unique_ptr<adapter::Source> source, std::function<Bytes()> end_of_log)
      : source_(std::move(source)), end_of_log_(std::move(end_of_log)) {}

  SourcePosition present() override {
    return patiently([&] { return source_->present(); });
  }
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                const adapter::ReadLimits& limits, Micros) override {
    const Bytes end = end_of_log_();
    SourcePosition place = after;
    for (;;) {
      adapter::Changes changes = patiently([&] { return source_->read_changes(place, high_water, limits, 50'000); });
      const bool has_something = !changes.tables.empty() || !changes.events.empty();
      if (changes.continuity != adapter::Continuity::good || has_something) return changes;
      place = changes.position;
      if (place.order >= end) return changes;
    }
  }
  void beat(const std::string& text) override { source_->beat(text); }
  void forget(const SourcePosition& position) override { source_->forget(position); }
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override {
    return patiently([&] { return source_->read_snapshot(table, cursor, limits); });
  }
  adapter::SnapshotChunk read_digests(std::size_t table, const Bytes& cursor,
                                      const adapter::ReadLimits& limits) override {
    return source_->read_digests(table, cursor, limits);
  }
  adapter::SnapshotChunk read_keys(std::size_t table, const std::vector<Column>& keys,
                                   const adapter::ReadLimits& limits) override {
    return source_->read_keys(table, keys, limits);
  }
  std::vector<adapter::Finding> preflight() override { return source_->preflight(); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    return source_->look(tables, count);
  }

 private:
  template <typename Call>
  auto patiently(const Call& call) -> decltype(call()) {
    const SystemClock clock;
    const Micros deadline = clock.steady() + patience;
    for (;;) {
      try {
        return call();
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::unavailable || clock.steady() > deadline) throw;
      }
    }
  }
  std::unique_ptr<adapter::Source> source_;
  std::function<Bytes()> end_of_log_;
};

class PatientAdapter final : public adapter::Adapter {
 public:
  PatientAdapter(std::unique_ptr<adapter::Adapter> adapter, std::function<Bytes()> end_of_log)
      : adapter_(std::move(adapter)), end_of_log_(std::move(end_of_log)) {}
  adapter::Capabilities capabilities() const override { return adapter_->capabilities(); }
  std::vector<adapter::TableInfo> describe(const adapter::Connection& connection) override {
    return adapter_->describe(connection);
  }
  std::unique_ptr<adapter::Source> open_source(const adapter::SourceSpec& spec) override {
    return std::make_unique<PatientSource>(adapter_->open_source(spec), end_of_log_);
  }
  std::unique_ptr<adapter::Target> open_target(const adapter::TargetSpec& spec) override {
    return adapter_->open_target(spec);
  }
  std::unique_ptr<adapter::Lookup> open_lookup(const adapter::LookupSpec& spec) override {
    return adapter_->open_lookup(spec);
  }
  adapter::Plan plan_source(const adapter::SourceSpec& spec) override { return adapter_->plan_source(spec); }
  adapter::Plan plan_target(const adapter::TargetSpec& spec) override { return adapter_->plan_target(spec); }

 private:
  std::unique_ptr<adapter::Adapter> adapter_;
  std::function<Bytes()> end_of_log_;
};

// Starting a server costs more than a test, so a program has one, and a fixture a database in it.
PostgresServer& server() {
  static PostgresServer shared;
  return shared;
}

using Query = std::unique_ptr<PGresult, void (*)(PGresult*)>;

class PostgresqlFixture final : public Fixture {
 public:
  explicit PostgresqlFixture(Way way) : way_(way) {
    admin("CREATE DATABASE department");
    std::unique_ptr<adapter::Adapter> inner;
    if (way == Way::process)
      inner = adapter::make_process_adapter(QIANZHI_ADAPTER_POSTGRESQL, clock_);
    else
      inner = adapter::make_postgresql_adapter(clock_);
    adapter_ = std::make_unique<PatientAdapter>(std::move(inner), [this] { return end_of_log(); });
  }

  ~PostgresqlFixture() override {
    adapter_.reset();
    department_.reset();
    other_.reset();
    admin("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE active_pid IS NOT NULL");
    admin("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
    admin("DROP DATABASE department WITH (FORCE)");
  }
  PostgresqlFixture(const PostgresqlFixture&) = delete;
  PostgresqlFixture& operator=(const PostgresqlFixture&) = delete;

  adapter::Adapter& adapter() override { return *adapter_; }
  adapter::Connection connection() override { return {{{"dsn", server().dsn("department")}}, {}}; }
  adapter::CaptureMode mode() const override { return adapter::CaptureMode::QIANZHI_CAPTURE_MODE; }
  std::string watermark() const override { return mode() == adapter::CaptureMode::watermark ? "qianzhi_tx" : ""; }
  std::string canary_table() const override { return "qianzhi.registry_canary"; }
  std::string spoiling_function() const override {
    return "CREATE FUNCTION spoil() RETURNS int LANGUAGE sql AS 'DELETE FROM licence RETURNING id'";
  }
  void run(const std::string& sql) override { execute(sql); }
  bool begin_other(const std::string& sql) override {
    other_.reset(PQconnectdb(server().dsn("department").c_str()));
    execute(other_.get(), "BEGIN");
    execute(other_.get(), sql);
    return true;
  }
  void commit_other() override {
    execute(other_.get(), "COMMIT");
    other_.reset();
  }
  Rows query(const std::string& sql) override {
    const Query result = execute(sql);
    Rows rows;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      rows.emplace_back();
      for (int i = 0; i < PQnfields(result.get()); ++i)
        rows.back().push_back(PQgetisnull(result.get(), row, i) != 0 ? "<null>" : PQgetvalue(result.get(), row, i));
    }
    return rows;
  }
  bool save_copy() override {
    swap([&] { server().save_copy("copy"); });
    return true;
  }
  void restore_copy() override {
    swap([&] { server().restore_copy("copy"); });
  }
  bool disable_capture(const adapter::SourceSpec& spec, const std::string& table) override {
    if (mode() == adapter::CaptureMode::journal)
      run("ALTER TABLE " + table + " DISABLE TRIGGER qianzhi_row_" + spec.name);
    else if (mode() == adapter::CaptureMode::watermark)
      run("ALTER TABLE " + table + " DISABLE TRIGGER qianzhi_mark_" + spec.name);
    else
      run("ALTER PUBLICATION qianzhi_" + spec.name + " DROP TABLE " + table);
    return true;
  }
  bool kill_adapter() override {
    if (way_ == Way::process) kill_children();
    return way_ == Way::process;
  }

 private:
  Query execute(const std::string& sql) {
    if (department_ == nullptr) department_.reset(PQconnectdb(server().dsn("department").c_str()));
    return execute(department_.get(), sql);
  }
  static Query execute(PGconn* connection, const std::string& sql) {
    Query result(PQexec(connection, sql.c_str()), [](PGresult* r) { PQclear(r); });
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection));
    return result;
  }
  static void admin(const std::string& sql) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(server().dsn().c_str()), &PQfinish);
    const Query result(PQexec(connection.get(), sql.c_str()), [](PGresult* r) { PQclear(r); });
    INFO(PQerrorMessage(connection.get()));
    CHECK((PQresultStatus(result.get()) == PGRES_COMMAND_OK || PQresultStatus(result.get()) == PGRES_TUPLES_OK));
  }
  // As the first 8 octets of a position's order. A journal has nothing to wait for: what is committed is there.
  Bytes end_of_log() {
    if (mode() != adapter::CaptureMode::log) return {};
    std::uint64_t lsn = std::stoull(query("SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint")[0][0]);
    Bytes octets(8, '\0');
    for (std::size_t i = 8; i-- > 0; lsn >>= 8U) octets[i] = static_cast<char>(lsn & 0xFFU);
    return octets;
  }
  template <typename Change>
  void swap(const Change& change) {
    department_.reset();
    other_.reset();
    // A server that shuts down waits for readers of its log, and this thread cannot read meanwhile.
    admin("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE active_pid IS NOT NULL");
    server().stop();
    change();
    server().start();
  }

  Way way_;
  SystemClock clock_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> department_{nullptr, &PQfinish};
  std::unique_ptr<PGconn, decltype(&PQfinish)> other_{nullptr, &PQfinish};
  std::unique_ptr<adapter::Adapter> adapter_;
};

}  // namespace

std::unique_ptr<Fixture> make_fixture(Way way) { return std::make_unique<PostgresqlFixture>(way); }

std::vector<Way> ways() { return {Way::direct, Way::process}; }

}  // namespace qianzhi::test::contract
