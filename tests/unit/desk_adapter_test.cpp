// The desk behind the agent's own adapter: what that writes under the desk's triggers is judged, and is written.
#include "adapters/api/adapter.h"
#include "adapters/sqlite/sqlite_adapter.h"
#include "tests/unit/desk_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

using adapter::ApplyMode;
using adapter::ApplyResult;
using adapter::Step;

const std::string behind_adapter = R"(tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: tax, source: tax-01, table: received.tax, key: [id]}
rules:
  - id: unregistered
    kind: missing
    title: 应办未办税务登记
    base: {table: opening, subject: reg, area: qz_group}
    parties: [{party: tax, table: tax, join: reg}]
)";

adapter::TargetSpec spec_of(const std::filesystem::path& file, ApplyMode mode) {
  adapter::TargetSpec spec{{{{"file", file.string()}}, {}}, "inbox", {}};
  for (const char* table : {"opening", "tax"}) {
    adapter::TargetTable received;
    received.table = table;
    received.columns = {{"id", {}, {}, ItemType::text}, {"reg", {}, {}, ItemType::text}};
    received.key = {std::string(table) == "tax" ? "id" : "reg"};
    received.mode = mode;
    spec.tables.push_back(received);
  }
  return spec;
}

class Deliveries {
 public:
  Deliveries(adapter::Adapter& adapter, const adapter::TargetSpec& spec) : target_(adapter.open_target(spec)) {}

  Step rows(const std::vector<std::pair<std::string, std::string>>& all, Operation operation) {
    Step step;
    step.rows.indexes = {0, 1};
    step.rows.columns.resize(2);
    step.rows.seen = "refill";
    step.rows.batch = {1, 1};
    std::uint32_t ordinal = 0;
    for (const auto& [id, reg] : all) {
      step.rows.meta.push_back({operation, ordinal++, 0, 0});
      step.rows.groups.emplace_back("d1");
      step.rows.columns[0].append(id);
      if (operation == Operation::upsert)
        step.rows.columns[1].append(reg);
      else
        step.rows.columns[1].append_unchanged();
    }
    return step;
  }
  ApplyResult apply(std::size_t table, Step step, const std::string& origin = "tax-01") {
    std::uint64_t& sequence = sequences_[std::to_string(table) + origin];
    const auto head = [](std::uint64_t at) {
      return Head{{1, at}, Digest::from_bytes(std::string(32, static_cast<char>('a' + at)))};
    };
    adapter::TargetTransaction work;
    work.table = table;
    if (sequence > 0) work.expected = head(sequence);
    ++sequence;
    work.next = {std::to_string(table), origin, head(sequence), ""};
    work.steps = {std::move(step)};
    return target_->apply(work);
  }

 private:
  std::unique_ptr<adapter::Target> target_;
  std::map<std::string, std::uint64_t> sequences_;
};

}  // namespace

TEST_CASE("S1.7 P21 what the agent's adapter delivers, moves, withdraws and sweeps is judged by its changes") {
  const auto mode = GENERATE(ApplyMode::upsert, ApplyMode::soft_delete);
  const SystemClock clock;
  const auto adapter = adapter::make_sqlite_adapter(clock);
  DeskWorld world("tables: []\n", adapter->plan_target(spec_of("received.db", mode)).install);
  world.open(behind_adapter);
  world.run_plan();
  world.changes("unregistered");
  Deliveries deliveries(*adapter, spec_of(world.dir / "received.db", mode));
  const auto judged = [&] {
    const desk::Judgement judgement = world.changes("unregistered");
    CHECK_FALSE(judgement.full);
    return world.open_findings("unregistered");
  };
  CHECK(deliveries.apply(0, deliveries.rows({{"", "R1"}, {"", "R2"}, {"", "R3"}}, Operation::upsert), "commerce-01")
            .upserted == 3);
  CHECK(judged() == Texts{"R1 tax warning", "R2 tax warning", "R3 tax warning"});
  CHECK(deliveries.apply(1, deliveries.rows({{"T1", "R1"}, {"T2", "R2"}}, Operation::upsert)).upserted == 2);
  CHECK(judged() == Texts{"R3 tax warning"});
  // The registration is another firm's; then it is withdrawn; then a refill no longer has the other.
  deliveries.apply(1, deliveries.rows({{"T1", "R3"}}, Operation::upsert));
  CHECK(judged() == Texts{"R1 tax warning"});
  CHECK(deliveries.apply(1, deliveries.rows({{"T1", ""}}, Operation::remove)).removed == 1);
  CHECK(judged() == Texts{"R1 tax warning", "R3 tax warning"});
  Step sweep;
  sweep.kind = Step::Kind::sweep;
  sweep.groups = GroupSet::every();
  sweep.seen = "another refill";
  deliveries.apply(1, std::move(sweep));
  CHECK(judged() == Texts{"R1 tax warning", "R2 tax warning", "R3 tax warning"});
}
