// What an agent does with a directory that it must not take (attack 24).
#include <catch2/catch.hpp>

#include "agent/flow/courier.h"
#include "agent/flow/directory_keeper.h"
#include "flow_subscriber.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"
#include "tests/support/directory_answer.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

TEST_CASE(
    "A24 a directory that is older, forked, expired, altered or by another key is refused, what is in force stays") {
  const test::TempDir dir;
  SystemRandom random;
  const test::ManualClock clock;
  // One that signed the directory once is another key as well: only the one that is pinned counts.
  const seal::SigningKey key = seal::SigningKey::generate(GENERATE(seal::Algorithm::ed25519, seal::Algorithm::sm2))
                                   .in_suite(DigestSuite::sha256);
  const KeyRecord pinned = seal::in_suite(key.record(), seal::directory_suite(key.record()));
  const seal::SigningKey signer = key.in_suite(pinned.suite);
  const seal::SigningKey former = seal::SigningKey::generate().in_suite(pinned.suite);
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, clock, pinned);
  const auto made = [&](std::uint64_t number, const std::string& title, const seal::SigningKey& by, Micros valid) {
    Directory directory;
    directory.version = number;
    directory.expires = clock.now() + valid;
    directory.hub_key = signer.record();
    directory.departments["tax"] = {"tax", title, "tax"};
    return seal::seal_directory(directory, by);
  };
  const auto shown = [&](const seal::SealedDirectory& sealed) {
    test::DirectoryAnswer hub(sealed);
    return test::thrown_by([&] { keeper.refresh(hub); });
  };
  REQUIRE(shown(made(5, "five", signer, test::one_day)) == "nothing");
  const auto refused = [&](const char* name, const seal::SealedDirectory& sealed, const std::string& code) {
    INFO(name);
    CHECK(shown(sealed) == code);
    CHECK(keeper.in_force()->departments.at("tax").title == "five");
    CHECK(flow::DirectoryKeeper(store, clock, pinned).in_force()->departments.at("tax").title == "five");
  };
  const seal::SealedDirectory next = made(6, "six", signer, test::one_day);
  refused("older", made(4, "four", signer, test::one_day), "corrupt QZ-AGT-023");
  refused("the same version, other content", made(5, "fork", signer, test::one_day), "corrupt QZ-AGT-023");
  refused("expired", made(6, "six", signer, 0), "corrupt QZ-AGT-022");
  refused("by a key that is not the pinned one", made(6, "six", former, test::one_day), "corrupt QZ-SEAL-080");
  seal::SealedDirectory altered = next;
  altered.signed_root[altered.signed_root.size() / 2] ^= 1;
  refused("altered", altered, "corrupt QZ-SEAL-040");
  seal::SealedDirectory without = next;
  without.parts.clear();
  refused("without its parts", without, "corrupt QZ-SEAL-041");
  seal::SealedDirectory mixed = next;
  for (auto& [digest, octets] : mixed.parts) octets.push_back('x');
  refused("with other parts", mixed, "corrupt QZ-SEAL-041");
  CHECK(shown(next) == "nothing");
  CHECK(keeper.in_force()->version == 6);
}

namespace {

// A hub that was rolled back, or that lies: it shows the directory of before a district was withdrawn, with a valid
// signature, and delivers what that one granted.
struct RolledBack {
  RolledBack() {
    world.change_directory([](Directory& directory) { directory.grants[0].groups = GroupSet::every(); });
    older = world.sealed;
    older_directory = world.directory;
    world.post({chain.begin(), chain.rows({"440103", "440104"}), chain.end()});
    reader.emplace(world, [] { return false; });
    reader->run_to(chain.head);
    world.change_directory([](Directory& directory) { directory.grants[0].groups = GroupSet::of({"440103"}); });
    for (int look = 0; look < 3; ++look) reader->deliver->run_once();
    REQUIRE(rows() == 1);
    world.post(chain.change({"440103", "440104"}));
    reader->link.on_directory = [&](const wire::DirectoryRequest& request, wire::DirectoryReply& reply) {
      reply.Clear();
      reply.set_signed_root(older.signed_root);
      for (const std::string& part : request.parts()) reply.add_parts(older.parts.at(Digest::from_bytes(part)));
    };
    reader->link.on_reply = [&](wire::FetchReply& reply) {
      reply.mutable_directory()->set_version(older_directory.version);
      reply.mutable_directory()->set_digest(older.digest.bytes());
      for (wire::Page& page : *reply.mutable_pages()) page.set_directory_version(older_directory.version);
    };
  }
  std::int64_t rows() { return reader->ask("SELECT count(*) FROM received"); }

  test::HubWorld world;
  test::Chain chain = world.chain();
  seal::SealedDirectory older;
  Directory older_directory;
  std::optional<test::Subscriber> reader;
};

}  // namespace

TEST_CASE(
    "A24 R7.4 an agent under a hub that shows an older directory takes nothing, restarted or with its store lost") {
  RolledBack hub;
  CHECK(test::thrown_by([&] { hub.reader->deliver->run_once(); }) == "corrupt QZ-AGT-023");
  // Restarted: the directory that it kept.
  flow::DirectoryKeeper kept{hub.reader->store, hub.world.clock, hub.world.directory_key.record()};
  CHECK(kept.in_force()->version == hub.world.directory.version);
  CHECK(test::thrown_by([&] { hub.reader->under(kept)->run_once(); }) == "corrupt QZ-AGT-023");
  flow::Courier courier("tax-01", {hub.reader->store, kept, hub.reader->link, {}, {}, {}, 0});
  CHECK(test::thrown_by([&] { courier.run_once(); }) == "corrupt QZ-AGT-023");
  // Its store lost, it cannot know; but its target's mark does.
  store::Store lost{{hub.world.dir / "lost.db", {}, 0}, Bytes(32, 'k'), hub.world.random};
  flow::DirectoryKeeper fresh{lost, hub.world.clock, hub.world.directory_key.record()};
  fresh.refresh(hub.reader->link);
  REQUIRE(fresh.in_force()->version == hub.older_directory.version);
  CHECK(test::thrown_by([&] { hub.reader->under(fresh)->run_once(); }) == "unavailable QZ-AGT-054");
  CHECK(hub.rows() == 1);
  hub.reader->link.on_directory = {};
  hub.reader->link.on_reply = {};
  hub.reader->run_to(hub.chain.head);
  CHECK(hub.rows() == 2);
}

TEST_CASE("A24 under a directory that expired nothing is asked for and nothing is applied, until a newer one comes") {
  test::HubWorld world;
  test::Chain chain = world.chain();
  test::Subscriber reader(world, [] { return false; });
  world.post({chain.begin(), chain.rows({"440103"}), chain.end()});
  reader.run_to(chain.head);
  world.post(chain.change());
  world.clock.advance(test::one_day);
  int fetches = 0;
  reader.link.before_fetch = [&] { ++fetches; };
  CHECK(test::thrown_by([&] { reader.deliver->run_once(); }) == "unavailable QZ-AGT-022");
  CHECK(fetches == 0);
  CHECK(reader.ask("SELECT count(*) FROM received") == 1);
  // A hub that goes on with the expired one.
  flow::Courier courier("tax-01", {reader.store, reader.directory, reader.link, {}, {}, {}, 0});
  courier.run_once();
  CHECK(test::thrown_by([&] { reader.deliver->run_once(); }) == "unavailable QZ-AGT-022");
  world.change_directory([&](Directory& directory) { directory.expires = world.clock.now() + test::one_day; });
  courier.run_once();
  reader.run_to(chain.head);
  CHECK(reader.ask("SELECT count(*) FROM received") == 2);
}
