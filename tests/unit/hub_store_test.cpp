#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "hub-protocol/sqlite/database.h"
#include "hub_support.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

TEST_CASE("P36 after a damaged store nothing is acknowledged, the program is told, and the next start verifies it") {
  HubWorld world;
  std::string told;
  world.options.on_fatal = [&](const Error& error) { told = error.code(); };
  world.breakpoint = [](std::string_view point) {
    if (point == "hub.post.before_commit") throw Error(ErrorKind::corrupt, "QZ-SQL-003", "injected");
  };
  world.start();
  auto chain = world.chain();
  const auto first = chain.begin();
  CHECK_THROWS_WITH(world.post(first), Catch::Contains("QZ-SQL-003"));
  CHECK(told == "QZ-SQL-003");
  CHECK_THROWS_WITH(world.open(), Catch::Contains("QZ-HUB-030"));
  world.hub.reset();
  sqlite::OpenOptions options;
  CHECK(sqlite::Database(world.options.store, options).scalar("SELECT clean FROM hub") == 0);
  world.breakpoint = {};
  world.sessions.clear();
  world.start();
  CHECK(world.post(first).outcome() == wire::ACCEPTED);
}

TEST_CASE("P36 a store that was not closed cleanly is verified before it is used") {
  HubWorld world;
  auto chain = world.filled();
  for (int i = 0; i < 200; ++i) world.post(chain.change({"440103", "440104"}));
  world.hub.reset();
  {
    sqlite::OpenOptions options;
    sqlite::Database database(world.options.store, options);
    database.execute("UPDATE hub SET clean = 0; PRAGMA wal_checkpoint(TRUNCATE)");
  }
  const auto size = std::filesystem::file_size(world.options.store);
  std::fstream file(world.options.store, std::ios::in | std::ios::out | std::ios::binary);
  for (std::uintmax_t page = size / 2 / 8192; page < size / 8192; ++page) {
    file.seekp(static_cast<std::streamoff>(page * 8192));
    file.write("damaged page", 12);
  }
  file.close();
  CHECK_THROWS_AS(world.start(), Error);
}

TEST_CASE("a file of another program is not taken for the hub's store") {
  HubWorld world;
  world.hub.reset();
  std::filesystem::remove(world.options.store);
  {
    sqlite::OpenOptions options;
    sqlite::Database(world.options.store, options).execute("CREATE TABLE other(x)");
  }
  CHECK_THROWS_WITH(world.start(), Catch::Contains("QZ-HUB-029"));
}

TEST_CASE("posts of many agents and fetches at the same time keep every chain whole") {
  HubWorld world;
  constexpr int agents = 4;
  constexpr int batches = 40;
  world.change_directory([&](Directory& d) {
    for (int i = 0; i < agents; ++i) {
      const std::string id = "parallel-" + std::to_string(i);
      d.agents[id] = {id, "commerce", {}, {world.key.record()}, true};
      d.provisions.push_back({test::firms, id, GroupSet::every()});
    }
  });
  std::vector<std::thread> threads;
  std::atomic<int> accepted = 0;
  std::atomic<int> delivered = 0;
  for (int i = 0; i < agents; ++i) {
    const std::string id = "parallel-" + std::to_string(i);
    const Bytes session = world.open(id).session();
    threads.emplace_back([&, id, session] {
      auto chain = world.chain(test::firms, id);
      for (int n = 0; n < batches; ++n) {
        wire::PostRequest request;
        request.set_session(session);
        request.add_batches(n == 0 ? chain.begin().octets : chain.change().octets);
        const wire::PostReply reply = world.hub->post(id, request);
        if (reply.verdicts_size() == 1 && reply.verdicts(0).outcome() == wire::ACCEPTED) ++accepted;
      }
    });
    threads.emplace_back([&, id] {
      Head mark;
      while (mark.position.sequence < batches) {
        const std::uint64_t seen = world.hub->changes();
        wire::FetchRequest request;
        write_value(StreamId{id, test::firms}, *request.add_marks()->mutable_stream());
        write_value(mark, *request.mutable_marks(0)->mutable_mark());
        const wire::FetchReply reply = world.hub->fetch("tax-01", request);
        for (const Bytes& octets : reply.pages(0).batches()) {
          const seal::Parsed batch = seal::Parsed::from(octets);
          if (batch.header().previous == mark.digest) ++delivered;
          mark = batch.head();
        }
        if (reply.pages(0).batches_size() == 0) world.hub->wait_for_change(seen, 1000);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(accepted == agents * batches);
  CHECK(delivered == agents * batches);
}
