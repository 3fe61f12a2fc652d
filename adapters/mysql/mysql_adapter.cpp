#include "adapters/mysql/mysql_adapter.h"

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/lookup.h"
#include "adapters/mysql/plan.h"
#include "adapters/mysql/session.h"
#include "adapters/mysql/source.h"
#include "adapters/mysql/target.h"

namespace qianzhi::adapter {

namespace {

class MysqlAdapter final : public Adapter {
 public:
  explicit MysqlAdapter(const Clock& clock) : clock_(clock) {}

  Capabilities capabilities() const override { return {true, true, true, true, true, false, true, true}; }
  std::vector<TableInfo> describe(const Connection& connection) override {
    mysql::Session session(connection, mysql::Purpose::read);
    return mysql::describe_tables(session);
  }
  std::unique_ptr<Source> open_source(const SourceSpec& spec) override { return mysql::make_source(spec, clock_); }
  std::unique_ptr<Target> open_target(const TargetSpec& spec) override { return mysql::make_target(spec); }
  std::unique_ptr<Lookup> open_lookup(const LookupSpec& spec) override { return mysql::make_lookup(spec, clock_); }
  Plan plan_source(const SourceSpec& spec) override { return mysql::plan_source(spec); }
  Plan plan_target(const TargetSpec& spec) override { return mysql::plan_target(spec); }

 private:
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Adapter> make_mysql_adapter(const Clock& clock) { return std::make_unique<MysqlAdapter>(clock); }

}  // namespace qianzhi::adapter
