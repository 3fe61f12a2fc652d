// Very many cases: what happens to one costs the same however many are open.
#include <catch2/catch.hpp>

#include "desk_case_support.h"
#include "tests/support/sqlite_steps.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

constexpr std::int64_t idle_steps = 150;  // of asking whether there is anything, and of counting

std::string firm(int number) { return "F" + std::to_string(number); }

struct ManyCases {
  explicit ManyCases(int count) : world(plain_cases), keeper(world.book, world.tables) {
    world.clock.set_day("2004-04-02");
    sqlite::Transaction transaction(world.database);
    for (int i = 0; i < count; ++i) world.find(firm(i), "2004-03-01", "warning");
    transaction.commit();
    CHECK(keeper.run_once(world.clock.now()).opened == count);
  }
  std::int64_t steps_to_keep() {
    const std::int64_t before = all.taken();
    counts = keeper.run_once(world.clock.now());
    return all.taken() - before;
  }

  SqliteSteps all;
  CaseWorld world;
  desk::CaseKeeper keeper;
  desk::KeeperCounts counts;
};

std::int64_t steps_of_changes(int count) {
  ManyCases many(count);
  CHECK(many.steps_to_keep() < idle_steps);
  for (int i = 0; i < 5; ++i) many.world.registered(firm(i * count / 5));
  for (int i = 0; i < 5; ++i)
    many.world.database.execute("UPDATE finding SET title = 'another' WHERE subject = '" + firm(i * count / 5 + 1) +
                                "'");
  const std::int64_t steps = many.steps_to_keep();
  CHECK(many.counts.settled == 5);
  CHECK(many.counts.refreshed == 5);
  CHECK(many.steps_to_keep() < idle_steps);
  return steps;
}

}  // namespace

TEST_CASE("S1.7 S4.2 what changed costs the same among ten times as many open cases, and nothing costs nothing") {
  const std::int64_t few = steps_of_changes(50);
  const std::int64_t many = steps_of_changes(500);
  CHECK(few > 0);
  CHECK(many < few + few / 10);
}

TEST_CASE("S1.7 another process looks at all findings once, also at those that no trigger told of") {
  ManyCases many(3);
  many.world.registered(firm(1));
  many.world.database.execute("DELETE FROM case_pending");
  CHECK(many.keeper.run_once(many.world.clock.now()).settled == 0);
  CHECK(many.world.keep().settled == 1);
}

TEST_CASE("S1.7 a case whose step fails is tried again until it can be taken, and holds up no other") {
  ManyCases many(1);
  CaseWorld& world = many.world;
  // A subject must be there: this one cannot be opened.
  world.find("", "2004-03-01", "warning");
  world.find("later", "2004-03-01", "warning");
  for (int again = 0; again < 3; ++again) {
    const desk::KeeperCounts counts = many.keeper.run_once(world.clock.now());
    CHECK(counts.failed == 1);
    CHECK(counts.opened == (again == 0 ? 1 : 0));
  }
  world.database.execute("UPDATE finding SET subject = 'mended' WHERE subject = ''");
  CHECK(many.keeper.run_once(world.clock.now()).opened == 1);
  CHECK(many.keeper.run_once(world.clock.now()).failed == 0);
}

TEST_CASE("S1.7 a case that a person opens for a firm whose finding has closed closes by itself") {
  ManyCases many(1);
  CaseWorld& world = many.world;
  world.find("late", "2004-03-01", "warning");
  world.registered("late");
  CHECK(many.keeper.run_once(world.clock.now()).opened == 0);
  desk::CaseFile file;
  file.rule = "no_tax";
  file.subject = "late";
  file.party = "tax";
  {
    sqlite::Transaction transaction(world.database);
    world.book.open(file, {}, {"wang", world.clock.now()});
    transaction.commit();
  }
  CHECK(many.keeper.run_once(world.clock.now()).settled == 1);
  CHECK(world.file("late").is_closed());
}
