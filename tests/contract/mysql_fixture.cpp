// A database on a throw-away MariaDB server. A log is read behind the commit: where the contract asks "what is there
// now", the source handed out here reads until it has passed the end of the log at the time of the question, and tries
// again while the server is away. What is forgotten goes as a DBA lets it go: by PURGE BINARY LOGS. By a watermark it
// reads until no row waits behind the fence, or, while another session holds it back, for a moment.
#include <mysql.h>
#include <poll.h>

#include <catch2/catch.hpp>
#include <functional>
#include <stdexcept>

#include "adapters/api/lookup.h"
#include "adapters/api/process_adapter.h"
#include "adapters/mysql/mysql_adapter.h"
#include "hub-protocol/base/error.h"
#include "tests/contract/fixture.h"
#include "tests/support/children.h"
#include "tests/support/mariadb_server.h"

namespace qianzhi::test::contract {

namespace {

constexpr Micros patience = 20'000'000;
constexpr Micros held_back = 600'000;

// What the sources ask the fixture.
struct Database {
  std::function<Bytes()> end_of_log;
  std::function<void(const Bytes&)> purge;
  std::function<Micros(const Bytes&)> still_to_come;  // how long rows behind a watermark's place are worth a wait
};

class PatientSource final : public adapter::Source {
 public:
  PatientSource(std::unique_ptr<adapter::Source> source, Database database)
      : source_(std::move(source)), database_(std::move(database)) {}

