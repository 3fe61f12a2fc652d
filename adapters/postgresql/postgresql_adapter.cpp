#include "adapters/postgresql/postgresql_adapter.h"

#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/lookup.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/source.h"
#include "adapters/postgresql/target.h"

namespace qianzhi::adapter {

namespace {

class PostgresqlAdapter final : public Adapter {
 public:
  explicit PostgresqlAdapter(const Clock& clock) : clock_(clock) {}

  Capabilities capabilities() const override { return {true, true, true, true, true, true, true, true}; }
  std::vector<TableInfo> describe(const Connection& connection) override {
    postgresql::Session session(connection, postgresql::Purpose::read);
    return postgresql::describe_tables(session);
  }
  std::unique_ptr<Source> open_source(const SourceSpec& spec) override { return postgresql::make_source(spec, clock_); }
  std::unique_ptr<Target> open_target(const TargetSpec& spec) override { return postgresql::make_target(spec); }
  std::unique_ptr<Lookup> open_lookup(const LookupSpec& spec) override { return postgresql::make_lookup(spec, clock_); }
  Plan plan_source(const SourceSpec& spec) override { return postgresql::plan_source(spec); }
  Plan plan_target(const TargetSpec& spec) override { return postgresql::plan_target(spec); }

 private:
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Adapter> make_postgresql_adapter(const Clock& clock) {
  return std::make_unique<PostgresqlAdapter>(clock);
}

}  // namespace qianzhi::adapter
