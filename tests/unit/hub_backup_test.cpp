#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <thread>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/backup_keeper.h"
#include "hub_support.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

namespace {

bool always() { return true; }

struct BackedUp : HubWorld {
  BackedUp() { std::filesystem::create_directory(backups); }
  Position secured() { return read(post(std::vector<seal::Sealed>{last}).head()).secured.position; }
  seal::ReceiptContent send(const seal::Sealed& batch) {
    last = batch;
    return read(post(batch).head());
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(backups)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::vector<hub::StreamRecord> content(const std::filesystem::path& file) {
    return hub::Log(file, {}).view().streams();
  }

  const std::filesystem::path backups = dir / "backups";
  test::Chain stream = chain();
  seal::Sealed last;
};

// Until the thread of a keeper has done something; the limit only keeps a broken one from hanging the run.
template <typename Condition>
bool comes_true(Condition&& condition) {
  const Micros limit = SystemClock().steady() + 60'000'000;
  while (!condition()) {
    if (SystemClock().steady() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("R6.8 a receipt names as secured what the newest finished backup holds, and nothing before there is one") {
  BackedUp world;
  CHECK(world.send(world.stream.begin()).secured.is_none());
  world.send(world.stream.change());
  world.hub->back_up(world.backups / "a.db", always);
  CHECK(world.secured() == Position{1, 2});
  CHECK(world.send(world.stream.change()).secured.position == Position{1, 2});
  world.hub->back_up(world.backups / "b.db", always);
  CHECK(world.secured() == Position{1, 3});
  CHECK(world.content(world.backups / "a.db").at(0).head.position == Position{1, 2});
  CHECK(world.content(world.backups / "b.db").at(0).head.position == Position{1, 3});
  world.start();
  CHECK(world.hub->status().at(0).secured.position == Position{1, 3});
}

TEST_CASE("R6.8 a batch that was accepted while a backup was written is not taken for secured") {
  BackedUp world;
  world.send(world.stream.begin());
  // Accepted between the copy and the announcement.
  world.breakpoint = [&](std::string_view point) {
    if (point == "hub.backup.before_announce") world.post(world.stream.change());
  };
  world.start();
  world.open();
  world.hub->back_up(world.backups / "a.db", always);
  CHECK(world.hub->status().at(0).head.position == Position{1, 2});
  CHECK(world.hub->status().at(0).secured.position == Position{1, 1});
}

TEST_CASE("R6.8 posts are accepted while a backup is being written, which holds one state of all streams") {
  BackedUp world;
  test::Chain other = world.chain(test::closed_firms);
  world.post({world.stream.begin()});
  world.post({other.begin()});
  for (int i = 0; i < 400; ++i) world.post_all({world.stream.change(), other.change()});
  int posted = 0;
  world.hub->back_up(world.backups / "a.db", [&] {
    world.post_all({world.stream.change(), other.change()});
    return ++posted < 1000;
  });
  CHECK(posted > 1);
  const auto held = world.content(world.backups / "a.db");
  REQUIRE(held.size() == 2);
  CHECK(to_text(held[0].head.position) == "1.401");
  CHECK(to_text(held[1].head.position) == "1.401");
  CHECK(world.hub->status().at(0).head.position.sequence == 401 + static_cast<std::uint64_t>(posted));
}

TEST_CASE("R6.8 a backup that fails or is given up secures nothing and leaves no file") {
  BackedUp world;
  world.send(world.stream.begin());
  CHECK_THROWS_WITH(world.hub->back_up(world.dir / "missing" / "a.db", always), Catch::Contains("QZ-HUB-054"));
  CHECK_THROWS_WITH(world.hub->back_up(world.backups / "a.db", [] { return false; }), Catch::Contains("QZ-HUB-054"));
  std::filesystem::create_directory(world.backups / "taken.db");
  CHECK_THROWS_WITH(world.hub->back_up(world.backups / "taken.db", always), Catch::Contains("QZ-HUB-054"));
  CHECK(world.files() == std::vector<std::string>{"taken.db"});
  CHECK(world.secured() == Position{});
  CHECK(world.send(world.stream.change()).head.position == Position{1, 2});  // the hub itself goes on
}

TEST_CASE("R6.5 R6.6 a hub that is started from a backup is stopped until an operator recovers it") {
  BackedUp world;
  world.send(world.stream.begin());
  world.hub->back_up(world.backups / "a.db", always);
  const seal::Sealed tail = world.stream.change();
  world.send(tail);
  world.options.store = world.backups / "a.db";
  world.start();
  CHECK(world.hub->stopped().code == "QZ-HUB-025");
  CHECK_THAT(world.hub->stopped().detail, Catch::Contains("backup of 2023-11-14"));
  CHECK(world.open().stopped() == "QZ-HUB-025");
  CHECK(world.fetch_reply({}).pages_size() == 0);
  world.hub->recover();
  world.open();
  CHECK(world.read(world.post(tail).head()).head.position == Position{1, 2});
}

TEST_CASE("R6.8 a later backup or a trimmed log never moves what is secured backwards or off the chain") {
  BackedUp world;
  world.post({world.stream.begin(), world.stream.rows({"440103"}), world.stream.end()});
  world.hub->back_up(world.backups / "first.db", always);
  world.last = world.stream.begin();
  world.post({world.last, world.stream.end()});
  world.hub->back_up(world.backups / "a.db", always);
  world.hub->trim({"commerce-01", test::firms});
  CHECK(world.hub->status().at(0).secured.position == Position{1, 5});
  world.hub->back_up(world.backups / "b.db", always);
  CHECK(world.hub->status().at(0).secured.position == Position{1, 5});
}

TEST_CASE("R6.8 backups are made by time, and the oldest go when there are enough") {
  BackedUp world;
  world.send(world.stream.begin());
  for (const char* name : {"hub-20231101T000000Z.db", "hub-20231102T000000Z.db", "hub-latest.db", "notes.txt"})
    std::ofstream(world.backups / name) << "x";
  hub::BackupKeeper keeper(*world.hub, {world.backups, 3'600'000'000, 2}, world.clock);
  CHECK(comes_true([&] { return world.files().front() == "hub-20231102T000000Z.db"; }));
  CHECK(world.files() ==
        std::vector<std::string>{"hub-20231102T000000Z.db", "hub-20231114T221320Z.db", "hub-latest.db", "notes.txt"});
  CHECK_THAT(keeper.status_text(), Catch::Contains("newest hub-20231114T221320Z.db"));
  CHECK(world.secured() == Position{1, 1});
}

TEST_CASE("R6.8 a backup that failed is told, and a command without a directory is refused") {
  BackedUp world;
  hub::BackupKeeper without(*world.hub, {}, world.clock);
  CHECK(without.status_text().empty());
  CHECK_THROWS_WITH(without.make(), Catch::Contains("QZ-HUB-055"));
  CHECK(without.make(world.backups) == world.backups / "hub-20231114T221320Z.db");
  hub::BackupKeeper keeper(*world.hub, {world.dir / "missing", 3'600'000'000, 2}, world.clock);
  CHECK(comes_true([&] { return keeper.status_text().find("BACKUP FAILED: QZ-HUB-054") != std::string::npos; }));
}
