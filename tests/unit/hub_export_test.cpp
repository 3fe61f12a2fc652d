#include "hub-protocol/hub/export.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/sqlite/database.h"
#include "hub_support.h"

using namespace qianzhi;
using test::HubWorld;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void write_key(const std::filesystem::path& file, const seal::SigningKey& key) {
  std::ofstream(file) << key.to_pem();
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// As an operator has it: the keys in files, the content of the directory in YAML.
hub::HubConfig config_of(const HubWorld& world) {
  write_key(world.dir / "hub.key", world.hub_key);
  write_key(world.dir / "directory.key", world.directory_key);
  hub::HubConfig config;
  config.store = world.options.store;
  config.signing_key = world.dir / "hub.key";
  config.directory_key = world.dir / "directory.key";
  config.content = world.directory;
  return config;
}

}  // namespace

TEST_CASE("S3.5 A8 both of two contradictory batches are exported as evidence, with their signatures") {
  HubWorld world;
  auto chain = world.filled();
  auto twin = chain;
  const auto held = chain.change();
  const auto offered = twin.change({"440104"});
  world.post(held);
  REQUIRE(world.post(offered).outcome() == wire::EQUIVOCATION);
  const std::filesystem::path to = world.dir / "audit";
  const hub::ExportReport report = hub::export_log(config_of(world), to, {});
  CHECK(report.batches == 5);
  CHECK(report.evidence == 1);
  CHECK(text_of(to / "commerce-01-commerce.firms-1.5.qzb") == held.octets);
  // Bare headers: what both signed is enough to prove the contradiction, and no row leaves with it.
  const std::string pair = "evidence/commerce-01-commerce.firms-1.5-1-";
  for (const auto& [name, batch] : {std::pair{"held", held}, std::pair{"offered", offered}}) {
    const Bytes octets = text_of(to / (pair + name + ".qzb"));
    const seal::Parsed bare = seal::Parsed::from(octets);
    CHECK(bare.digest() == batch.digest);
    CHECK(bare.signed_by(world.key.record()));
    CHECK(octets.find("secret name") == std::string::npos);
  }
}

TEST_CASE("S3.5 only the streams that are asked for are exported") {
  HubWorld world;
  world.filled();
  auto closed = world.chain(test::closed_firms);
  REQUIRE(world.post({closed.begin(), closed.end()}).outcome() == wire::ACCEPTED);
  const hub::HubConfig config = config_of(world);
  CHECK(hub::export_log(config, world.dir / "all", {}).batches == 6);
  CHECK(hub::export_log(config, world.dir / "agent", {"commerce-01", ""}).batches == 6);
  CHECK(hub::export_log(config, world.dir / "other", {"tax-01", ""}).batches == 0);
  CHECK(hub::export_log(config, world.dir / "topic", {"commerce-01", test::closed_firms}).batches == 2);
  CHECK_FALSE(std::filesystem::exists(world.dir / "topic/commerce-01-commerce.firms-1.1.qzb"));
}

TEST_CASE("S3.5 the directory in force is exported whole, one that was not published yet is not taken for it") {
  HubWorld world;
  world.filled();
  hub::HubConfig config = config_of(world);
  REQUIRE(hub::export_log(config, world.dir / "audit", {}).with_directory);
  wire::DirectoryReply reply;
  REQUIRE(reply.ParseFromString(text_of(world.dir / "audit/directory.qzd")));
  CHECK(reply.signed_root() == world.sealed.signed_root);
  CHECK(static_cast<std::size_t>(reply.parts_size()) == world.sealed.parts.size());

  config.content.grants[0].items.insert("name");
  CHECK_FALSE(hub::export_log(config, world.dir / "edited", {}).with_directory);
  CHECK_FALSE(std::filesystem::exists(world.dir / "edited/directory.qzd"));
}

TEST_CASE("S3.5 a file that is no hub's log is refused and stays as it is") {
  HubWorld world;
  hub::HubConfig config = config_of(world);
  config.store = world.dir / "other.db";
  sqlite::Database(config.store, {}).execute("CREATE TABLE t(a)");
  try {
    hub::export_log(config, world.dir / "audit", {});
    FAIL("was exported");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-HUB-029");
  }
  CHECK_FALSE(std::filesystem::exists(world.dir / "audit"));
}
