#include "tests/sim/frail.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::sim {

namespace {

using namespace qianzhi::adapter;

// One adapter process that has one source or target open.
template <typename Opened>
class Process {
 public:
  Process(std::function<std::unique_ptr<Opened>()> open, std::function<bool()> dies)
      : open_(std::move(open)), dies_(std::move(dies)) {}

  bool is_running() const { return opened_ != nullptr; }

  template <typename Call>
  auto call(Call&& made) {
    if (!opened_) opened_ = open_();
    die_by_chance();
    if constexpr (std::is_void_v<decltype(made(*opened_))>) {
      made(*opened_);
      die_by_chance();
    } else {
      auto result = made(*opened_);
      die_by_chance();
      return result;
    }
  }

  static void throw_gone() { throw Error(ErrorKind::unavailable, "QZ-ADP-002", "the adapter process ended"); }

 private:
  void die_by_chance() {
    if (!dies_()) return;
    opened_.reset();
    throw_gone();
  }

  std::function<std::unique_ptr<Opened>()> open_;
  std::function<bool()> dies_;
  std::unique_ptr<Opened> opened_;
};

class FrailSource final : public Source {
 public:
  explicit FrailSource(Process<Source> process) : process_(std::move(process)) {}

  SourcePosition present() override {
    return process_.call([](Source& real) { return real.present(); });
  }
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                       Micros wait) override {
    return process_.call([&](Source& real) { return real.read_changes(after, high_water, limits, wait); });
  }
  void forget(const SourcePosition& position) override {
    process_.call([&](Source& real) { real.forget(position); });
  }
  void beat(const std::string& text) override {
    process_.call([&](Source& real) { real.beat(text); });
  }
  SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override {
    return process_.call([&](Source& real) { return real.read_snapshot(table, cursor, limits); });
  }
  std::vector<Finding> preflight() override {
    return process_.call([](Source& real) { return real.preflight(); });
  }
  std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    return process_.call([&](Source& real) { return real.look(tables, count); });
  }

 private:
  Process<Source> process_;
};

class FrailTarget final : public Target {
 public:
  explicit FrailTarget(Process<Target> process) : process_(std::move(process)) {}

  std::vector<MarkRow> marks() override {
    return process_.call([](Target& real) { return real.marks(); });
  }
  ApplyResult apply(const TargetTransaction& transaction) override {
    return process_.call([&](Target& real) { return real.apply(transaction); });
  }
  // A new process would know of no transaction.
  void commit() override {
    if (!process_.is_running()) Process<Target>::throw_gone();
    process_.call([](Target& real) { real.commit(); });
  }
  void rollback() override {
    if (process_.is_running()) process_.call([](Target& real) { real.rollback(); });
  }
  SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override {
    return process_.call([&](Target& real) { return real.read_rows(table, cursor, limits); });
  }
  std::vector<Finding> preflight() override {
    return process_.call([](Target& real) { return real.preflight(); });
  }

 private:
  Process<Target> process_;
};

class FrailAdapter final : public Adapter {
 public:
  FrailAdapter(std::unique_ptr<Adapter> real, std::function<bool()> dies)
      : real_(std::move(real)), dies_(std::move(dies)) {}

  Capabilities capabilities() const override { return real_->capabilities(); }
  std::vector<TableInfo> describe(const Connection& connection) override { return real_->describe(connection); }
  std::unique_ptr<Source> open_source(const SourceSpec& spec) override {
    return std::make_unique<FrailSource>(Process<Source>([this, spec] { return real_->open_source(spec); }, dies_));
  }
  std::unique_ptr<Target> open_target(const TargetSpec& spec) override {
    return std::make_unique<FrailTarget>(Process<Target>([this, spec] { return real_->open_target(spec); }, dies_));
  }
  Plan plan_source(const SourceSpec& spec) override { return real_->plan_source(spec); }
  Plan plan_target(const TargetSpec& spec) override { return real_->plan_target(spec); }

 private:
  std::unique_ptr<Adapter> real_;
  std::function<bool()> dies_;
};

}  // namespace

std::unique_ptr<adapter::Adapter> frail(std::unique_ptr<adapter::Adapter> real, std::function<bool()> dies) {
  return std::make_unique<FrailAdapter>(std::move(real), std::move(dies));
}

}  // namespace qianzhi::sim
