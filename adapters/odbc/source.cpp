#include "adapters/odbc/source.h"

#include <optional>

#include "adapters/odbc/journal_source.h"
#include "adapters/odbc/keyset.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/scopes.h"
#include "adapters/odbc/watermark_tables.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

// Reads tables, again and again; the agent compares.
class SnapshotSource final : public adapter::Source {
 public:
  explicit SnapshotSource(const adapter::SourceSpec& spec)
      : spec_(spec), readers_(spec_.tables.size()), looked_(spec_.tables.size()) {}

  SourcePosition present() override { return {}; }
  adapter::Changes read_changes(const SourcePosition&, const SourcePosition&, const adapter::ReadLimits&,
                                Micros) override {
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "a source that is compared has no changes to read");
  }
  void forget(const SourcePosition&) override {}
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override;

 private:
  Session& session();

  adapter::SourceSpec spec_;
  std::unique_ptr<Session> session_;
  std::vector<std::optional<KeysetReader>> readers_;
  std::vector<std::string> looked_;  // shapes
};

Session& SnapshotSource::session() {
  if (!session_) {
    for (auto& reader : readers_) reader.reset();
    session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  }
  return *session_;
}

std::vector<adapter::TableInfo> SnapshotSource::look(const std::vector<std::size_t>& tables, bool count) {
  std::vector<adapter::TableInfo> found;
  Session& sql = session();
  DropUnlessDone guard(session_);
  {
    const Snapshot snapshot(sql);
    for (const std::size_t table : tables) {
      found.push_back(describe_table(sql, spec_.tables.at(table).table, count));
      std::string shape = shape_in(found.back());
      if (shape != looked_[table]) readers_[table].reset();
      looked_[table] = std::move(shape);
    }
  }
  guard.done();
  return found;
}

adapter::SnapshotChunk SnapshotSource::read_snapshot(std::size_t table, const Bytes& cursor,
                                                     const adapter::ReadLimits& limits) {
  if (table >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  session();
  DropUnlessDone guard(session_);
  const adapter::SourceTable& wanted = spec_.tables[table];
  adapter::SnapshotChunk chunk;
  {
    const Snapshot snapshot(*session_);
    std::optional<KeysetReader>& reader = readers_[table];
    // The table may have changed since the walk before.
    if (cursor.empty()) reader.reset();
    if (!reader)
      reader.emplace(session_->dialect(), wanted.table, require_table(*session_, wanted.table, wanted.columns),
                     wanted.columns, wanted.key, "");
    KeysetPage page = reader->read(*session_, cursor, limits);
    chunk.columns = std::move(page.columns);
    chunk.cursor = std::move(page.cursor);
    chunk.done = page.exhausted;
  }
  guard.done();
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Source> make_source(const adapter::SourceSpec& spec, const Clock& clock,
                                             std::shared_ptr<adapter::Waiter> waiter) {
  check_name(spec.name);
  const Dialect& dialect = dialect_of(spec.connection);
  if (spec.mode == adapter::CaptureMode::snapshot_only) return std::make_unique<SnapshotSource>(spec);
  if (spec.mode == adapter::CaptureMode::journal && dialect.journal.offered)
    return make_journal_source(spec, clock, std::move(waiter));
  if (spec.mode == adapter::CaptureMode::watermark && dialect.watermark.kind != MarkKind::none)
    return adapter::sql::make_watermark_source(spec, make_marked_tables(spec, clock, waiter), clock, waiter);
  throw Error(ErrorKind::misuse, "QZ-ADP-021", "this way of capture is not offered for " + std::string(dialect.title),
              "use capture: diff");
}

}  // namespace qianzhi::odbc
