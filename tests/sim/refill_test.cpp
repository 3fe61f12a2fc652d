// Refills beside changes: no stale chunk is sealed (R4.4), no end comes too early (R4.5), no epoch without need (R5.7).
#include <catch2/catch.hpp>

#include "agent/flow/quarantine.h"
#include "tests/sim/world.h"

using qianzhi::GroupSet;
using qianzhi::Micros;
using qianzhi::config::Capture;
using qianzhi::sim::World;

namespace {

std::string key(int i) { return "'" + std::to_string(1000 + i) + "'"; }

// Tax holds everything. Then quality is granted one group more, which is refilled for it, and a row leaves that group
// before the refill comes to it: in tax's target it must stay all the time.
void move_out_of_a_refilled_group(Capture capture) {
  World world(1);
  auto& commerce = world.add("commerce", true, false, capture);
  auto& tax = world.add("tax", false, true);
  world.add("quality", false, true);
  for (int i = 0; i < 12; ++i)
    commerce.sql("INSERT INTO firm VALUES(" + key(i) + ", 'n', NULL, '" + (i < 6 ? "440103" : "440104") + "')");
  world.grant("tax", GroupSet::every());
  world.grant("quality", GroupSet::of({"440103"}));
  world.publish();
  REQUIRE(world.settle());
  world.grant("quality", GroupSet::of({"440103", "440104"}));
  world.publish();
  REQUIRE(world.await_refill(commerce));
  // More changes than one read takes, the move the last of them: the refill's next chunk sees it long before.
  for (int i = 0; i < 60; ++i)
    commerce.sql("UPDATE firm SET ent_name = 'm" + std::to_string(i) + "' WHERE reg_no = '1000'");
  commerce.sql("UPDATE firm SET district = '440103' WHERE reg_no = " + key(9));
  for (int turn = 0; turn < 60; ++turn) {
    world.turn();
    INFO("turn " << turn);
    REQUIRE(tax.target_rows().size() == 12);
    world.clock.advance(1'000'000);
  }
  REQUIRE(world.settle());
}

}  // namespace

TEST_CASE("R4.5 a refill ends only when what its chunks saw is sealed: a row that left its group is never missing") {
  move_out_of_a_refilled_group(Capture::journal);
}

TEST_CASE("R4.5 by comparison a refill ends only after a walk that began after its last chunk") {
  move_out_of_a_refilled_group(Capture::diff);
}

TEST_CASE(
    "R4.4 a snapshot chunk from before the checkpoint is read again, so that an old row never overwrites a newer") {
  World world(2);
  world.read_ahead = true;
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  for (int i = 0; i < 60; ++i) commerce.sql("INSERT INTO firm VALUES(" + key(i) + ", 'old', NULL, '440103')");
  world.grant("tax", GroupSet::every());
  world.publish();
  for (int i = 0; i < 60; ++i) {
    commerce.sql("UPDATE firm SET ent_name = 'new' WHERE reg_no = " + key(i));
    commerce.sql("UPDATE firm SET ent_name = 'new' WHERE reg_no = " + key(59 - i));
    world.turn();
  }
  REQUIRE(world.settle());
  CHECK(tax.target_rows().size() == 60);
}

// A poll ends when a directory comes; the next ones do not wait until what is missing was asked for.
TEST_CASE("S3.4 R7.8 what a wider grant lacks is asked for before another poll is parked") {
  World world(4);
  auto& commerce = world.add("commerce", true, false);
  world.add("quality", false, true);
  for (int i = 0; i < 12; ++i)
    commerce.sql("INSERT INTO firm VALUES(" + key(i) + ", 'n', NULL, '" + (i < 6 ? "440103" : "440104") + "')");
  world.grant("quality", GroupSet::of({"440103"}));
  world.publish();
  REQUIRE(world.settle());
  world.grant("quality", GroupSet::of({"440103", "440104"}));
  world.publish();
  const std::uint64_t version = world.directory_version();
  int parked = 0;
  bool has_asked = false;
  world.on_fetch = [&](const std::string& agent, const qianzhi::wire::FetchRequest& request) {
    if (agent != "quality-01" || request.marks_size() == 0 || has_asked) return;
    has_asked = request.wishes_size() != 0;
    if (!has_asked && request.directory().version() == version && request.wait_ms() != 0) ++parked;
  };
  REQUIRE(world.settle());
  CHECK(has_asked);
  CHECK(parked == 0);
}

