// The directory's key: announced, rotated, replaced, and whatever comes from an older one.
#include <catch2/catch.hpp>

#include "agent/flow/directory_keeper.h"
#include "enrol_support.h"
#include "hub-protocol/seal/directory_trust.h"
#include "hub-protocol/seal/key_history.h"
#include "hub-protocol/wire/enrol.pb.h"
#include "hub_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using seal::DirectoryTrust;
using seal::SigningKey;

namespace {

SigningKey key_of(seal::Algorithm algorithm) {
  const SigningKey key = SigningKey::generate(algorithm);
  return key.in_suite(seal::directory_suite(key.record()));
}

// An exchange that can sign whatever it likes, and an agent that keeps what it is shown.
struct Pair {
  explicit Pair(seal::Algorithm of_keys = seal::Algorithm::ed25519) : algorithm(of_keys) {}

  struct Shown final : HubLink {
    wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
      wire::DirectoryReply reply = answer;
      if (request.parts_size() == 0) known = request.known_key();
      for (const std::string& part : request.parts()) reply.add_parts(sealed.parts.at(Digest::from_bytes(part)));
      return reply;
    }
    wire::SessionReply session(const wire::SessionRequest&) override { return {}; }
    wire::PostReply post(const wire::PostRequest&) override { return {}; }
    wire::FetchReply fetch(const wire::FetchRequest&) override { return {}; }
    wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
    wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }
    seal::SealedDirectory sealed;
    wire::DirectoryReply answer;
    std::string known;
  };

  seal::SealedDirectory sealed(std::uint64_t version, const SigningKey& key, const SigningKey* next = nullptr,
                               const Bytes& replacement = {}) const {
    Directory directory;
    directory.version = version;
    directory.hub_key = first.record();
    directory.expires = clock.now() + ca::day;
    const KeyRecord record = next == nullptr ? KeyRecord() : next->record();
    return seal::seal_directory(directory, key, {next == nullptr ? nullptr : &record, replacement});
  }
  // The agent asks and is shown this; the code of what it says.
  std::string show(const seal::SealedDirectory& directory, const std::vector<Bytes>& chain = {},
                   const Bytes& replacement = {}) {
    link.sealed = directory;
    link.answer.Clear();
    link.answer.set_signed_root(directory.signed_root);
    for (const Bytes& root : chain) link.answer.add_key_chain(root);
    link.answer.set_replacement(replacement);
    try {
      keeper->refresh(link);
    } catch (const Error& error) {
      return error.code();
    }
    return {};
  }
  void restart() {
    keeper.reset();
    store.reset();
    open();
  }
  void open() {
    store = std::make_unique<store::Store>(store::StoreOptions{dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
    keeper = std::make_unique<flow::DirectoryKeeper>(*store, clock, first.record(), root_key.record());
  }

  seal::Algorithm algorithm;
  test::TempDir dir;
  test::ManualClock clock;
  SystemRandom random;
  SigningKey first = key_of(algorithm);
  SigningKey second = key_of(algorithm);
  SigningKey third = key_of(algorithm);
  SigningKey root_key = key_of(algorithm);
  std::unique_ptr<store::Store> store;
  std::unique_ptr<flow::DirectoryKeeper> keeper;
  Shown link;
};

}  // namespace

TEST_CASE("A24 S5 an announced key takes over, and the retired one signs nothing any more, also in an SM directory") {
  Pair pair(GENERATE(seal::Algorithm::ed25519, seal::Algorithm::sm2));
  pair.open();
  CHECK(pair.show(pair.sealed(1, pair.first)).empty());
  CHECK(pair.show(pair.sealed(2, pair.second)) == "QZ-SEAL-080");
  CHECK(pair.show(pair.sealed(3, pair.first, &pair.second)).empty());
  CHECK(pair.keeper->trust().next->id == pair.second.record().id);
  const bool restarts = GENERATE(false, true);
  if (restarts) pair.restart();                                        // the announcement is remembered
  CHECK(pair.show(pair.sealed(4, pair.first, &pair.second)).empty());  // still the old one: fine
  CHECK(pair.show(pair.sealed(5, pair.second)).empty());
  if (restarts) pair.restart();
  CHECK(pair.link.known == pair.first.record().id);
  CHECK(pair.keeper->in_force()->version == 5);
  CHECK(pair.store->values_with_prefix("directory/chain/").size() == 1);  // the way, for auditors
  CHECK(pair.keeper->trust().present.id == pair.second.record().id);
  CHECK(pair.show(pair.sealed(6, pair.first)) == "QZ-SEAL-081");
  CHECK(pair.show(pair.sealed(6, pair.first, &pair.third)) == "QZ-SEAL-081");
  CHECK(pair.show(pair.sealed(5, pair.second)) == "");  // the same version again says another thing only if it differs
  CHECK(pair.show(pair.sealed(4, pair.second)) == "QZ-AGT-023");
  CHECK(pair.show(pair.sealed(7, pair.second, &pair.first)) == "QZ-SEAL-082");  // a retired key is not announced
  CHECK(pair.keeper->in_force()->version == 5);
  CHECK(pair.show(pair.sealed(8, pair.second)).empty());
  CHECK(pair.link.known == pair.second.record().id);
}

