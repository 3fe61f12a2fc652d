#include "adapters/odbc/odbc_adapter.h"

#include "adapters/odbc/catalog.h"
#include "adapters/odbc/lookup.h"
#include "adapters/odbc/plan.h"
#include "adapters/odbc/scopes.h"
#include "adapters/odbc/source.h"
#include "adapters/odbc/target.h"

namespace qianzhi::adapter {

namespace {

class OdbcAdapter final : public Adapter {
 public:
  OdbcAdapter(const Clock& clock, std::shared_ptr<Waiter> waiter) : clock_(clock), waiter_(std::move(waiter)) {}

  Capabilities capabilities() const override { return {false, true, true, true, true, false, true, true}; }

  std::vector<TableInfo> describe(const Connection& connection) override {
    odbc::Session session(connection, odbc::Purpose::read);
    const odbc::Snapshot snapshot(session);
    return odbc::describe_tables(session);
  }

  std::unique_ptr<Source> open_source(const SourceSpec& spec) override {
    return odbc::make_source(spec, clock_, waiter_);
  }
  std::unique_ptr<Target> open_target(const TargetSpec& spec) override { return odbc::make_target(spec); }
  std::unique_ptr<Lookup> open_lookup(const LookupSpec& spec) override { return odbc::make_lookup(spec, clock_); }
  Plan plan_source(const SourceSpec& spec) override { return odbc::plan_source(spec); }
  Plan plan_target(const TargetSpec& spec) override { return odbc::plan_target(spec); }

 private:
  const Clock& clock_;
  std::shared_ptr<Waiter> waiter_;
};

}  // namespace

std::unique_ptr<Adapter> make_odbc_adapter(const Clock& clock, std::shared_ptr<Waiter> waiter) {
  if (waiter == nullptr) waiter = std::make_shared<SystemWaiter>();
  return std::make_unique<OdbcAdapter>(clock, std::move(waiter));
}

}  // namespace qianzhi::adapter
