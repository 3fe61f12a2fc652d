#include "adapters/api/process_adapter.h"

#include <algorithm>
#include <optional>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/codec.h"
#include "adapters/api/process_lookup.h"
#include "adapters/api/process_worker.h"

namespace qianzhi::adapter {

namespace {

constexpr Micros beat_timeout = 60'000'000;  // an adapter's own limits are shorter
constexpr Micros wait_ahead = 20'000;        // whatever else is asked waits that long

wire::Request page_request(std::size_t table, const Bytes& cursor, const ReadLimits& limits, bool source) {
  wire::Request request;
  wire::ReadPage& read = source ? *request.mutable_read_snapshot() : *request.mutable_read_rows();
  read.set_table(table);
  read.set_cursor(cursor);
  read.mutable_limits()->set_rows(limits.rows);
  read.mutable_limits()->set_octets(limits.octets);
  return request;
}

class ProcessSource final : public Source {
 public:
  ProcessSource(const Program& program, const Clock& clock, SourceSpec spec)
      : spec_(std::move(spec)), worker_(program, clock, open_request()) {}

  SourcePosition present() override {
    wire::Request request;
    request.mutable_present();
    return worker_.call(request, [](const wire::Reply& reply) {
      need(reply.has_position());
      return decode(reply.position());
    });
  }

  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                       Micros wait) override {
    const Micros short_wait = std::min(wait, wait_ahead);
    const auto take = [&](const wire::Reply& reply) {
      need(reply.has_changes());
      // Only a log says the same whenever it is read: elsewhere what is read ahead may be older than a chunk that is
      // sealed before it. Asked before this answer is decoded, so that the adapter need not wait for that either.
      const bool flows = reply.changes().more() || reply.changes().tables_size() != 0;
      if (spec_.mode == CaptureMode::log && reply.changes().continuity() == 0 && flows) {
        const SourcePosition next = decode(reply.changes().position());
        worker_.ask_ahead(changes_request(next, high_water, limits, short_wait), question(next, limits));
      }
      Changes found = decode(reply.changes(), spec_);
      check_moves(found, after);
      return found;
    };
    std::optional<Changes> ahead = worker_.answer_ahead(question(after, limits), take);
    if (ahead) return std::move(*ahead);
    return worker_.call(changes_request(after, high_water, limits, wait), take, answer_timeout + wait);
  }

  void forget(const SourcePosition& position) override {
    wire::Request request;
    encode(position, *request.mutable_forget());
    worker_.call(request, take_done);
  }

  void beat(const std::string& text) override {
    wire::Request request;
    request.mutable_beat()->set_text(text);
    worker_.call(request, take_done, beat_timeout);
  }

  SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override {
    return worker_.call(page_request(table, cursor, limits, true),
                        [&](const wire::Reply& reply) { return next_page(reply, table, cursor); });
  }

  SnapshotChunk read_digests(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override {
    if (!worker_.greeting().greeting().digests()) return read_snapshot(table, cursor, limits);
    wire::Request request;
    *request.mutable_read_digests() = page_request(table, cursor, limits, true).read_snapshot();
    return worker_.call(request, [&](const wire::Reply& reply) { return next_page(reply, table, cursor); });
  }

  SnapshotChunk read_keys(std::size_t table, const std::vector<Column>& keys, const ReadLimits& limits) override {
    wire::Request request;
    encode_keys(table, keys, *request.mutable_read_keys());
    request.mutable_read_keys()->mutable_limits()->set_rows(limits.rows);
    request.mutable_read_keys()->mutable_limits()->set_octets(limits.octets);
    return worker_.call(request, [&](const wire::Reply& reply) {
      need(reply.has_page());
      return decode(reply.page(), spec_.tables.at(table).columns.size());
    });
  }

  std::vector<Finding> preflight() override {
    wire::Request request;
    request.mutable_preflight();
    return worker_.call(request, take_findings);
  }

  std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    if (!worker_.greeting().greeting().looks()) return {};
    wire::Request request;
    for (const std::size_t table : tables) request.mutable_look()->add_tables(table);
    request.mutable_look()->set_count(count);
    return worker_.call(request, [&](const wire::Reply& reply) {
      need(reply.has_tables());
      std::vector<TableInfo> found = decode(reply.tables());
      if (!found.empty() && found.size() != tables.size()) malformed("tables that were not asked for");
      return found;
    });
  }

 private:
  static wire::Request changes_request(const SourcePosition& after, const SourcePosition& high_water,
                                       const ReadLimits& limits, Micros wait) {
    wire::Request request;
    wire::ReadChanges& read = *request.mutable_read_changes();
    encode(after, *read.mutable_after());
    encode(high_water, *read.mutable_high_water());
    read.mutable_limits()->set_rows(limits.rows);
    read.mutable_limits()->set_octets(limits.octets);
    read.set_wait(wait);
    return request;
  }

  SnapshotChunk next_page(const wire::Reply& reply, std::size_t table, const Bytes& cursor) const {
    need(reply.has_page());
    SnapshotChunk chunk = decode(reply.page(), spec_.tables.at(table).columns.size());
    if (!chunk.done && reply.page().rows() > 0 && chunk.cursor == cursor) malformed("a page whose cursor stands still");
    return chunk;
  }

