#include "adapters/mysql/source.h"

#include "adapters/mysql/canary.h"
#include "adapters/mysql/journal_source.h"
#include "adapters/mysql/log_reader.h"
#include "adapters/mysql/table_reader.h"
#include "adapters/mysql/watermark_tables.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

// The binary log, and tables in snapshots of which the log's place is known exactly.
class LogSource final : public adapter::Source {
 public:
  LogSource(const adapter::SourceSpec& spec, const Clock& clock)
      : spec_(spec), tables_(spec_), log_(spec_, clock, charsets_) {}

  SourcePosition present() override { return encode(log_.present(session())); }
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                const adapter::ReadLimits& limits, Micros wait) override {
    return log_.read(session(), after, high_water, limits, wait);
  }
  // The server's own settings say how long it keeps its log; nothing is deleted for us.
  void forget(const SourcePosition& /*position*/) override {}
  void beat(const std::string& text) override {
    if (spec_.canary.empty()) return Source::beat(text);
    write_beat(spec_, text);
  }
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override {
    Session& sql = session();
    LogPlace place;
    adapter::SnapshotChunk chunk;
    {
      const Snapshot snapshot(sql);
      const Result status = sql.run("SHOW STATUS LIKE 'binlog_snapshot_%'", "asking for the snapshot's place");
      for (int row = 0; row < status.rows(); ++row)
        if (status.text(row, 0) == "Binlog_snapshot_file")
          place.file = log_file_of(status.text(row, 1)).number;
        else
          place.offset = status.number(row, 1);
      chunk = tables_.read(sql, charsets_, table, cursor, limits);
    }
    chunk.position = encode(log_.position_at(sql, place));
    return chunk;
  }
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    bool is_new = false;
    return tables_.look(session(), tables, count, is_new);
  }

 private:
  Session& session() {
    if (!session_ || session_->is_broken()) {
      session_.reset();
      tables_.forget_all();
      log_.forget_server();
      session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
      charsets_.set_names(charset_names(*session_));
    }
    return *session_;
  }

  adapter::SourceSpec spec_;
  Charsets charsets_;
  TableReader tables_;
  LogReader log_;
  std::unique_ptr<Session> session_;
};

// Tables that are only read: the agent compares.
class ComparedSource final : public adapter::Source {
 public:
  explicit ComparedSource(const adapter::SourceSpec& spec) : spec_(spec), tables_(spec_) {}

  SourcePosition present() override {
    session();
    return {"compared", "compared"};
  }
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& /*high_water*/,
                                const adapter::ReadLimits& /*limits*/, Micros /*wait*/) override {
    adapter::Changes nothing;
    nothing.position = after;
    return nothing;
  }
  void forget(const SourcePosition& /*position*/) override {}
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override {
    Session& sql = session();
    const Snapshot snapshot(sql);
    adapter::SnapshotChunk chunk = tables_.read(sql, charsets_, table, cursor, limits);
    chunk.position = {"compared", "compared"};
    return chunk;
  }
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    bool is_new = false;
    return tables_.look(session(), tables, count, is_new);
  }

 private:
  Session& session() {
    if (!session_ || session_->is_broken()) {
      session_.reset();
      tables_.forget_all();
      session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
      charsets_.set_names(charset_names(*session_));
    }
    return *session_;
  }

  adapter::SourceSpec spec_;
  TableReader tables_;
  Charsets charsets_;
  std::unique_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<adapter::Source> make_source(const adapter::SourceSpec& spec, const Clock& clock) {
  if (spec.mode == adapter::CaptureMode::log) return std::make_unique<LogSource>(spec, clock);
  if (spec.mode == adapter::CaptureMode::journal)
    return make_journal_source(spec, clock, std::make_shared<adapter::SystemWaiter>());
  if (spec.mode == adapter::CaptureMode::watermark) {
    auto waiter = std::make_shared<adapter::SystemWaiter>();
    return adapter::sql::make_watermark_source(spec, make_marked_tables(spec, clock, waiter), clock, waiter);
  }
  return std::make_unique<ComparedSource>(spec);
}

}  // namespace qianzhi::mysql
