// The reference, the schema that is made of it, and the settings in force.
#include <catch2/catch.hpp>
#include <fstream>

#include "agent/config/effective.h"
#include "agent/config/reference.h"
#include "tests/unit/config_support.h"

using namespace qianzhi;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

const yaml::Setting* setting_of(const config::Effective& effective, const std::string& path) {
  for (const yaml::Setting& setting : effective.settings)
    if (setting.path == path) return &setting;
  return nullptr;
}

}  // namespace

TEST_CASE("E1 the reference shows and explains every key that the loader asks for") {
  yaml::Schema schema;
  config::add_reference(schema);
  CHECK(joined(schema.gaps()) == "");
}

TEST_CASE("E1 settings in force are told with their lines, what is not written too, and no secret") {
  const test::TempDir folder;
  std::ofstream(folder.path() / "agent.yaml") << test::good_config;
  yaml::Diagnostics diagnostics;
  const config::Effective effective = config::load_effective(folder.path() / "agent.yaml", diagnostics);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  const yaml::Setting* size = setting_of(effective, "queue.max_size");
  REQUIRE(size != nullptr);
  CHECK((size->value == "20GiB" && size->line == 17 && !size->is_default));
  const yaml::Setting* rows = setting_of(effective, "publications[commerce.opening].batch.rows");
  CHECK((rows == nullptr || rows->line != 0));
  const yaml::Setting* cipher = setting_of(effective, "queue.cipher");
  CHECK((cipher == nullptr || cipher->is_default));
  const yaml::Setting* password = setting_of(effective, "sources.commerce-db.password");
  REQUIRE(password != nullptr);
  CHECK((password->is_secret && password->value == "credential commerce-db"));
  const yaml::Setting* ceiling = setting_of(effective, "sources.commerce-db.retained_log_ceiling");
  REQUIRE(ceiling != nullptr);
  CHECK((ceiling->is_default && ceiling->value == "10GiB" && ceiling->line == 0));
}
