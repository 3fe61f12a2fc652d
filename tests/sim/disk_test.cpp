// The simulated disks themselves: what they keep and what they lose. And what our stores make of each single fault.
#include <catch2/catch.hpp>

#include <utility>

#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/sim/world.h"

using namespace qianzhi;
using sim::Disk;
using sim::Fate;

namespace {

struct Machine {
  test::TempDir files;
  Disk disk;
  sim::SeededRandom random{7};
  const std::filesystem::path file = files / "store.db";

  void lose_power() {
    disk.freeze(file);
    database.reset();
    disk.lose_power(file, [this](std::uint64_t limit) { return random.below(limit); });
  }
  // The process ends here, without closing anything.
  void kill() {
    disk.freeze(file);
    database.reset();
    disk.thaw(file);
  }
  // As somebody else's program would, which trusts what it finds.
  sqlite::Database& open_plain() {
    database.emplace(file, sqlite::OpenOptions{sqlite::Access::read_write, false, {}, 5000});
    return *database;
  }
  // The next sync fails.
  void fail_sync() {
    disk.judge_by([fails = true](const std::filesystem::path&, sim::Call call) mutable {
      return call == sim::Call::sync && std::exchange(fails, false) ? Fate::fail : Fate::succeed;
    });
  }
  sqlite::Database& open(const char* synchronous = "FULL") {
    database.emplace(file, sqlite::OpenOptions{});
    database->execute(std::string("PRAGMA synchronous=") + synchronous);
    return *database;
  }
  std::int64_t rows() { return open().scalar("SELECT count(*) FROM t").value_or(-1); }

  std::optional<sqlite::Database> database;
};

}  // namespace

TEST_CASE("A4 a simulated machine that loses its power keeps what was synced") {
  Machine machine;
  auto& database = machine.open();
  database.execute("CREATE TABLE t(x)");
  for (int i = 0; i < 200; ++i) database.execute("INSERT INTO t VALUES(randomblob(3000))");
  machine.lose_power();
  CHECK(machine.rows() == 200);
  CHECK(machine.open().scalar("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

TEST_CASE("A4 a simulated machine that loses its power loses what was only written") {
  int lost = 0;
  for (int round = 0; round < 20; ++round) {
    Machine machine;
    machine.random = sim::SeededRandom(static_cast<std::uint64_t>(round));
    machine.open().execute("CREATE TABLE t(x)");
    auto& database = machine.open("OFF");
    for (int i = 0; i < 5; ++i) database.execute("INSERT INTO t VALUES(randomblob(3000))");
    machine.lose_power();
    if (machine.rows() < 5) ++lost;
  }
  CHECK(lost > 5);
}

TEST_CASE("A3 what a failed sync left in doubt is gone after a power loss, though a later sync went well") {
  Machine machine;
  machine.open().execute("CREATE TABLE t(x)");
  auto& database = machine.open_plain();
  machine.fail_sync();
  CHECK_THROWS_AS(database.execute("INSERT INTO t VALUES(1)"), Error);
  database.execute("INSERT INTO t VALUES(2)");
  machine.lose_power();
  CHECK(machine.rows() < 2);
}

TEST_CASE("A3 A4 what a store shows after a failed sync and a restart is there after a power loss, large or small") {
  for (const int octets : {10, 300'000}) {
    Machine machine;
    machine.open().execute("CREATE TABLE t(x)");
    auto& database = machine.open();
    database.execute("INSERT INTO t VALUES(1)");  // so that the next sync is of a commit
    machine.fail_sync();
    CHECK_THROWS_AS(database.execute("INSERT INTO t VALUES(randomblob(" + std::to_string(octets) + "))"), Error);
    machine.kill();
    CHECK(machine.rows() == 2);
    machine.database->execute("INSERT INTO t VALUES(2)");
    machine.lose_power();
    CHECK(machine.rows() == 3);
  }
}

TEST_CASE("A1 what a killed process wrote to a simulated disk stays, what it would write later does not") {
  Machine machine;
  auto& database = machine.open();
  database.execute("CREATE TABLE t(x); INSERT INTO t VALUES(1)");
  machine.disk.freeze(machine.file);
  CHECK_THROWS_AS(database.execute("INSERT INTO t VALUES(2)"), Error);
  machine.database.reset();
  machine.disk.thaw(machine.file);
  CHECK(machine.rows() == 1);
}