TEST_CASE("A24 an announcement that the newest root does not repeat is void") {
  Pair pair;
  pair.open();
  CHECK(pair.show(pair.sealed(1, pair.first, &pair.second)).empty());
  CHECK(pair.show(pair.sealed(2, pair.first)).empty());
  CHECK_FALSE(pair.keeper->trust().next.has_value());
  CHECK(pair.show(pair.sealed(3, pair.second)) == "QZ-SEAL-080");
}

TEST_CASE("A24 who slept through announcements follows their chain, and only a whole and growing one") {
  Pair pair(GENERATE(seal::Algorithm::ed25519, seal::Algorithm::sm2));
  pair.open();
  CHECK(pair.show(pair.sealed(10, pair.first)).empty());
  const Bytes to_second = pair.sealed(20, pair.first, &pair.second).signed_root;
  const Bytes to_third = pair.sealed(30, pair.second, &pair.third).signed_root;
  const seal::SealedDirectory newest = pair.sealed(40, pair.third);
  CHECK(pair.show(newest) == "QZ-SEAL-080");
  CHECK(pair.show(newest, {to_second}) == "QZ-SEAL-080");
  CHECK(pair.show(newest, {to_third}) == "QZ-SEAL-080");
  CHECK(pair.show(newest, {to_third, to_second}) == "QZ-SEAL-080");
  const Bytes older = pair.sealed(9, pair.first, &pair.second).signed_root;
  CHECK(pair.show(newest, {older, to_third}) == "QZ-SEAL-083");
  const Bytes shrinking = pair.sealed(19, pair.second, &pair.third).signed_root;
  CHECK(pair.show(newest, {to_second, shrinking}) == "QZ-SEAL-083");
  CHECK(pair.show(newest, {pair.sealed(20, pair.first).signed_root, to_third}) == "QZ-SEAL-083");
  CHECK(pair.show(newest, std::vector<Bytes>(101, to_second)) == "QZ-SEAL-083");
  CHECK(pair.show(pair.sealed(9, pair.third), {to_second, to_third}) == "QZ-AGT-023");  // monotonic across keys
  CHECK(pair.keeper->in_force()->version == 10);
  CHECK(pair.keeper->trust().present.id == pair.first.record().id);  // nothing of what failed stays
  CHECK(pair.show(newest, {to_second, to_third}).empty());
  CHECK(pair.store->values_with_prefix("directory/chain/").size() == 2);
  CHECK(pair.keeper->trust().retired == std::vector<std::string>{pair.first.record().id, pair.second.record().id});
  CHECK(pair.show(pair.sealed(50, pair.second)) == "QZ-SEAL-081");
}

