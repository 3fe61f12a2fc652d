// A subscriber of the hub of this process: the shipped stage and SQLite adapter on real files.
#pragma once

#include <catch2/catch.hpp>

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/deliver.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/sqlite/database.h"
#include "hub_calls.h"
#include "hub_support.h"
#include "tests/sim/frail.h"

namespace qianzhi::test {

// dies: asked at each call of the adapter.
struct Subscriber {
  Subscriber(HubWorld& the_world, std::function<bool()> dies)
      : world(the_world),
        link(*world.hub, "tax-01"),
        adapter(sim::frail(adapter::make_sqlite_adapter(world.clock), std::move(dies))) {
    set_log_level(LogLevel::error);
    directory.refresh(link);
    sqlite::Database database(file, {sqlite::Access::read_write_create, false, {}, 5000});
    database.execute("PRAGMA journal_mode=WAL; CREATE TABLE times(number TEXT)");
    const auto spec = flow::Deliver::spec_of(target, {subscription()}, world.directory.catalogue, {});
    database.execute(adapter::make_sqlite_adapter(world.clock)->plan_target(spec).install);
    database.execute("CREATE TRIGGER counted AFTER INSERT ON received BEGIN INSERT INTO times VALUES(new.number); END");
    deliver = under(directory);
  }
  static config::SubscriptionConfig subscription() {
    config::SubscriptionConfig subscription;
    subscription.topic = firms;
    subscription.target = "target";
    subscription.table = "received";
    return subscription;
  }
  // The stage as it works under what this keeper holds.
  std::unique_ptr<flow::Deliver> under(flow::DirectoryKeeper& keeper) {
    flow::DeliverParts parts{*adapter, store, keeper, link, world.clock, world.tax_key, {}, {}, {}, 0};
    parts.transaction_octets = transaction_octets;
    parts.page_octets = page_octets;
    parts.overlaps = true;
    return std::make_unique<flow::Deliver>("tax-01", target, std::vector{subscription()}, std::move(parts),
                                           adapter::Connection{{{"file", file.string()}}, {}});
  }
  // Until the target stands at this head. What the adapter's death makes of a run is tried again.
  void run_to(const Head& head) {
    for (int runs = 1; runs < 2'000; ++runs) {
      try {
        deliver->run_once();
      } catch (const Error& error) {
        REQUIRE(error.kind() == ErrorKind::unavailable);
        ++failures;
      }
      const auto lanes = deliver->lanes();
      if (!lanes.empty()) CHECK(lanes[0].state_code.empty());
      if (!lanes.empty() && lanes[0].mark == head.position) return;
    }
    FAIL("stands still");
  }
  std::int64_t ask(const std::string& sql) {
    return sqlite::Database(file, {sqlite::Access::read_only, false, {}, 5000}).scalar(sql).value();
  }

  HubWorld& world;
  HubCalls link;
  config::DatabaseConfig target{"target", "sqlite", {}, {}};
  std::filesystem::path file = world.dir / "target.db";
  store::Store store{{world.dir / "subscriber.db", {}, 0}, Bytes(32, 'k'), world.random};
  flow::DirectoryKeeper directory{store, world.clock, world.directory_key.record()};
  std::unique_ptr<adapter::Adapter> adapter;
  std::unique_ptr<flow::Deliver> deliver;
  int failures = 0;
  // Of each stage that is made from now on: a batch a page, a transaction a batch.
  std::size_t transaction_octets = 1;
  std::uint32_t page_octets = 1;
};

}  // namespace qianzhi::test
