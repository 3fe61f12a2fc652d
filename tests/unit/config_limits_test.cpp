// What `limits` of a database becomes, and what is wrong in it.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/unit/config_support.h"

using namespace qianzhi;

namespace {

constexpr const char* target = "{type: sqlite, file: received.db}";

test::Loaded with_limits(const std::string& limits) {
  return test::load(test::with(target, "{type: sqlite, file: received.db, limits: {" + limits + "}}"));
}

}  // namespace

TEST_CASE("limits of an adapter's process are read for targets, for sources and for adapters of others") {
  const test::Loaded loaded = with_limits("memory: 512MiB, cpu: 2h, open_files: 64, file_size: 1GiB, processes: 8");
  INFO(loaded.report);
  REQUIRE(loaded.findings.empty());
  const config::LimitsConfig& limits = loaded.config.targets.at("received-db").limits;
  CHECK(limits.memory == 512U << 20U);
  CHECK(limits.cpu == 7'200'000'000);
  CHECK(limits.open_files == 64);
  CHECK(limits.file_size == 1U << 30U);
  CHECK(limits.processes == 8);
  CHECK(loaded.config.sources.at("commerce-db").database.limits.memory == 0);
  const test::Loaded other = test::load(test::with(target, "{type: xlsx, limits: {memory: 64MiB}, folder: /srv}"));
  INFO(other.report);
  REQUIRE(other.findings.empty());
  const config::DatabaseConfig& database = other.config.targets.at("received-db");
  CHECK(database.limits.memory == 64U << 20U);
  CHECK(database.options.count("limits") == 0);
}

TEST_CASE("E1 wrong limits are told with their line and code") {
  const auto found = [](const std::string& limits) {
    const std::vector<std::string> findings = with_limits(limits).findings;
    // Line and code, without the column.
    return findings.size() == 1 ? findings[0].substr(0, 3) + findings[0].substr(findings[0].find(' ') + 1) : "others";
  };
  CHECK(found("memory: 512") == "26:QZ-CFG-015");
  CHECK(found("memroy: 512MiB") == "26:QZ-CFG-012");
  CHECK(found("cpu: 1ms") == "26:QZ-CFG-019");
  CHECK(found("open_files: 1") == "26:QZ-CFG-016");
  CHECK(found("user: no-such-account") == "26:QZ-CFG-037");
  if (geteuid() != 0)
    CHECK(found("user: root") == "26:QZ-CFG-037");
  else
    CHECK(with_limits("user: nobody").config.targets.at("received-db").limits.user == "nobody");
}
