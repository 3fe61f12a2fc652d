// E1: broken configuration files of the desk, and the reference of its keys.
#include <catch2/catch.hpp>

#include "agent/desk/app/desk_file.h"
#include "tests/unit/config_corpus.h"

using namespace qianzhi;

TEST_CASE("E1 each broken file of a desk is refused at its lines with its codes, all of them in one run") {
  const auto load = [](const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
    desk::load_desk(file, diagnostics);
  };
  CHECK(test::check_corpus(QIANZHI_CORPUS "/desk", load) >= 40);
}

TEST_CASE("E1 the reference of the desk shows and explains every key that is asked for") {
  yaml::Schema schema;
  desk::add_reference(schema);
  CHECK(schema.gaps() == std::vector<std::string>());
}
