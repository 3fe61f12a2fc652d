#include "adapters/sqlite/sqlite_adapter.h"

#include "adapters/sqlite/catalog.h"
#include "adapters/sqlite/file.h"
#include "adapters/sqlite/lookup.h"
#include "adapters/sqlite/plan.h"
#include "adapters/sqlite/source.h"
#include "adapters/sqlite/target.h"

namespace qianzhi::adapter {

namespace {

class SqliteAdapter final : public Adapter {
 public:
  SqliteAdapter(const Clock& clock, std::shared_ptr<Waiter> waiter) : clock_(clock), waiter_(std::move(waiter)) {}

  Capabilities capabilities() const override { return {false, true, true, true, false, false, true, true}; }

  std::vector<TableInfo> describe(const Connection& connection) override {
    lite::File file(connection);
    return lite::tables_of(file.database());
  }

  std::unique_ptr<Source> open_source(const SourceSpec& spec) override {
    return std::make_unique<lite::SqliteSource>(spec, clock_, waiter_);
  }

  std::unique_ptr<Target> open_target(const TargetSpec& spec) override {
    return std::make_unique<lite::SqliteTarget>(spec);
  }

  std::unique_ptr<Lookup> open_lookup(const LookupSpec& spec) override { return lite::make_lookup(spec, clock_); }

  Plan plan_source(const SourceSpec& spec) override { return lite::source_plan(spec); }
  Plan plan_target(const TargetSpec& spec) override { return lite::target_plan(spec); }

 private:
  const Clock& clock_;
  std::shared_ptr<Waiter> waiter_;
};

}  // namespace

std::unique_ptr<Adapter> make_sqlite_adapter(const Clock& clock, std::shared_ptr<Waiter> waiter) {
  if (waiter == nullptr) waiter = std::make_shared<SystemWaiter>();
  return std::make_unique<SqliteAdapter>(clock, std::move(waiter));
}

}  // namespace qianzhi::adapter