TEST_CASE("A24 the root key kept off line replaces a stolen directory key") {
  Pair pair;
  pair.open();
  CHECK(pair.show(pair.sealed(1, pair.first, &pair.second)).empty());
  const Bytes replacement = seal::seal_replacement(1, pair.third.record(), 0, pair.root_key);
  const Bytes forged = seal::seal_replacement(2, pair.third.record(), 0, pair.second);
  CHECK(pair.show(pair.sealed(2, pair.third), {}, forged) == "QZ-SEAL-084");
  // Nor if it names the root key as its signer.
  wire::KeyReplacement lie;
  REQUIRE(lie.ParseFromArray(forged.data(), static_cast<int>(forged.size())));
  lie.mutable_signature()->set_key_id(pair.root_key.record().id);
  CHECK(pair.show(pair.sealed(2, pair.third), {}, lie.SerializeAsString()) == "QZ-SEAL-084");
  CHECK(pair.show(pair.sealed(2, pair.third), {}, replacement).empty());
  CHECK(pair.show(pair.sealed(3, pair.first)) == "QZ-SEAL-081");
  CHECK(pair.show(pair.sealed(3, pair.second)) == "QZ-SEAL-081");  // what the thief announced is void as well
  const SigningKey fourth = key_of(pair.algorithm);
  // The older word of the root key does not come back.
  CHECK(pair.show(pair.sealed(4, fourth), {}, replacement) == "QZ-SEAL-080");
  CHECK(pair.show(pair.sealed(4, fourth), {}, seal::seal_replacement(2, fourth.record(), 0, pair.root_key)).empty());
  // Who pinned no root key takes no replacement.
  Pair other;
  other.store =
      std::make_unique<store::Store>(store::StoreOptions{other.dir / "queue.db", {}, 0}, Bytes(32, 'k'), other.random);
  other.keeper = std::make_unique<flow::DirectoryKeeper>(*other.store, other.clock, other.first.record());
  CHECK(other.show(other.sealed(1, other.third), {},
                   seal::seal_replacement(1, other.third.record(), 0, other.root_key)) == "QZ-SEAL-080");
}

TEST_CASE("A24 an agent that joins after a replacement is not taken back by an earlier one") {
  const bool restarts = GENERATE(false, true);
  Pair pair;
  pair.open();
  // The second key was put in place by the root key and stolen later; the third is in its place when the agent joins.
  const Bytes to_second = seal::seal_replacement(1, pair.second.record(), 0, pair.root_key);
  const Bytes to_third = seal::seal_replacement(2, pair.third.record(), 0, pair.root_key);
  pair.keeper =
      std::make_unique<flow::DirectoryKeeper>(*pair.store, pair.clock, pair.third.record(), pair.root_key.record());
  // What somebody else signed is nobody's word, and stops nothing.
  const Bytes forged = seal::seal_replacement(9, pair.third.record(), 0, pair.second);
  CHECK(pair.show(pair.sealed(4, pair.third, nullptr, forged)).empty());
  CHECK(pair.keeper->trust().replacement == 0);
  CHECK(pair.show(pair.sealed(5, pair.third, nullptr, to_third)).empty());
  if (restarts)
    pair.keeper =
        std::make_unique<flow::DirectoryKeeper>(*pair.store, pair.clock, pair.third.record(), pair.root_key.record());
  CHECK(pair.keeper->trust().replacement == 2);
  CHECK(pair.show(pair.sealed(6, pair.second), {}, to_second) == "QZ-SEAL-080");
  CHECK(pair.keeper->in_force()->version == 5);
}

TEST_CASE("A24 S1.5 an auditor with the first key knows the key of each root, whatever their order, and no thief's") {
  Pair pair(GENERATE(seal::Algorithm::ed25519, seal::Algorithm::sm2));
  const SigningKey stranger = key_of(pair.algorithm);
  const Bytes replacement = seal::seal_replacement(1, stranger.record(), 0, pair.root_key);
  const std::vector<Bytes> roots = {
      pair.sealed(1, pair.first).signed_root, pair.sealed(2, pair.first, &pair.second).signed_root,
      pair.sealed(3, pair.second).signed_root, pair.sealed(4, pair.second, &pair.third).signed_root,
      pair.sealed(5, pair.third).signed_root};
  const Bytes by_retired = pair.sealed(6, pair.first).signed_root;
  const Bytes by_root_key = pair.sealed(7, stranger, nullptr, replacement).signed_root;
  const std::vector<Bytes> all = {by_root_key, roots[4], by_retired, roots[2], roots[0], roots[3], roots[1], "x", ""};
  const auto walked = [&](const SigningKey& pinned, const std::optional<KeyRecord>& root_key = {}) {
    seal::KeyHistory keys(pinned.record(), root_key);
    keys.walk(all);
    return keys;
  };
  const auto id_of = [](const KeyRecord* key) { return key == nullptr ? std::string() : key->id; };
  const seal::KeyHistory keys = walked(pair.first);
  for (const Bytes& root : roots) CHECK_NOTHROW(seal::open_root(root, *keys.key_of(root)));
  CHECK(id_of(keys.key_of(roots[4])) == pair.third.record().id);
  CHECK(keys.key_of(by_retired) == nullptr);
  CHECK(keys.key_of(by_root_key) == nullptr);
  CHECK(keys.key_of("x") == nullptr);
  CHECK(id_of(walked(pair.first, pair.root_key.record()).key_of(by_root_key)) == stranger.record().id);
  CHECK(walked(pair.first, pair.second.record()).key_of(by_root_key) == nullptr);
  const seal::KeyHistory from_second = walked(pair.second);
  CHECK(from_second.key_of(roots[0]) == nullptr);
  CHECK(id_of(from_second.key_of(roots[4])) == pair.third.record().id);
}

