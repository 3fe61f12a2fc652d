// E1: broken configuration files of the desk.
#include <catch2/catch.hpp>

#include "agent/desk/app/desk_file.h"
#include "tests/unit/config_corpus.h"

using namespace qianzhi;

TEST_CASE("E1 each broken file of a desk is refused at its lines with its codes, all of them in one run") {
  const auto load = [](const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
    desk::load_desk(file, diagnostics);
  };
  CHECK(test::check_corpus(QIANZHI_CORPUS "/desk", load) >= 25);
}
