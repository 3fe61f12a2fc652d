#include "tests/sim/blind.h"

namespace qianzhi::sim {

namespace {

using namespace qianzhi::adapter;

TableChanges without_removes(const TableChanges& all) {
  TableChanges seen{all.table, {}, std::vector<Column>(all.columns.size()), std::vector<Column>(all.old.size())};
  for (std::size_t row = 0; row < all.meta.size(); ++row) {
    if (all.meta[row].operation == Operation::remove) continue;
    seen.meta.push_back(all.meta[row]);
    for (std::size_t i = 0; i < all.columns.size(); ++i) seen.columns[i].append_from(all.columns[i], row);
    for (Column& column : seen.old) column.append_unchanged();
  }
  return seen;
}

class BlindSource final : public Source {
 public:
  BlindSource(std::unique_ptr<Source> real, bool sees_all, std::function<void()> before_snapshot)
      : real_(std::move(real)), sees_all_(sees_all), before_snapshot_(std::move(before_snapshot)) {}

  SourcePosition present() override { return real_->present(); }
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                       Micros wait) override {
    Changes changes = real_->read_changes(after, high_water, limits, wait);
    if (sees_all_) return changes;
    std::vector<TableChanges> seen;
    for (const TableChanges& table : changes.tables)
      if (TableChanges left = without_removes(table); !left.meta.empty()) seen.push_back(std::move(left));
    changes.tables = std::move(seen);
    return changes;
  }
  void forget(const SourcePosition& position) override { real_->forget(position); }
  void beat(const std::string& text) override { real_->beat(text); }
  SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override {
    before_snapshot_();
    return real_->read_snapshot(table, cursor, limits);
  }
  std::vector<Finding> preflight() override { return real_->preflight(); }
  std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    return real_->look(tables, count);
  }

 private:
  std::unique_ptr<Source> real_;
  bool sees_all_;
  std::function<void()> before_snapshot_;
};

class BlindAdapter final : public Adapter {
 public:
  BlindAdapter(std::unique_ptr<Adapter> real, std::function<void()> before_snapshot)
      : real_(std::move(real)), before_snapshot_(std::move(before_snapshot)) {}

  Capabilities capabilities() const override {
    Capabilities all = real_->capabilities();
    all.watermark = true;
    return all;
  }
  std::vector<TableInfo> describe(const Connection& connection) override { return real_->describe(connection); }
  std::unique_ptr<Source> open_source(const SourceSpec& spec) override {
    SourceSpec behind = spec;
    const bool sees_all = spec.mode != CaptureMode::watermark;
    if (!sees_all) behind.mode = CaptureMode::journal;
    return std::make_unique<BlindSource>(real_->open_source(behind), sees_all, before_snapshot_);
  }
  std::unique_ptr<Target> open_target(const TargetSpec& spec) override { return real_->open_target(spec); }
  Plan plan_source(const SourceSpec& spec) override { return real_->plan_source(spec); }
  Plan plan_target(const TargetSpec& spec) override { return real_->plan_target(spec); }

 private:
  std::unique_ptr<Adapter> real_;
  std::function<void()> before_snapshot_;
};

}  // namespace

std::unique_ptr<adapter::Adapter> blind(std::unique_ptr<adapter::Adapter> real, std::function<void()> before_snapshot) {
  return std::make_unique<BlindAdapter>(std::move(real), std::move(before_snapshot));
}

}  // namespace qianzhi::sim
