#include "tests/sim/read_ahead.h"

#include <optional>

namespace qianzhi::sim {

namespace {

using namespace qianzhi::adapter;

class ReadAheadSource final : public Source {
 public:
  explicit ReadAheadSource(std::unique_ptr<Source> real) : real_(std::move(real)) {}

  SourcePosition present() override { return real_->present(); }
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                       Micros wait) override {
    return real_->read_changes(after, high_water, limits, wait);
  }
  void forget(const SourcePosition& position) override { real_->forget(position); }
  void beat(const std::string& text) override { real_->beat(text); }
  std::vector<Finding> preflight() override { return real_->preflight(); }
  std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    return real_->look(tables, count);
  }

  // The chunk that was read ahead when the one before it was asked for; asked for again, a fresh one.
  SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override {
    std::optional<SnapshotChunk> ahead;
    if (ahead_ && ahead_table_ == table && ahead_cursor_ == cursor) ahead = std::move(ahead_);
    ahead_.reset();
    if (ahead) return std::move(*ahead);
    SnapshotChunk chunk = real_->read_snapshot(table, cursor, limits);
    if (!chunk.done) {
      ahead_ = real_->read_snapshot(table, chunk.cursor, limits);
      ahead_table_ = table;
      ahead_cursor_ = chunk.cursor;
    }
    return chunk;
  }

 private:
  std::unique_ptr<Source> real_;
  std::optional<SnapshotChunk> ahead_;
  std::size_t ahead_table_ = 0;
  Bytes ahead_cursor_;
};

class ReadAheadAdapter final : public Adapter {
 public:
  explicit ReadAheadAdapter(std::unique_ptr<Adapter> real) : real_(std::move(real)) {}

  Capabilities capabilities() const override { return real_->capabilities(); }
  std::vector<TableInfo> describe(const Connection& connection) override { return real_->describe(connection); }
  std::unique_ptr<Source> open_source(const SourceSpec& spec) override {
    auto source = real_->open_source(spec);
    if (spec.mode == CaptureMode::snapshot_only) return source;  // it has no position that could tell (R4.4)
    return std::make_unique<ReadAheadSource>(std::move(source));
  }
  std::unique_ptr<Target> open_target(const TargetSpec& spec) override { return real_->open_target(spec); }
  Plan plan_source(const SourceSpec& spec) override { return real_->plan_source(spec); }
  Plan plan_target(const TargetSpec& spec) override { return real_->plan_target(spec); }

 private:
  std::unique_ptr<Adapter> real_;
};

}  // namespace

std::unique_ptr<adapter::Adapter> read_ahead(std::unique_ptr<adapter::Adapter> real) {
  return std::make_unique<ReadAheadAdapter>(std::move(real));
}

}  // namespace qianzhi::sim
