// What a reload would change, and what comes of it.
#include <catch2/catch.hpp>
#include <fstream>

#include "agent/config/difference.h"
#include "agent/config/effective.h"
#include "tests/unit/config_support.h"

using namespace qianzhi;

namespace {

std::vector<yaml::Setting> settings_of(const std::string& text) {
  const test::TempDir folder;
  std::ofstream(folder.path() / "agent.yaml") << text;
  yaml::Diagnostics diagnostics;
  config::Effective effective = config::load_effective(folder.path() / "agent.yaml", diagnostics);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  return effective.settings;
}

// "path effect" of every change to the good configuration.
std::string changes(const std::string& from, const std::string& to) {
  std::string text = test::good_config;
  text.replace(text.find(from), from.size(), to);
  std::string found;
  for (const config::Change& change : config::difference(settings_of(test::good_config), settings_of(text)))
    found += (found.empty() ? "" : ", ") + change.path + " " + std::string(config::name_of(change.effect));
  return found;
}

}  // namespace

TEST_CASE("E1 a reload says what is another and what comes of it") {
  CHECK(changes("工商局前置机", "另一个名字") == "agent.name at_once");
  CHECK(changes("poll_interval: 200ms", "poll_interval: 1s") == "sources.commerce-db.poll_interval restart");
  CHECK(changes("name: ent_name", "name: other") == "publications[commerce.opening].items.name refill");
  CHECK(changes("[normal, changed]", "[normal]") == "publications[commerce.opening].where.status refill");
  CHECK(changes("[440103, 440104]", "[440103]") == "publications[commerce.opening].area area");
  CHECK(changes("path: queue.db", "path: other.db") == "queue.path program");
  CHECK(changes("listen: 127.0.0.1:8420", "listen: 127.0.0.1:8421") == "status.listen program");
  CHECK(changes("version: 1\n", "version: 1  # again\n").empty());
}

TEST_CASE("E1 a publication that comes begins, one that goes ends, and each is told once") {
  const std::string more = test::good_config + "";
  std::string text = more;
  const std::size_t at = text.find("subscriptions:");
  text.insert(at, "  - {topic: commerce.closing, source: commerce-db, table: closed, items: {reg_no: no}}\n");
  const auto come = config::difference(settings_of(more), settings_of(text));
  REQUIRE(come.size() == 1);
  CHECK((come[0].path == "publications[commerce.closing]" && come[0].effect == config::Effect::begin));
  CHECK(come[0].line != 0);
  const auto gone = config::difference(settings_of(text), settings_of(more));
  REQUIRE(gone.size() == 1);
  CHECK((gone[0].effect == config::Effect::end && gone[0].line == 0));
}
