// What only PostgreSQL can show of a source behind its process.
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

TEST_CASE("R4.5 what is read ahead is used although high water rises: the log is not opened again for each chunk") {
  const auto fixture = make_fixture(Way::process);
  install_firm(*fixture);
  const auto source = fixture->adapter().open_source(firm_spec(*fixture));
  SourcePosition place = source->present();
  constexpr int rows = 30;
  for (int i = 0; i < rows; ++i) fixture->run("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'd', 'n')");
  std::string reader;
  std::size_t seen = 0;
  SourcePosition high_water;
  while (seen < rows) {
    const adapter::Changes changes = source->read_changes(place, high_water, {3, 1U << 20U}, 100'000);
    REQUIRE(changes.continuity == adapter::Continuity::good);
    for (const auto& table : changes.tables) seen += table.meta.size();
    place = changes.position;
    // As a chunk of a refill raises it.
    high_water = source->read_snapshot(0, {}, {3, 1U << 20U}).position;
    high_water.order.push_back(static_cast<char>(seen));
    const Rows now = fixture->query("SELECT active_pid::text FROM pg_replication_slots");
    REQUIRE(now.size() == 1);
    if (reader.empty()) reader = now[0][0];
    CHECK(now[0][0] == reader);
  }
}

}  // namespace qianzhi::test::contract
