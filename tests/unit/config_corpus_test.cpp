// E1: broken configuration files of the agent.
#include <catch2/catch.hpp>
#include <fstream>

#include "agent/config/loader.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/config_corpus.h"

using namespace qianzhi;

TEST_CASE("E1 each broken file is refused at its lines with its codes, all of them in one run, in both languages") {
  const auto load = [](const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
    config::load_config(file, diagnostics);
  };
  CHECK(test::check_corpus(QIANZHI_CORPUS "/agent", load) >= 60);
}

TEST_CASE("E1 P20 a file of five megabytes is refused at once") {
  const test::TempDir folder;
  std::ofstream(folder.path() / "huge.yaml") << "version: 1\n" << std::string(std::size_t{5} << 20U, '#') << "\n";
  yaml::Diagnostics diagnostics;
  const auto begin = test::own_time();
  config::load_config(folder.path() / "huge.yaml", diagnostics);
  CHECK(test::own_time() - begin < test::longest_check);
  REQUIRE(diagnostics.errors() == 1);
  CHECK(diagnostics.all().front().code == "QZ-CFG-020");
}