  SourcePosition present() override {
    return patiently([&] { return source_->present(); });
  }
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                const adapter::ReadLimits& limits, Micros) override {
    if (forgetting_) database_.purge(after.order);
    const Bytes end = database_.end_of_log();
    const SystemClock clock;
    const Micros begun = clock.steady();
    SourcePosition place = after;
    for (;;) {
      adapter::Changes changes = patiently([&] { return source_->read_changes(place, high_water, limits, 50'000); });
      const bool has_something = !changes.tables.empty() || !changes.events.empty();
      if (changes.continuity != adapter::Continuity::good || has_something) return changes;
      place = changes.position;
      if (place.order >= end && clock.steady() - begun >= database_.still_to_come(place.order)) return changes;
    }
  }
  void beat(const std::string& text) override { source_->beat(text); }
  void forget(const SourcePosition& position) override {
    source_->forget(position);
    if (!database_.end_of_log().empty()) database_.purge({});
    forgetting_ = !database_.end_of_log().empty();
  }
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override {
    return patiently([&] { return source_->read_snapshot(table, cursor, limits); });
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
  Database database_;
  bool forgetting_ = false;
};

class PatientAdapter final : public adapter::Adapter {
 public:
  PatientAdapter(std::unique_ptr<adapter::Adapter> adapter, Database database)
      : adapter_(std::move(adapter)), database_(std::move(database)) {}
  adapter::Capabilities capabilities() const override { return adapter_->capabilities(); }
  std::vector<adapter::TableInfo> describe(const adapter::Connection& connection) override {
    return adapter_->describe(connection);
  }
  std::unique_ptr<adapter::Source> open_source(const adapter::SourceSpec& spec) override {
    if (spec.mode == adapter::CaptureMode::snapshot_only) return adapter_->open_source(spec);
    return std::make_unique<PatientSource>(adapter_->open_source(spec), database_);
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
  Database database_;
};

// Starting a server costs more than a test, so a program has one, and a fixture a database in it.
MariadbServer& server() {
  static MariadbServer shared;
  return shared;
}

using Connected = std::unique_ptr<MYSQL, decltype(&mysql_close)>;

Connected connect(const char* database) {
  Connected connection(mysql_init(nullptr), &mysql_close);
  mysql_options(connection.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(connection.get(), nullptr, "root", nullptr, database, 0, server().socket().c_str(),
                         CLIENT_MULTI_STATEMENTS) == nullptr)
    throw std::runtime_error(mysql_error(connection.get()));
  return connection;
}

// All statements of a script; rows of the last that has any.
Rows execute(MYSQL* connection, const std::string& sql) {
  Rows rows;
  int status = mysql_real_query(connection, sql.data(), sql.size());
  while (status == 0) {
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(connection),
                                                                          &mysql_free_result);
    if (result != nullptr) rows.clear();
    while (const MYSQL_ROW row = result == nullptr ? nullptr : mysql_fetch_row(result.get())) {
      const unsigned long* lengths = mysql_fetch_lengths(result.get());
      rows.emplace_back();
      for (unsigned i = 0; i < mysql_num_fields(result.get()); ++i)
        rows.back().push_back(row[i] == nullptr ? "<null>" : std::string(row[i], lengths[i]));
    }
    status = mysql_next_result(connection);
  }
  if (status > 0) throw std::runtime_error(mysql_error(connection));
  return rows;
}

class MysqlFixture final : public Fixture {
 public:
  explicit MysqlFixture(Way way) : way_(way) {
    admin("CREATE DATABASE department CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
    std::unique_ptr<adapter::Adapter> inner;
    if (way == Way::process)
      inner = adapter::make_process_adapter(QIANZHI_ADAPTER_MYSQL, clock_);
    else
      inner = adapter::make_mysql_adapter(clock_);
    adapter_ = std::make_unique<PatientAdapter>(
        std::move(inner), Database{[this] { return end_of_log(); }, [this](const Bytes& order) { purge(order); },
                                   [this](const Bytes& order) { return still_to_come(order); }});
  }

  ~MysqlFixture() override {
    adapter_.reset();
    department_.reset();
    other_.reset();
    admin("DROP DATABASE department");
  }
  MysqlFixture(const MysqlFixture&) = delete;
  MysqlFixture& operator=(const MysqlFixture&) = delete;

  adapter::Adapter& adapter() override { return *adapter_; }
  adapter::Connection connection() override {
    return {{{"socket", server().socket()}, {"user", "root"}, {"database", "department"}}, {}};
  }
  adapter::CaptureMode mode() const override { return adapter::CaptureMode::QIANZHI_CAPTURE_MODE; }
  std::string slow_number() const override {
    return "SELECT count(*) FROM information_schema.COLLATIONS a, information_schema.COLLATIONS b,"
           " information_schema.COLLATIONS c, information_schema.COLLATIONS d WHERE CONCAT(a.ID, b.ID, c.ID, d.ID) <> "
           "'x'";
  }
  std::string spoiling_function() const override {
    return "CREATE FUNCTION spoil() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM licence; RETURN 1; "
           "END";
  }
  void run(const std::string& sql) override {
    // Scripts with compound statements are for the command-line client, as a DBA runs them.
    if (sql.find("DELIMITER") != std::string::npos) return server().run_script(sql, "department");
    execute(department(), sql);
  }
  Rows query(const std::string& sql) override { return execute(department(), sql); }
  bool save_copy() override {
    swap([&] { server().save_copy("copy"); });
    return true;
  }
  void restore_copy() override {
    swap([&] { server().restore_copy("copy"); });
  }
  bool disable_capture(const adapter::SourceSpec& spec, const std::string& table) override {
    if (mode() == adapter::CaptureMode::log) return false;
    const std::string kind = mode() == adapter::CaptureMode::watermark ? "_n" : "_u";
    run("DROP TRIGGER qianzhi_" + spec.name + "_" + table + kind);
    return true;
  }
  std::string watermark() const override {
    return mode() == adapter::CaptureMode::watermark ? "qianzhi_mark" : std::string();
  }
  bool begin_other(const std::string& sql) override {
    if (other_ == nullptr) other_ = connect("department");
    execute(other_.get(), "START TRANSACTION");
    execute(other_.get(), sql);
    is_other_open_ = true;
    return true;
  }
  void commit_other() override {
    execute(other_.get(), "COMMIT");
    is_other_open_ = false;
  }
  bool kill_adapter() override {
    if (way_ != Way::process) return false;
    for (const pid_t child : children())
      if (child != server().process()) kill(child, SIGKILL);
    return true;
  }

 private:
  MYSQL* department() {
    if (department_ == nullptr) {
      department_ = connect("department");
      execute(department_.get(), "SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'");
    }
    return department_.get();
  }
  static void admin(const std::string& sql) { execute(connect(nullptr).get(), sql); }
  // As the first 12 octets of a position's order. A journal has nothing to wait for: what is committed is there.
  Bytes end_of_log() {
    if (mode() != adapter::CaptureMode::log) return {};
    const Rows status = query("SHOW MASTER STATUS");
    Bytes octets;
    const std::uint64_t file = std::stoull(status[0][0].substr(status[0][0].rfind('.') + 1));
    const std::uint64_t place = std::stoull(status[0][1]);
    for (int shift = 24; shift >= 0; shift -= 8) octets.push_back(static_cast<char>(file >> shift & 0xFFU));
    for (int shift = 56; shift >= 0; shift -= 8) octets.push_back(static_cast<char>(place >> shift & 0xFFU));
    return octets;
  }
  Micros still_to_come(const Bytes& order) {
    if (mode() != adapter::CaptureMode::watermark) return 0;
    std::uint64_t upper = 0;
    for (std::size_t i = 8; i < 16; ++i) upper = upper << 8U | static_cast<unsigned char>(order[i]);
    const Rows tables = query(
        "SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
        " AND COLUMN_NAME = 'qianzhi_mark'");
    for (const auto& table : tables)
      if (!query("SELECT 1 FROM \"" + table[0] + "\" WHERE qianzhi_mark >= " + std::to_string(upper) + " LIMIT 1")
               .empty())
        return is_other_open_ ? held_back : patience;
    return 0;
  }
  // Nothing: a new file is begun. Else what lies before this place's file goes.
  void purge(const Bytes& order) {
    if (order.empty()) return run("FLUSH BINARY LOGS");
    std::uint64_t file = 0;
    for (std::size_t i = 0; i < 4; ++i) file = file << 8U | static_cast<unsigned char>(order[i]);
    std::string number = std::to_string(file);
    number.insert(0, 6 - number.size(), '0');
    // A file goes once nothing in it is needed for recovery, a moment after it was closed.
    for (int looks = 0; looks < 500; ++looks) {
      run("PURGE BINARY LOGS TO 'binlog." + number + "'");
      if (query("SHOW BINARY LOGS")[0][0] == "binlog." + number) return;
      poll(nullptr, 0, 10);
    }
    throw std::runtime_error("the binary log is not purged");
  }
  template <typename Change>
  void swap(const Change& change) {
    department_.reset();
    other_.reset();
    server().stop();
    const Micros stopped = clock_.now() / 1'000'000;
    change();
    // As a restore that takes its time: files of the log are told apart by the second in which they were begun.
    while (clock_.now() / 1'000'000 <= stopped) poll(nullptr, 0, 10);
    server().start();
  }

  Way way_;
  SystemClock clock_;
  Connected department_{nullptr, &mysql_close};
  Connected other_{nullptr, &mysql_close};
  bool is_other_open_ = false;
  std::unique_ptr<adapter::Adapter> adapter_;
};

}  // namespace

std::unique_ptr<Fixture> make_fixture(Way way) { return std::make_unique<MysqlFixture>(way); }

std::vector<Way> ways() { return {Way::direct, Way::process}; }

}  // namespace qianzhi::test::contract
