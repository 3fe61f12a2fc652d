#include <catch2/catch.hpp>

#include "agent/flow/directory_keeper.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"
#include "tests/support/directory_answer.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;

TEST_CASE("R7.4 A10 of two stages that fetch side by side the slower one puts no older directory over a newer") {
  const test::TempDir dir;
  SystemRandom random;
  const SystemClock clock;
  const seal::SigningKey key = seal::SigningKey::generate();
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, clock, key.record());
  const auto version = [&](std::uint64_t number) {
    Directory directory;
    directory.version = number;
    directory.hub_key = key.record();
    directory.departments["tax"] = {"tax", std::to_string(number), "tax"};
    return seal::seal_directory(directory, key);
  };
  test::DirectoryAnswer newer(version(3));
  test::DirectoryAnswer older(version(2), [&] { keeper.refresh(newer); });
  keeper.refresh(older);
  CHECK(keeper.in_force()->version == 3);
  CHECK(flow::DirectoryKeeper(store, clock, key.record()).in_force()->version == 3);
}

TEST_CASE("S2.5 an agent fetches the catalogue's code tables a few at a time, and of a new version only what changed") {
  const test::TempDir dir;
  SystemRandom random;
  const SystemClock clock;
  const seal::SigningKey key = seal::SigningKey::generate();
  Directory directory;
  directory.version = 1;
  directory.hub_key = key.record();
  for (int i = 10; i < 20; ++i) {
    const std::string id = "t" + std::to_string(i);
    directory.catalogue.code_tables[id] = {id, "表", "Table", "", false, {{"1", "甲", "", ""}}};
  }
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, clock, key.record());
  test::DirectoryAnswer first(seal::seal_directory(directory, key));
  keeper.refresh(first);
  CHECK(first.asked().size() == 13);
  CHECK(first.most() == 4);
  CHECK(keeper.in_force()->catalogue == directory.catalogue);

  directory.version = 2;
  directory.catalogue.code_tables["t15"].entries[0].until = "2026-01-01";
  directory.catalogue.code_tables.erase("t19");
  const seal::SealedDirectory changed = seal::seal_directory(directory, key);
  test::DirectoryAnswer second(changed);
  keeper.refresh(second);
  CHECK(second.asked().size() == 2);  // the catalogue and one table
  CHECK(keeper.in_force()->catalogue == directory.catalogue);
  CHECK(store.values_with_prefix("directory/part/").size() == changed.parts.size());
  CHECK(flow::DirectoryKeeper(store, clock, key.record()).in_force()->catalogue == directory.catalogue);
}

TEST_CASE("A24 a hub that withholds a code table, or answers with another, puts no directory in force") {
  const test::TempDir dir;
  SystemRandom random;
  const SystemClock clock;
  const seal::SigningKey key = seal::SigningKey::generate();
  Directory directory;
  directory.version = 1;
  directory.hub_key = key.record();
  directory.catalogue.code_tables["t"] = {"t", "表", "Table", "", false, {{"1", "甲", "", ""}}};
  seal::SealedDirectory sealed = seal::seal_directory(directory, key);
  for (auto& [digest, octets] : sealed.parts)
    if (octets.find("甲") != Bytes::npos) octets += "x";
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, clock, key.record());
  test::DirectoryAnswer answer(sealed);
  test::check_throws("QZ-SEAL-041", [&] { keeper.refresh(answer); });
  CHECK(keeper.current() == nullptr);
}
