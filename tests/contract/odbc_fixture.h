// What the fixtures of the odbc adapter share: one for each database that it is tested on, each with its own driver.
#pragma once

#include "adapters/api/process_adapter.h"
#include "adapters/odbc/odbc_adapter.h"
#include "tests/contract/fixture.h"
#include "tests/support/children.h"

namespace qianzhi::test::contract {

class OdbcFixture : public Fixture {
 public:
  explicit OdbcFixture(Way way) : way_(way) {
    if (way == Way::process)
      adapter_ = adapter::make_process_adapter(QIANZHI_ADAPTER_ODBC, clock_);
    else
      adapter_ = adapter::make_odbc_adapter(clock_);
  }
  adapter::Adapter& adapter() override { return *adapter_; }
  adapter::CaptureMode mode() const override { return adapter::CaptureMode::journal; }
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
  Way way_;
  SystemClock clock_;
};

}  // namespace qianzhi::test::contract