TEST_CASE("R5.7 a receipt prunes only what it covers: the rest of a long backlog is sent in the same epoch") {
  World world(3);
  world.post_octets = 1;
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  world.grant("tax", GroupSet::every());
  for (int i = 0; i < 60; ++i) commerce.sql("INSERT INTO firm VALUES(" + key(i) + ", 'n', NULL, '440103')");
  world.publish();
  REQUIRE(world.settle());
  CHECK(tax.target_rows().size() == 60);
  CHECK(commerce.store().stream("test.enterprise")->last.position.epoch == 1);
}

TEST_CASE("S3 a refill is read no faster than the department allows, and changes do not wait for it") {
  World world(77);
  auto& commerce = world.add("commerce", true, false, GENERATE(Capture::journal, Capture::diff));
  auto& tax = world.add("tax", false, true);
  commerce.read_no_faster_than({1, 0, 0, {}});  // a row a second
  for (int i = 0; i < 21; ++i)
    commerce.sql("INSERT INTO firm VALUES('" + std::to_string(100 + i) + "', 'n', NULL, '440103')");
  world.grant("tax", GroupSet::every());
  world.publish();
  const Micros begun = world.clock.now();
  bool changed = false;
  while (tax.target_rows().size() < 22 && world.clock.now() < begun + 600'000'000) {
    world.turn();
    if (!changed && tax.target_rows().size() >= 7) {
      commerce.sql("INSERT INTO firm VALUES('999', 'new', NULL, '440103')");
      changed = true;
    }
  }
  CHECK(tax.target_rows().size() == 22);
  // Three chunks of seven rows: the second and third wait.
  CHECK(world.clock.now() - begun >= 14'000'000);
}

TEST_CASE("R4.3 a refill goes on at its cursor after each restart, and its progress counts every row once") {
  World world(78);
  const Capture capture = GENERATE(Capture::journal, Capture::diff);
  auto& commerce = world.add("commerce", true, false, capture);
  auto& tax = world.add("tax", false, true);
  for (int i = 0; i < 70; ++i) commerce.sql("INSERT INTO firm VALUES(" + key(i) + ", 'n', NULL, '440103')");
  world.grant("tax", GroupSet::every());
  world.publish();
  std::uint64_t last = 0;
  int restarts = 0;
  for (int turn = 0; turn < 200 && tax.target_rows().size() < 70; ++turn) {
    world.turn();
    world.clock.advance(2'000'000);
    const auto state = commerce.store().stream("test.enterprise");
    if (!state || !state->refill || state->refill->rows_read == 0) continue;
    CHECK(state->refill->estimated == 70);
    CHECK(state->refill->rows_read >= last);
    CHECK(state->refill->rows_read <= 70);
    CHECK(state->refill->started != 0);
    if (state->refill->rows_read == last) continue;
    last = state->refill->rows_read;
    commerce.crash();
    commerce.start();
    ++restarts;
    CHECK(commerce.store().stream("test.enterprise")->refill->rows_read == last);
  }
  CHECK(last == 70);
  CHECK(restarts >= 9);
  REQUIRE(world.settle());
  CHECK(commerce.store().stream("test.enterprise")->rows_refilled == 70);
}

TEST_CASE("a refill that the throttle slows down says how far it is, how fast, how long, and until when it is slow") {
  World world(79);
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  commerce.read_no_faster_than({1, 0, 0, {}});  // a row a second, at all hours
  for (int i = 0; i < 70; ++i) commerce.sql("INSERT INTO firm VALUES(" + key(i) + ", 'n', NULL, '440103')");
  world.grant("tax", GroupSet::every());
  world.publish();
  std::string text;
  for (int turn = 0; turn < 400 && tax.target_rows().size() < 35; ++turn) {
    world.turn();
    for (const auto& notice : commerce.notices())
      if (notice.code == "QZ-AGT-035") text = notice.detail;
  }
  INFO(text);
  CHECK(text.find("/ 约 about 70 行 rows (") != std::string::npos);
  CHECK(text.find("1 行/秒 rows/s") != std::string::npos);
  CHECK(text.find("left") != std::string::npos);
  const auto progress = commerce.progress();
  REQUIRE(progress.size() == 1);
  CHECK(progress[0].estimated == 70);
  CHECK(progress[0].rate == 1);
  CHECK(progress[0].left > 0);
  CHECK(progress[0].left <= 70'000'000);
  CHECK(progress[0].limit == 1);
}
