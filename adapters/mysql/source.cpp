#include "adapters/mysql/source.h"

#include "adapters/mysql/table_reader.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

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

std::unique_ptr<adapter::Source> make_source(const adapter::SourceSpec& spec, const Clock& /*clock*/) {
  return std::make_unique<ComparedSource>(spec);
}

}  // namespace qianzhi::mysql
