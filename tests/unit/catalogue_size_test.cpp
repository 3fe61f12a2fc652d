// A catalogue of the size of a large city's, from files to an agent.
#include <catch2/catch.hpp>

#include "agent/app/topics_text.h"
#include "agent/flow/directory_keeper.h"
#include "hub-protocol/catalogue/initials.h"
#include "hub-protocol/catalogue/search.h"
#include "tests/support/directory_answer.h"
#include "tests/support/large_catalogue.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

TEST_CASE("S2.4 S2.5 46 departments, 269 topics, 4,535 items are published, kept by an agent, and searched at once") {
  const test::TempDir dir;
  SystemRandom random;
  const SystemClock clock;
  const seal::SigningKey key = seal::SigningKey::generate();
  Directory directory = test::large_catalogue();
  catalogue::write_initials(directory.catalogue);
  directory.version = 1;
  directory.hub_key = key.record();
  directory.agents["tax-01"] = {"tax-01", "tax_1", {}, {}, true};
  test::DirectoryAnswer hub(seal::seal_directory(directory, key));
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, clock, key.record());
  keeper.refresh(hub);
  const auto kept = keeper.in_force();
  CHECK(kept->catalogue == directory.catalogue);
  const catalogue::SearchIndex index(kept->catalogue);
  // Every topic is found by the whole of its title's initials, among the first.
  for (const auto& [id, topic] : kept->catalogue.topics) {
    const auto hits = index.search(topic.initials, 50);
    REQUIRE_FALSE(hits.empty());
    CHECK(hits[0].topic->initials == topic.initials);
  }
  const Micros before = clock.steady();
  for (int i = 0; i < 100; ++i) CHECK(index.search("yhzh", 300).size() > 200);
  // "At once": a hundred searches over all items within two seconds, also on a machine that is busy.
  CHECK(clock.steady() - before < 2'000'000);
  const std::string text = app::topics_text({*kept, "tax-01", clock.now(), "gaqydj"});
  CHECK(text.find("公安企业登记信息") != std::string::npos);
}
