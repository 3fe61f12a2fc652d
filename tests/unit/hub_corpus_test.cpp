// E1: broken configuration files of the hub.
#include <catch2/catch.hpp>

#include "hub-protocol/hub/hub_config.h"
#include "tests/unit/config_corpus.h"

using namespace qianzhi;

TEST_CASE("E1 each broken file of a hub is refused at its lines with its codes, all of them in one run") {
  const auto load = [](const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
    hub::load_hub_config(file, diagnostics);
  };
  CHECK(test::check_corpus(QIANZHI_CORPUS "/hub", load) >= 25);
}

TEST_CASE("E1 the reference of the hub shows and explains every key that is asked for") {
  yaml::Schema schema;
  hub::add_reference(schema);
  CHECK(schema.gaps() == std::vector<std::string>());
}