TEST_CASE("A24 a directory never changes its suite by an announcement, and a newly pinned key begins anew") {
  Pair pair;
  pair.open();
  const SigningKey sm = key_of(seal::Algorithm::sm2);
  const SigningKey in_other_suite = sm.in_suite(DigestSuite::sha256);
  CHECK(pair.show(pair.sealed(5, pair.first, &in_other_suite)) == "QZ-SEAL-082");
  CHECK(pair.show(pair.sealed(5, pair.first)).empty());
  pair.keeper = std::make_unique<flow::DirectoryKeeper>(*pair.store, pair.clock, pair.third.record());
  CHECK(pair.keeper->current() == nullptr);
  CHECK(pair.show(pair.sealed(2, pair.third)).empty());
  CHECK(pair.keeper->in_force()->version == 2);
}

TEST_CASE("S3.5 what is sealed to an enrolled agent's key in the directory, its own file opens, in either suite") {
  const test::EnrolHub hub("", GENERATE(seal::Algorithm::ed25519, seal::Algorithm::sm2));
  const identity::Enrolled enrolled = hub.enrol("commerce-01");
  SystemRandom random;
  const auto folder = hub.dir / "commerce-01";
  std::ifstream file(folder / "directory.pub");
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  const KeyRecord pinned = seal::directory_key_from_pem(pem);
  store::Store store({hub.dir / "store.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, hub.clock, pinned);
  HttpsLink link(hub.link_options("commerce-01"));
  keeper.refresh(link);
  const KeyRecord* key = seal::encryption_key_of(*keeper.in_force()->agent("commerce-01"), pinned.suite);
  REQUIRE(key != nullptr);
  const seal::DecryptionKey own =
      seal::DecryptionKey::from_file(folder / enrolled.encryption_key).in_suite(pinned.suite);
  CHECK(own.record() == *key);
  CHECK(own.open({"info", "aad"}, seal::seal_to(*key, {"info", "aad"}, "text", random)) == Bytes("text"));
}

TEST_CASE("A24 the hub announces and rotates its directory key, and shows sleepers the way") {
  test::EnrolHub hub("", GENERATE(seal::Algorithm::ed25519, seal::Algorithm::sm2));
  hub.enrol("commerce-01");
  SystemRandom random;
  const auto folder = hub.dir / "commerce-01";
  std::ifstream file(folder / "directory.pub");
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  const KeyRecord pinned = seal::directory_key_from_pem(pem);
  const auto keeper_in = [&](store::Store& store) { return flow::DirectoryKeeper(store, hub.clock, pinned); };
  store::Store awake_store({hub.dir / "awake.db", {}, 0}, Bytes(32, 'k'), random);
  store::Store asleep_store({hub.dir / "asleep.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper awake = keeper_in(awake_store);
  flow::DirectoryKeeper asleep = keeper_in(asleep_store);
  HttpsLink link(hub.link_options("commerce-01"));
  awake.refresh(link);
  asleep.refresh(link);
  test::check_throws("QZ-HUB-239", [&] { hub.run({"directory-key", "rotate"}); });
  const auto rotate = [&] {
    hub.run({"directory-key", "announce"});
    awake.refresh(link);
    test::check_throws("QZ-HUB-239", [&] { hub.run({"directory-key", "announce"}); });
    hub.run({"directory-key", "rotate"});
    awake.refresh(link);
  };
  rotate();
  CHECK(awake.trust().present.id != pinned.id);
  hub.service.reset();  // the second rotation is by a hub that was started again
  hub.start();
  HttpsLink again(hub.link_options("commerce-01"));
  awake.refresh(again);
  const std::uint64_t version = awake.current()->version;
  hub.run({"directory-key", "announce"});
  hub.run({"directory-key", "rotate"});
  asleep.refresh(again);
  awake.refresh(again);
  CHECK(asleep.current()->version == awake.current()->version);
  CHECK(asleep.current()->version > version);
  CHECK(asleep.trust().present.id == awake.trust().present.id);
  CHECK(asleep.trust().retired.size() == 2);
  CHECK_FALSE(std::filesystem::exists(hub.dir / "directory.key.next"));
}
