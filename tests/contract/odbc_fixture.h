// What the fixtures of the odbc adapter share: one for each database that it is tested on, each with its own driver.
#pragma once

#include <functional>

#include "adapters/api/lookup.h"
#include "adapters/api/process_adapter.h"
#include "adapters/odbc/odbc_adapter.h"
#include "hub-protocol/base/error.h"
#include "tests/contract/fixture.h"
#include "tests/support/children.h"

namespace qianzhi::test::contract {

// How long rows behind a watermark's place are worth a wait; 0: there are none.
using StillToCome = std::function<Micros(const Bytes& order)>;

// Tries again while the database is away: its server may have been started anew meanwhile. By a watermark it reads
// until no row waits behind the fence, or, while another session holds it back, for a moment.
class PatientOdbcSource final : public adapter::Source {
 public:
  PatientOdbcSource(std::unique_ptr<adapter::Source> source, StillToCome still_to_come)
      : source_(std::move(source)), still_to_come_(std::move(still_to_come)) {}

  SourcePosition present() override {
    return patiently([&] { return source_->present(); });
  }
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                const adapter::ReadLimits& limits, Micros wait) override {
    const SystemClock clock;
    const Micros begun = clock.steady();
    SourcePosition place = after;
    for (;;) {
      const auto changes = patiently([&] { return source_->read_changes(place, high_water, limits, wait); });
      place = changes.position;
      if (changes.continuity != adapter::Continuity::good || !changes.tables.empty() || !changes.events.empty() ||
          clock.steady() - begun >= still_to_come_(place.order))
        return changes;
    }
  }
  void forget(const SourcePosition& position) override { source_->forget(position); }
  void beat(const std::string& text) override { source_->beat(text); }
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
  static auto patiently(const Call& call) -> decltype(call()) {
    for (int attempt = 1;; ++attempt) {
      try {
        return call();
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::unavailable || attempt == 3) throw;
      }
    }
  }
  std::unique_ptr<adapter::Source> source_;
  StillToCome still_to_come_;
};

class PatientOdbcAdapter final : public adapter::Adapter {
 public:
  PatientOdbcAdapter(std::unique_ptr<adapter::Adapter> adapter, StillToCome still_to_come)
      : adapter_(std::move(adapter)), still_to_come_(std::move(still_to_come)) {}
  adapter::Capabilities capabilities() const override { return adapter_->capabilities(); }
  std::vector<adapter::TableInfo> describe(const adapter::Connection& connection) override {
    return adapter_->describe(connection);
  }
  std::unique_ptr<adapter::Source> open_source(const adapter::SourceSpec& spec) override {
    return std::make_unique<PatientOdbcSource>(adapter_->open_source(spec), still_to_come_);
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
  StillToCome still_to_come_;
};

class OdbcFixture : public Fixture {
 public:
  explicit OdbcFixture(Way way) : way_(way) {
    std::unique_ptr<adapter::Adapter> inner;
    if (way == Way::process)
      inner = adapter::make_process_adapter(QIANZHI_ADAPTER_ODBC, clock_);
    else
      inner = adapter::make_odbc_adapter(clock_);
    adapter_ = std::make_unique<PatientOdbcAdapter>(std::move(inner),
                                                    [this](const Bytes& order) { return still_to_come(order); });
  }
  adapter::Adapter& adapter() override { return *adapter_; }
  adapter::CaptureMode mode() const override { return adapter::CaptureMode::QIANZHI_CAPTURE_MODE; }
  bool is_watermark() const { return mode() == adapter::CaptureMode::watermark; }
  std::string watermark() const override { return is_watermark() ? "qianzhi_mark" : std::string(); }
  bool begin_other(const std::string& sql) override {
    is_other_open_ = run_beside("START TRANSACTION");
    return is_other_open_ && run_beside(sql);
  }
  void commit_other() override {
    run_beside("COMMIT");
    is_other_open_ = false;
  }
  // As another of the department's applications, on a connection that stays open. False: there can be no other.
  virtual bool run_beside(const std::string& /*sql*/) { return false; }
  // As this account; without options where there are no accounts.
  virtual adapter::Connection connection_as(const std::string& /*user*/) { return {}; }
  virtual void drop_user(const std::string& /*user*/) {}
  // A type for long texts.
  virtual std::string long_text() const { return "TEXT"; }
  bool kill_adapter() override {
    if (way_ != Way::process) return false;
    for (const pid_t child : children())
      if (child != server_process()) kill(child, SIGKILL);
    return true;
  }

 protected:
  // Of a database server that this process started; 0: none.
  virtual pid_t server_process() const { return 0; }
  std::unique_ptr<adapter::Adapter> adapter_;  // a fixture may end it before its database

 private:
  Micros still_to_come(const Bytes& order) {
    if (!is_watermark()) return 0;
    std::uint64_t upper = 0;
    for (std::size_t i = 8; i < 16; ++i) upper = upper << 8U | static_cast<unsigned char>(order[i]);
    for (const char* table : {"firm", "part"}) {
      const std::string rows = std::string("SELECT 1 FROM ") + table + " WHERE qianzhi_mark >= ";
      try {
        if (query(rows + std::to_string(upper)).empty()) continue;
      } catch (const std::exception&) {
        continue;  // there is no such table
      }
      return is_other_open_ ? 600'000 : 20'000'000;
    }
    return 0;
  }
  Way way_;
  SystemClock clock_;
  bool is_other_open_ = false;
};

std::unique_ptr<OdbcFixture> make_odbc_fixture(Way way);

}  // namespace qianzhi::test::contract
