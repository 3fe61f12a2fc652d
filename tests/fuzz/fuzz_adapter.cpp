// Any octets as what the other side of an adapter's socket says. First octet r: frames, length prefixes included, to a
// real serving loop. t: a DBA's text of a lookup. Any other: a reply, read as the agent reads the one it waits for.
// Nothing but Error may come out, and what an adapter or the agent is handed keeps the interface's promises.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <thread>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/adapter_main.h"
#include "adapters/api/codec.h"
#include "adapters/sql/lookup_text.h"
#include "tests/fuzz/only_errors.h"
#include "tests/fuzz/quiet.h"

using namespace qianzhi;
using namespace qianzhi::adapter;

namespace {

constexpr std::size_t longest_input = 64U << 10U;  // fits the socket

SourceSpec source_spec() {
  return {{{{"file", "f"}}, {}}, "s", CaptureMode::journal, {{"firm", {"id", "name", "area"}, {"id"}, {"area"}}}, 0};
}

void check_columns(const std::vector<Column>& columns, std::size_t count, std::size_t rows) {
  QZ_ASSERT(columns.size() == count);
  for (const Column& column : columns) QZ_ASSERT(column.size() == rows);
}

// An adapter that looks at what it is given.
class Looking final : public Source, public Target {
 public:
  explicit Looking(std::size_t columns) : columns_(columns) {}

  SourcePosition present() override { return {"order", "identity"}; }
  Changes read_changes(const SourcePosition& after, const SourcePosition& high, const ReadLimits&, Micros) override {
    QZ_ASSERT(after.order.size() <= longest_position && high.identity.size() <= longest_position);
    return {};
  }
  void forget(const SourcePosition& position) override { QZ_ASSERT(position.order.size() <= longest_position); }
  SnapshotChunk read_snapshot(std::size_t, const Bytes&, const ReadLimits&) override { return {}; }
  std::vector<Finding> preflight() override { return {}; }
  std::vector<MarkRow> marks() override { return {}; }
  ApplyResult apply(const TargetTransaction& work) override {
    for (const Step& step : work.steps) {
      for (const std::size_t index : step.indexes) QZ_ASSERT(index < columns_);
      for (const std::size_t index : step.rows.indexes) QZ_ASSERT(index < columns_);
      QZ_ASSERT(step.rows.groups.size() == step.rows.meta.size());
      check_columns(step.rows.columns, step.rows.indexes.size(), step.rows.meta.size());
    }
    return {};
  }
  void commit() override {}
  void rollback() override {}
  SnapshotChunk read_rows(std::size_t, const Bytes&, const ReadLimits&) override { return {}; }

 private:
  std::size_t columns_;
};

class LookingLookup final : public Lookup {
 public:
  Found find(std::size_t, const std::vector<Column>& questions, std::size_t, const ReadLimits&) override {
    for (const Column& column : questions) {
      QZ_ASSERT(column.size() <= most_questions);
      QZ_ASSERT(column.size() == questions.front().size());
    }
    return {};
  }
  std::vector<Finding> preflight() override { return {}; }
};

class LookingAdapter final : public Adapter {
 public:
  Capabilities capabilities() const override { return {}; }
  std::vector<TableInfo> describe(const Connection&) override { return {}; }
  std::unique_ptr<Source> open_source(const SourceSpec&) override { return std::make_unique<Looking>(0); }
  std::unique_ptr<Target> open_target(const TargetSpec& spec) override {
    return std::make_unique<Looking>(spec.tables.empty() ? 0 : most_columns(spec));
  }
  std::unique_ptr<Lookup> open_lookup(const LookupSpec& spec) override {
    for (const LookupStatement& statement : spec.statements)
      for (const ItemType type : statement.types) QZ_ASSERT(type <= ItemType::bytes);
    return std::make_unique<LookingLookup>();
  }
  Plan plan_source(const SourceSpec&) override { return {}; }
  Plan plan_target(const TargetSpec&) override { return {}; }

 private:
  static std::size_t most_columns(const TargetSpec& spec) {
    std::size_t most = 0;
    for (const TargetTable& table : spec.tables) most = std::max(most, table.columns.size());
    return most;
  }
};

void check_requests(std::string_view octets) {
  std::array<int, 2> ends{};
  QZ_ASSERT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  QZ_ASSERT(::send(ends[0], octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size()));
  shutdown(ends[0], SHUT_WR);
  std::thread drain([&] {
    std::array<char, 4096> thrown_away{};
    while (read(ends[0], thrown_away.data(), thrown_away.size()) > 0) continue;
  });
  LookingAdapter adapter;
  test::errors_only([&] { serve(ends[1], adapter); },
                    [](const Error& error) { QZ_ASSERT(error.code().rfind("QZ-ADP-", 0) == 0); });
  close(ends[1]);
  drain.join();
  close(ends[0]);
}

// One transaction with two rows, which an apply result may reject.
TargetTransaction applied() {
  TargetTransaction work;
  Step step;
  step.rows.meta.resize(2);
  work.steps.push_back(step);
  return work;
}

void check_reply(std::string_view octets) {
  wire::Reply reply;
  if (!reply.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return;
  using Result = wire::Reply::ResultCase;
  switch (reply.result_case()) {
    case Result::kFailure: decode(reply.failure()); return;
    case Result::kTables: decode(reply.tables()); return;
    case Result::kPlan: decode(reply.plan()); return;
    case Result::kPosition: QZ_ASSERT(decode(reply.position()).order.size() <= longest_position); return;
    case Result::kChanges: {
      const Changes changes = decode(reply.changes(), source_spec());
      for (const TableChanges& table : changes.tables) {
        QZ_ASSERT(table.table == 0 && table.meta.size() <= longest_rows);
        check_columns(table.columns, 3, table.meta.size());
        check_columns(table.old, 1, table.meta.size());
      }
      for (const TableEvent& event : changes.events) QZ_ASSERT(event.table == 0);
      return;
    }
    case Result::kPage: check_columns(decode(reply.page(), 3).columns, 3, reply.page().rows()); return;
    case Result::kFindings: decode(reply.findings()); return;
    case Result::kMarks: decode(reply.marks()); return;
    case Result::kApplied:
      for (const Rejection& rejection : decode(reply.applied(), applied()).rejections)
        QZ_ASSERT(rejection.step == 0 && rejection.row < 2);
      return;
    case Result::kFound: {
      const Found found = decode(reply.found(), 5, 2);
      check_columns(found.columns, 2, found.question.size());
      QZ_ASSERT(found.answered > 0 && found.answered <= 5);
      for (const auto& list : {found.question, found.cut, found.unfit})
        for (const std::uint32_t question : list) QZ_ASSERT(question < found.answered);
      return;
    }
    default: return;
  }
}

// Each place of what is taken for a SELECT names a parameter.
void check_text(std::string_view text) {
  for (const sql::TextStyle& style : {sql::sqlite_text, sql::postgresql_text, sql::mariadb_text}) {
    const auto check = [&] {
      for (const std::size_t place : sql::ready_text(text, {"a", "b"}, style).places) QZ_ASSERT(place < 2);
    };
    test::errors_only(check, [](const Error& error) { QZ_ASSERT(error.kind() == ErrorKind::misuse); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, std::min(size - 1, longest_input));
  if (data[0] == 'r') {
    check_requests(octets);
    return 0;
  }
  if (data[0] == 't') {
    check_text(octets);
    return 0;
  }
  test::errors_only([&] { check_reply(octets); }, ErrorKind::corrupt, "QZ-ADP-004");
  return 0;
}
