// A SQLite file in a directory of its own.
#pragma once

#include <filesystem>
#include <memory>

#include "adapters/sqlite/sqlite_adapter.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/contract/fixture.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test::contract {

class SqliteFixture final : public Fixture {
 public:
  explicit SqliteFixture(Way way, std::shared_ptr<adapter::Waiter> waiter = nullptr);

  adapter::Adapter& adapter() override { return *adapter_; }
  adapter::Connection connection() override;
  adapter::CaptureMode mode() const override { return adapter::CaptureMode::journal; }
  void run(const std::string& sql) override;
  Rows query(const std::string& sql) override;
  bool save_copy() override;
  void restore_copy() override;
  bool disable_capture(const adapter::SourceSpec& spec, const std::string& table) override;
  bool kill_adapter() override;

  std::filesystem::path file() const { return directory_ / "department.db"; }
  sqlite::Database& department();

 private:
  TempDir directory_;
  Way way_;
  SystemClock clock_;
  std::unique_ptr<adapter::Adapter> adapter_;
  std::unique_ptr<sqlite::Database> department_;
};

}  // namespace qianzhi::test::contract
