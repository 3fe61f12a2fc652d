// SM directories: a directory whose own key is an SM2 key uses SM3 for every digest.
#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory.h"
#include "tests/support/seal_forge.h"
#include "tests/support/seal_samples.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

constexpr DigestSuite sm3 = DigestSuite::sm3;

SigningKey sm_directory_key() {
  const SigningKey key = SigningKey::generate(Algorithm::sm2);
  return key.in_suite(directory_suite(key.record()));
}

Directory directory_with(const KeyRecord& hub, const KeyRecord& provider) {
  Directory directory;
  directory.version = 4;
  directory.hub_key = hub;
  directory.departments["commerce"] = {"commerce", "工商", "Commerce"};
  directory.agents["commerce-01"] = {"commerce-01", "commerce", {sha256_of("tls")}, {provider}, true};
  return directory;
}

Sealed sealed_by(const SigningKey& key) {
  Header header;
  header.stream = {"commerce-01", "commerce.opening_registration"};
  header.catalogue_version = 3;
  header.position = {1, 2};
  CountingRandom random;
  return seal::seal(std::move(header), small_content(), {"place", "identity"}, key, random);
}

std::string code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

}  // namespace

TEST_CASE("SM3 is the function of GB/T 32905, on the two examples of its annex", "[seal]") {
  CHECK(digest_of("abc", sm3).hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string long_text;
  for (int i = 0; i < 16; ++i) long_text += "abcd";
  CHECK(digest_of(long_text, sm3).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST_CASE("The directory's own key decides the suite: SM2 makes an SM directory, the others do not", "[seal]") {
  CHECK(directory_suite(SigningKey::generate(Algorithm::sm2).record()) == sm3);
  CHECK(directory_suite(SigningKey::generate(Algorithm::ed25519).record()) == DigestSuite::sha256);
  CHECK(directory_suite(SigningKey::generate(Algorithm::ecdsa_p256).record()) == DigestSuite::sha256);
}

TEST_CASE("An SM directory has SM3 digests of its root, its parts and its keys, and opens only in its suite",
          "[seal]") {
  const SigningKey key = sm_directory_key();
  const SigningKey plain = SigningKey::generate();
  const SigningKey provider = plain.in_suite(sm3);
  CHECK(provider.record().id == digest_of(plain.record().spki, sm3).hex());
  const Directory directory =
      directory_with(SigningKey::generate(Algorithm::sm2).in_suite(sm3).record(), provider.record());
  const SealedDirectory sealed = seal_directory(directory, key);
  for (const auto& [digest, part] : sealed.parts) CHECK(digest == digest_of(part, sm3));
  const Directory opened = open_directory(sealed.signed_root, sealed.parts, key.record());
  CHECK(opened.agents == directory.agents);
  CHECK(opened.hub_key == directory.hub_key);
  CHECK(opened.digest == sealed.digest);
  // Whoever pins the key in the other suite pins another id.
  CHECK(code_of([&] {
          open_directory(sealed.signed_root, sealed.parts, in_suite(key.record(), DigestSuite::sha256));
        }) == "QZ-SEAL-040");
  // All keys of a directory change together.
  const Directory same = in_suite(in_suite(directory, DigestSuite::sha256), sm3);
  CHECK(same.agents == directory.agents);
}

TEST_CASE("A8 a key whose id is its SHA-256 is refused in an SM directory", "[seal]") {
  const SigningKey key = sm_directory_key();
  Directory directory =
      directory_with(SigningKey::generate(Algorithm::sm2).in_suite(sm3).record(), SigningKey::generate().record());
  const SealedDirectory sealed = seal_directory(directory, key);
  CHECK(code_of([&] { open_directory(sealed.signed_root, sealed.parts, key.record()); }) == "QZ-SEAL-041");
}

TEST_CASE("A batch of an SM directory is sealed, checked, reduced and opened with SM3", "[seal]") {
  const SigningKey key = SigningKey::generate(GENERATE(Algorithm::sm2, Algorithm::ed25519)).in_suite(sm3);
  const Sealed sealed = sealed_by(key);
  const Parsed batch = Parsed::from(sealed.octets);
  CHECK(batch.header().suite == sm3);
  CHECK(batch.digest() == sealed.digest);
  const std::vector<KeyRecord> keys{key.record()};
  CHECK(batch.judge_signatures(keys).holds());
  batch.check_contents();
  CHECK(batch.open().rows() == small_content().rows());
  const Parsed bare = Parsed::from(batch.bare());
  CHECK(bare.digest() == sealed.digest);
  CHECK(bare.judge_signatures(keys).holds());
  Bytes changed = sealed.octets;
  changed[changed.size() - 3] = static_cast<char>(changed[changed.size() - 3] ^ 1);
  CHECK(code_of([&] { Parsed::from(changed).check_contents(); }) == "QZ-SEAL-012");
}

TEST_CASE("A8 a batch in another suite than the directory's is refused, although its signature holds", "[seal]") {
  const SigningKey plain = SigningKey::generate();
  for (const DigestSuite wrong : {DigestSuite::sha256, sm3}) {
    const DigestSuite right = wrong == sm3 ? DigestSuite::sha256 : sm3;
    const SigningKey key = plain.in_suite(wrong);
    const Parsed batch = Parsed::from(sealed_by(key).octets);
    // The provider names the id that the directory has, and seals in the suite that it likes better.
    KeyRecord registered = in_suite(key.record(), right);
    CHECK_FALSE(batch.judge_signatures(std::vector<KeyRecord>{registered}).holds());
    registered.id = key.record().id;
    const auto judgement = batch.judge_signatures(std::vector<KeyRecord>{registered});
    CHECK_FALSE(judgement.broken.empty());
  }
}
