// What seals content to its reader: HPKE on the published vector of its suite, SM2 with SM4 on that of GB/T 32918.5,
// and for both that nothing of it can be altered, bound to something else or read with another key.
#include "hub-protocol/seal/hpke.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <fstream>

#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/seal/key.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

// test-vectors.json of the authors of RFC 9180: mode 0, kem_id 32, kdf_id 1, aead_id 2; the first message.
constexpr const char* vector_info = "4f6465206f6e2061204772656369616e2055726e";
constexpr const char* vector_ikm_r = "dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee";
constexpr const char* vector_ikm_e = "2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9";
constexpr const char* vector_sk_r = "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d";
constexpr const char* vector_pk_r = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c";
constexpr const char* vector_enc = "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256";
constexpr const char* vector_aad = "436f756e742d30";
constexpr const char* vector_plain = "4265617574792069732074727574682c20747275746820626561757479";
constexpr const char* vector_ct =
    "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a";

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(Bytes octets) : octets_(std::move(octets)) {}
  Bytes bytes(std::size_t size) override {
    REQUIRE(size == octets_.size());
    return octets_;
  }

 private:
  Bytes octets_;
};

// PKCS#8 of a private key on the curve of GB/T 32918.5.
DecryptionKey standard_sm2_key() {
  const Bytes der = from_hex(
      "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420"
      "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8a144034200"
      "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
      "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
  std::string text((der.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets_of(der), static_cast<int>(der.size()));
  text.resize(static_cast<std::size_t>(size));
  return DecryptionKey::from_pem("-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n");
}

KeyRecord x25519_record(const Bytes& point) {
  KeyRecord record = DecryptionKey::generate(EncryptionAlgorithm::x25519).record();
  record.spki.replace(record.spki.size() - point.size(), point.size(), point);
  return in_suite(record, DigestSuite::sha256);
}

}  // namespace

TEST_CASE("HPKE gives the published octets of RFC 9180 for X25519, HKDF-SHA256, AES-256-GCM, base mode", "[seal]") {
  const Bytes info = from_hex(vector_info), aad = from_hex(vector_aad), plain = from_hex(vector_plain);
  CHECK(to_hex(hpke_derived_key(from_hex(vector_ikm_r))) == vector_sk_r);
  FixedRandom random(from_hex(vector_ikm_e));
  const std::optional<Bytes> sealed = hpke_seal(from_hex(vector_pk_r), {info, aad}, plain, random);
  REQUIRE(sealed);
  CHECK(to_hex(*sealed) == std::string(vector_enc) + vector_ct);
  CHECK(sealed->size() == plain.size() + hpke_overhead);
  CHECK(hpke_open(from_hex(vector_sk_r), {info, aad}, *sealed) == plain);
  CHECK_FALSE(hpke_open(from_hex(vector_sk_r), {aad, info}, *sealed));
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, hpke_overhead - 1, hpke_overhead})
    CHECK_FALSE(hpke_open(from_hex(vector_sk_r), {info, aad}, sealed->substr(0, size)));
}

TEST_CASE("HPKE refuses keys with which the shared secret would be zero, on either side", "[seal]") {
  SystemRandom random;
  // RFC 7748 section 6.1: points of small order, 0, 1 and one of order 8.
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"}) {
    CHECK_FALSE(hpke_seal(from_hex(point), {"i", "a"}, "text", random));
    CHECK_FALSE(hpke_open(from_hex(vector_sk_r), {"i", "a"}, from_hex(point) + Bytes(20, 'c')));
    check_throws("QZ-SEAL-104", [&] { seal_to(x25519_record(from_hex(point)), {"i", "a"}, "text", random); });
  }
}

TEST_CASE("SM2 encryption is that of GB/T 32918.4: the library opens the example of GB/T 32918.5", "[seal]") {
  // x, y, C3, C2 in the DER of GB/T 35276.
  const Bytes wrapped = from_hex(
      "307c"
      "022004ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
      "022100e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
      "042059983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
      "041321886ca989ca9c7d58087307ca93092d651efa");
  const Bytes pem = standard_sm2_key().to_pem();
  BIO* const input = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(input, nullptr, nullptr, nullptr);
  EVP_PKEY_CTX* const operation = EVP_PKEY_CTX_new(key, nullptr);
  std::array<unsigned char, 256> plain{};
  std::size_t size = plain.size();
  CHECK(EVP_PKEY_decrypt_init(operation) == 1);
  CHECK(EVP_PKEY_decrypt(operation, plain.data(), &size, octets_of(wrapped), wrapped.size()) == 1);
  CHECK(std::string(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(size)) == "encryption standard");
  EVP_PKEY_CTX_free(operation);
  EVP_PKEY_free(key);
  BIO_free(input);
}

