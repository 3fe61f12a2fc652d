#include "adapters/files/files_adapter.h"

#include "adapters/files/plan.h"
#include "adapters/files/source.h"
#include "adapters/files/target.h"
#include "adapters/sqlite/sqlite_adapter.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter {

namespace {

class FilesAdapter final : public Adapter {
 public:
  FilesAdapter(const Clock& clock, std::shared_ptr<Waiter> waiter)
      : clock_(clock), waiter_(std::move(waiter)), sqlite_(make_sqlite_adapter(clock, waiter_)) {}

  Capabilities capabilities() const override { return {false, true, true, true, false}; }

  std::vector<TableInfo> describe(const Connection& connection) override {
    return files::describe_folder(files::source_settings(connection), clock_);
  }

  std::unique_ptr<Source> open_source(const SourceSpec& spec) override {
    return std::make_unique<files::FilesSource>(spec, *sqlite_, clock_, waiter_);
  }

  std::unique_ptr<Target> open_target(const TargetSpec& spec) override {
    return std::make_unique<files::FilesTarget>(spec, *sqlite_);
  }

  Plan plan_source(const SourceSpec& spec) override { return files::source_plan(spec); }
  Plan plan_target(const TargetSpec& spec) override { return files::target_plan(spec); }

 private:
  const Clock& clock_;
  std::shared_ptr<Waiter> waiter_;
  std::unique_ptr<Adapter> sqlite_;
};

}  // namespace

std::unique_ptr<Adapter> make_files_adapter(const Clock& clock, std::shared_ptr<Waiter> waiter) {
  if (waiter == nullptr) waiter = std::make_shared<SystemWaiter>();
  return std::make_unique<FilesAdapter>(clock, std::move(waiter));
}

}  // namespace qianzhi::adapter