  // High water rises with each chunk of a refill, and counts only when a log is opened: an answer thrown away for it
  // would make the adapter open its log again and again.
  static Bytes question(const SourcePosition& after, const ReadLimits& limits) {
    return changes_request(after, {}, limits, 0).SerializeAsString();
  }

  // Rows that come without a step forward would come for ever; a step back would lose what was sealed since.
  static void check_moves(const Changes& changes, const SourcePosition& after) {
    if (changes.continuity != Continuity::good) return;
    if (changes.position.order < after.order) malformed("a position before the one that was asked after");
    if (!changes.tables.empty() && changes.position.order == after.order) malformed("changes at a place that was read");
  }

  wire::Request open_request() const {
    wire::Request request;
    encode(spec_, *request.mutable_open_source());
    return request;
  }

  SourceSpec spec_;
  Worker worker_;
};

class ProcessTarget final : public Target {
 public:
  ProcessTarget(const Program& program, const Clock& clock, TargetSpec spec)
      : spec_(std::move(spec)), worker_(program, clock, open_request()) {}

  std::vector<MarkRow> marks() override {
    wire::Request request;
    request.mutable_marks();
    return worker_.call(request, [](const wire::Reply& reply) {
      need(reply.has_marks());
      return decode(reply.marks());
    });
  }

  ApplyResult apply(const TargetTransaction& transaction) override {
    wire::Request request;
    encode(transaction, *request.mutable_apply());
    return worker_.call(request, [&](const wire::Reply& reply) {
      need(reply.has_applied());
      return decode(reply.applied(), transaction);
    });
  }

  void commit() override {
    // A new process would know of no transaction.
    if (!worker_.is_running()) throw Error(ErrorKind::unavailable, "QZ-ADP-002", "the pending transaction is gone");
    wire::Request request;
    request.mutable_commit();
    worker_.call(request, take_done);
  }

  void rollback() override {
    if (!worker_.is_running()) return;
    wire::Request request;
    request.mutable_rollback();
    try {
      worker_.call(request, take_done);
    } catch (const Error& error) {
      // Its process is gone, and the transaction with it.
      if (error.kind() != ErrorKind::unavailable) throw;
    }
  }

  SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override {
    const std::size_t columns = spec_.tables.at(table).columns.size() + 2;
    return worker_.call(page_request(table, cursor, limits, false), [&](const wire::Reply& reply) {
      need(reply.has_page());
      return decode(reply.page(), columns);
    });
  }

  std::vector<Finding> preflight() override {
    wire::Request request;
    request.mutable_preflight();
    return worker_.call(request, take_findings);
  }

 private:
  wire::Request open_request() const {
    wire::Request request;
    encode(spec_, *request.mutable_open_target());
    return request;
  }

  TargetSpec spec_;
  Worker worker_;
};

class ProcessAdapter final : public Adapter {
 private:
  static Plan take_plan(const wire::Reply& reply) {
    need(reply.has_plan());
    return decode(reply.plan());
  }

  template <class Take>
  auto once(const wire::Request& request, Take take) {
    Worker worker(program_, clock_, {});
    return worker.call(request, take);
  }

 public:
  ProcessAdapter(Program program, const Clock& clock) : program_(std::move(program)), clock_(clock) {}

  Capabilities capabilities() const override {
    Worker worker(program_, clock_, {});
    const wire::Greeting greeting = worker.greeting().greeting();
    return {greeting.log(),       greeting.journal(), greeting.snapshot(), greeting.write(),
            greeting.watermark(), greeting.digests(), greeting.canary(),   greeting.lookup()};
  }

  std::vector<TableInfo> describe(const Connection& connection) override {
    wire::Request request;
    encode(connection, *request.mutable_describe());
    return once(request, [](const wire::Reply& reply) {
      need(reply.has_tables());
      return decode(reply.tables());
    });
  }

  std::unique_ptr<Source> open_source(const SourceSpec& spec) override {
    return std::make_unique<ProcessSource>(program_, clock_, spec);
  }

  std::unique_ptr<Target> open_target(const TargetSpec& spec) override {
    return std::make_unique<ProcessTarget>(program_, clock_, spec);
  }

  std::unique_ptr<Lookup> open_lookup(const LookupSpec& spec) override {
    return make_process_lookup(program_, clock_, spec);
  }

  Plan plan_source(const SourceSpec& spec) override {
    wire::Request request;
    encode(spec, *request.mutable_plan_source());
    return once(request, take_plan);
  }

  Plan plan_target(const TargetSpec& spec) override {
    wire::Request request;
    encode(spec, *request.mutable_plan_target());
    return once(request, take_plan);
  }

 private:
  Program program_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Adapter> make_process_adapter(const std::filesystem::path& program, const Clock& clock,
                                              const ProcessLimits& limits) {
  return std::make_unique<ProcessAdapter>(Program{program, limits}, clock);
}

}  // namespace qianzhi::adapter