TEST_CASE("A6 what is sealed opens with its reader's key alone, as it was bound, and no octet of it may change",
          "[seal]") {
  const EncryptionAlgorithm algorithm = GENERATE(EncryptionAlgorithm::x25519, EncryptionAlgorithm::sm2);
  SystemRandom random;
  const DecryptionKey key = DecryptionKey::generate(algorithm);
  const Bound bound{"info", "aad"};
  const Bytes sealed = seal_to(key.record(), bound, "some text", random);
  CHECK(sealed.size() <= sealed_overhead + 9);
  CHECK(key.open(bound, sealed) == Bytes("some text"));
  CHECK_FALSE(key.open({"info", "aae"}, sealed));
  CHECK_FALSE(key.open({"infoa", "ad"}, sealed));
  CHECK_FALSE(DecryptionKey::generate(algorithm).open(bound, sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    CHECK_FALSE(key.open(bound, altered));
    CHECK_FALSE(key.open(bound, sealed.substr(0, i)));
  }
  CHECK_FALSE(key.open(bound, sealed + '\0'));
  CHECK(seal_to(key.record(), bound, "some text", random) != sealed);
  CHECK(key.open(bound, seal_to(key.record(), bound, "", random)) == Bytes());
}

TEST_CASE("An encryption key is read back as it was written, and only from a file of its own", "[seal]") {
  const EncryptionAlgorithm algorithm = GENERATE(EncryptionAlgorithm::x25519, EncryptionAlgorithm::sm2);
  const DecryptionKey key = DecryptionKey::generate(algorithm);
  CHECK(key.record().algorithm == name_of(algorithm));
  CHECK(fault_of_encryption_key(key.record()).empty());
  CHECK(DecryptionKey::from_pem(key.to_pem()).record() == key.record());
  const DecryptionKey other = key.in_suite(DigestSuite::sm3);
  CHECK(other.record().id != key.record().id);
  CHECK(fault_of_encryption_key(other.record()).empty());
  const TempDir dir;
  std::ofstream(dir / "key") << key.to_pem();
  std::filesystem::permissions(dir / "key", std::filesystem::perms::owner_read);
  CHECK(DecryptionKey::from_file(dir / "key").record() == key.record());
  std::filesystem::permissions(dir / "key", std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  check_throws("QZ-SEAL-021", [&] { DecryptionKey::from_file(dir / "key"); });
  check_throws("QZ-SEAL-020", [&] { DecryptionKey::from_file(dir / "none"); });
  check_throws("QZ-SEAL-106", [&] { DecryptionKey::from_pem(SigningKey::generate().to_pem()); });
  check_throws("QZ-SEAL-106", [&] { DecryptionKey::from_pem("text"); });
}

TEST_CASE("Nothing is sealed to a key that is not an encryption key in its one form", "[seal]") {
  SystemRandom random;
  const auto refused = [&](KeyRecord record) {
    check_throws("QZ-SEAL-104", [&] { seal_to(record, {"i", "a"}, "text", random); });
  };
  refused(SigningKey::generate().record());
  KeyRecord record = DecryptionKey::generate(EncryptionAlgorithm::x25519).record();
  record.signer_id = "x";
  refused(record);
  record.signer_id.clear();
  record.role = KeyRole::first;
  refused(record);
  record.role = KeyRole::alone;
  record.id[0] = record.id[0] == 'a' ? 'b' : 'a';
  refused(record);
  // Not on the curve.
  KeyRecord sm2 = DecryptionKey::generate(EncryptionAlgorithm::sm2).record();
  sm2.spki.back() = static_cast<char>(sm2.spki.back() ^ 1);
  refused(in_suite(sm2, DigestSuite::sha256));
}

TEST_CASE("The key to seal to is the newest active one of the directory's suite", "[seal]") {
  const KeyRecord old_key = DecryptionKey::generate(EncryptionAlgorithm::x25519).record();
  const KeyRecord key = DecryptionKey::generate(EncryptionAlgorithm::x25519).record();
  const KeyRecord sm2 = DecryptionKey::generate(EncryptionAlgorithm::sm2).record();
  AgentEntry agent;
  CHECK(encryption_key_of(agent, DigestSuite::sha256) == nullptr);
  agent.encryption_keys = {old_key, key, sm2};
  CHECK(encryption_key_of(agent, DigestSuite::sha256)->id == key.id);
  agent.encryption_keys[1].state = KeyState::retired;
  CHECK(encryption_key_of(agent, DigestSuite::sha256)->id == old_key.id);
  agent.encryption_keys[2] = in_suite(sm2, DigestSuite::sm3);
  CHECK(encryption_key_of(agent, DigestSuite::sm3)->algorithm == "sm2");
}
