#include <catch2/catch.hpp>

#include "agent/flow/aside.h"
#include "agent/flow/quarantine.h"

using namespace qianzhi;
using adapter::Rejection;
using adapter::Step;
using Entries = std::vector<store::QuarantineEntry>;

namespace {

Topic contact() {
  Topic topic;
  topic.items = {{"id", "", ""}, {"name", "", ""}, {"phone", "", ""}};
  topic.key = {"id"};
  return topic;
}

// One row; "~": unchanged.
Step row(const std::string& id, const std::string& name, const std::string& phone, std::uint64_t sequence,
         Operation operation = Operation::upsert, const std::string& group = "g", const std::string& seen = {}) {
  Step step;
  step.rows.meta = {{operation, 3, 0, 0}};
  step.rows.groups = {group};
  step.rows.indexes = {0, 1, 2};
  step.rows.columns.resize(3);
  const std::string* texts[] = {&id, &name, &phone};
  for (std::size_t i = 0; i < 3; ++i) {
    if (*texts[i] == "~")
      step.rows.columns[i].add(Presence::unchanged, {});
    else
      step.rows.columns[i].append(*texts[i]);
  }
  step.rows.seen = seen;
  step.rows.batch = {1, sequence};
  return step;
}

Step sweep(const GroupSet& groups, const std::string& seen) {
  Step step;
  step.kind = Step::Kind::sweep;
  step.groups = groups;
  step.seen = seen;
  return step;
}

// refused: steps whose row the target did not take.
flow::Aside after(const std::vector<Step>& steps, const std::vector<std::size_t>& refused, const Entries& before,
                  std::uint64_t to = 9) {
  adapter::TargetTransaction transaction;
  transaction.expected.position = {1, 2};
  transaction.next.head.position = {1, to};
  transaction.steps = steps;
  std::vector<Rejection> rejections;
  for (const std::size_t step : refused) rejections.push_back({step, 0, "QZ-ADP-033", "unique", true});
  return flow::aside_after(contact(), "t", "o", transaction, rejections, before, 5);
}

// What is set aside after these steps, as "name/phone".
std::string shown(const flow::Aside& aside, const std::string& key = "1") {
  const auto found = aside.find(key);
  if (found == aside.end()) return "untouched";
  if (!found->second) return "released";
  const auto cells = flow::cells_of(*found->second);
  return cells.at(1).text + "/" + cells.at(2).text;
}

Entries one(const Step& step) {
  const flow::Aside aside = after({step}, {0}, {});
  return {*aside.at("1")};
}

}  // namespace

TEST_CASE("P35 the last row of a key decides whether it is set aside") {
  CHECK(shown(after({row("1", "a", "p", 3)}, {0}, {})) == "a/p");
  CHECK(shown(after({row("1", "a", "p", 3), row("1", "b", "q", 4)}, {0}, {})) == "released");
  CHECK(shown(after({row("1", "a", "p", 3), row("1", "b", "q", 4)}, {1}, {})) == "b/q");
  CHECK(shown(after({row("1", "a", "p", 3), row("1", "b", "q", 4)}, {0, 1}, {})) == "b/q");
  CHECK(shown(after({row("1", "a", "p", 3), row("1", "", "", 4, Operation::remove)}, {0}, {})) == "released");
  CHECK(shown(after({row("2", "a", "p", 3)}, {}, one(row("1", "x", "y", 2)))) == "untouched");
}

TEST_CASE("P35 R7.9 a partial change completes the row that is set aside, it does not end it") {
  const Entries before = one(row("1", "a", "p", 2));
  CHECK(shown(after({row("1", "b", "~", 3)}, {}, before)) == "b/p");
  CHECK(shown(after({row("1", "b", "~", 3)}, {0}, before)) == "b/p");
  CHECK(shown(after({row("1", "~", "q", 3), row("1", "b", "~", 4)}, {}, before)) == "b/q");
  CHECK(shown(after({row("1", "b", "c", 3), row("1", "~", "q", 4)}, {0}, {})) == "b/q");
  // Its first row passed whole: the partial one found it in the target.
  CHECK(shown(after({row("1", "b", "c", 3), row("1", "~", "q", 4)}, {}, before)) == "released");
  const auto kept = after({row("1", "b", "~", 3)}, {}, before).at("1");
  CHECK(kept->position == Position{1, 3});
  CHECK(kept->code == "QZ-ADP-033");
  // Once more, as after a crash before the commit.
  CHECK(shown(after({row("1", "b", "~", 3)}, {}, {*kept})) == "b/p");
  // A retry: the mark does not move.
  CHECK(shown(after({row("1", "b", "~", 3)}, {}, {*kept}, 2)) == "released");
}

TEST_CASE("P35 R3.2 a row withheld at the source leaves what is set aside in its group") {
  const Entries before = one(row("1", "a", "p", 2));
  CHECK(shown(after({row("1", "~", "~", 3, Operation::withheld)}, {}, before)) == "a/p");
  CHECK(shown(after({row("1", "~", "~", 3, Operation::withheld, "h")}, {}, before)) == "released");
}

TEST_CASE("P35 R7.7 the end of a refill releases what it did not name, in its groups") {
  const Entries before = one(row("1", "a", "p", 2));
  CHECK(shown(after({sweep(GroupSet::every(), "s")}, {}, before)) == "released");
  CHECK(shown(after({sweep(GroupSet::of({"h"}), "s")}, {}, before)) == "untouched");
  CHECK(shown(after({row("1", "b", "q", 3, Operation::upsert, "g", "s"), sweep(GroupSet::every(), "s")}, {0},
                    before)) == "b/q");
  CHECK(shown(after({row("1", "b", "q", 3), sweep(GroupSet::every(), "s")}, {0}, {})) == "released");
}
