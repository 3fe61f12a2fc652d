// A drop folder behind the shipped capture, up to the notices that the page shows.
#include <catch2/catch.hpp>
#include <fstream>

#include "adapters/files/files_adapter.h"
#include "agent/flow/capture.h"
#include "hub_calls.h"
#include "hub_support.h"

using namespace qianzhi;

namespace {

class Exporter {
 public:
  Exporter() {
    std::filesystem::create_directory(world.dir / "drop");
    directory.refresh(link);
    config::SourceConfig source;
    source.database.id = "exports";
    source.database.type = "files";
    source.poll_interval = 0;
    config::PublicationConfig publication;
    publication.topic = test::firms;
    publication.source = "exports";
    publication.table = "firm";
    for (const char* item : {"number", "name", "area"}) publication.items[item].column = item;
    capture = std::make_unique<flow::Capture>(source, std::vector{publication},
                                              flow::CaptureParts{*adapter, store, directory, sealer, {}, {}},
                                              adapter::Connection{{{"folder", (world.dir / "drop").string()},
                                                                   {"state", (world.dir / "state").string()},
                                                                   {"marker", ".done"},
                                                                   {"look", "0"},
                                                                   {"table.firm.full", "firm-*.csv"}},
                                                                  {}});
  }

  void drop(const std::string& name, const std::string& content) {
    std::ofstream(world.dir / ("drop/" + name)) << content;
    std::ofstream(world.dir / ("drop/" + name + ".done"));
  }

  // A few turns: as many as a file of three lines needs for its import, refill and end.
  std::string notices() {
    for (int turn = 0; turn < 10; ++turn) capture->run_once();
    std::string codes;
    // The spool's triggers tell the machine's time, the stages live in another.
    for (const flow::Notice& notice : capture->notices())
      if (notice.code != "QZ-AGT-104") codes += (codes.empty() ? "" : " ") + notice.code;
    return codes;
  }
  Position sealed() const { return store.stream(test::firms)->last.position; }
  bool is_stopped() const { return !store.stream(test::firms)->stopped_code.empty(); }

  test::HubWorld world;
  test::HubCalls link{*world.hub, "commerce-01"};
  store::Store store{{world.dir / "outbox.db", {}, 0}, Bytes(32, 'k'), world.random};
  flow::DirectoryKeeper directory{store, world.clock, world.directory_key.record()};
  flow::Sealer sealer{"commerce-01", world.key, world.clock, world.random, {}};
  std::unique_ptr<adapter::Adapter> adapter = adapter::make_files_adapter(world.clock);
  std::unique_ptr<flow::Capture> capture;
};

}  // namespace

TEST_CASE("P39 a publication of files waits for its first file, then sends it, and says why it does not go on") {
  Exporter exporter;
  CHECK(exporter.notices() == "QZ-AGT-031");
  CHECK(exporter.is_stopped());
  exporter.drop("firm-1.csv", "number,name,area\n1,a,440103\n2,b,440104\n");
  CHECK(exporter.notices().empty());
  CHECK_FALSE(exporter.is_stopped());
  const Position loaded = exporter.sealed();

  exporter.drop("firm-2.csv", "number,name\n1,a\n");
  CHECK(exporter.notices() == "QZ-FIL-004");
  CHECK_FALSE(exporter.is_stopped());
  CHECK(exporter.sealed() == loaded);

  exporter.drop("firm-3.csv", "number,name,area\n1,changed,440103\n2,b,440104\n");
  CHECK(exporter.notices().empty());
  CHECK(exporter.sealed().sequence == loaded.sequence + 1);
}

TEST_CASE("P39 a full file that is as the last one shows that the source is alive, each once") {
  Exporter exporter;
  exporter.drop("firm-1.csv", "number,name,area\n1,a,440103\n");
  exporter.notices();
  const auto stream = [&] { return exporter.store.stream(test::firms).value(); };
  const store::StreamState first = stream();
  CHECK(first.look != 0);
  exporter.notices();
  CHECK(stream().look == first.look);
  exporter.drop("firm-1.csv", "number,name,area\n1,a,440103\n");
  exporter.notices();
  CHECK(stream().look > first.look);
  CHECK(stream().alive_by == store::AliveBy::look);
  CHECK(stream().alive != 0);
  CHECK(stream().rows_sealed == first.rows_sealed);
}
