// The three signature algorithms: published vectors, the one accepted form of each signature and key, and confusion
// between them (A13, A14).
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "hub-protocol/seal/key.h"
#include "hub-protocol/seal/signature_form.h"
#include "tests/support/sha256_of.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

constexpr std::string_view p256_prefix = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
constexpr std::string_view sm2_prefix = "3059301306072a8648ce3d020106082a811ccf5501822d03420004";

KeyRecord record_of(std::string_view algorithm, const Bytes& spki, std::string_view signer_id = {}) {
  return {sha256_of(spki).hex(), std::string(algorithm), spki, KeyState::active, std::string(signer_id)};
}

KeyRecord record_from_hex(std::string_view algorithm, std::string_view prefix, std::string_view point) {
  return record_of(algorithm, from_hex(std::string(prefix).append(point)),
                   algorithm == "sm2" ? default_signer_id : std::string_view());
}

Bytes integer(Bytes magnitude) {
  if (static_cast<unsigned char>(magnitude[0]) >= 0x80) magnitude.insert(0, 1, '\0');
  return Bytes("\x02").append(1, static_cast<char>(magnitude.size())).append(magnitude);
}

Bytes sequence(const Bytes& content) {
  return Bytes("\x30").append(1, static_cast<char>(content.size())).append(content);
}

Bytes pair(std::string_view r, std::string_view s) { return sequence(integer(from_hex(r)) + integer(from_hex(s))); }

// RFC 6979 section A.2.5.
const KeyRecord rfc6979 = record_from_hex("ecdsa-p256", p256_prefix,
                                          "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
constexpr std::string_view test_r = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367";
constexpr std::string_view test_s = "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";

// GB/T 32918.5-2017, A.2.
const KeyRecord gbt32918 = record_from_hex("sm2", sm2_prefix,
                                           "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                                           "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
constexpr std::string_view sm2_r = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
constexpr std::string_view sm2_s = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

constexpr Algorithm algorithms[] = {Algorithm::ed25519, Algorithm::ecdsa_p256, Algorithm::sm2};

// A fresh key of another curve, as SubjectPublicKeyInfo.
Bytes foreign_spki(const char* type, const char* curve) {
  EVP_PKEY* key =
      curve == nullptr ? EVP_PKEY_Q_keygen(nullptr, nullptr, type) : EVP_PKEY_Q_keygen(nullptr, nullptr, type, curve);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  REQUIRE(size > 0);
  Bytes spki(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  EVP_PKEY_free(key);
  return spki;
}

std::string public_pem(const char* curve, const char* form) {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve);
  REQUIRE(EVP_PKEY_set_utf8_string_param(key, "point-format", form) == 1);
  BIO* out = BIO_new(BIO_s_mem());
  REQUIRE(PEM_write_bio_PUBKEY(out, key) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace

TEST_CASE("A P-256 signature of RFC 6979 verifies, and only with the smaller s", "[seal]") {
  CHECK(verify_octets(rfc6979, "test", pair(test_r, test_s)));
  CHECK_FALSE(verify_octets(rfc6979, "tesu", pair(test_r, test_s)));
  constexpr std::string_view r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
  // The published one has the larger s; the order minus it is its twin.
  CHECK_FALSE(
      verify_octets(rfc6979, "sample", pair(r, "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")));
  CHECK(verify_octets(rfc6979, "sample", pair(r, "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9")));
}

TEST_CASE("A14 P43 the SM2 signature of GB/T 32918.5 verifies with its own signer id and with no other", "[seal]") {
  const Bytes signature = pair(sm2_r, sm2_s);
  CHECK(verify_octets(gbt32918, "message digest", signature));
  CHECK_FALSE(verify_octets(gbt32918, "message digesT", signature));
  KeyRecord other = gbt32918;
  for (const std::string& id : {std::string("1234567812345679"), std::string("ALICE123@YAHOO.COM"), std::string()}) {
    other.signer_id = id;
    CHECK_FALSE(verify_octets(other, "message digest", signature));
  }
}

TEST_CASE("A14 an SM2 signature made with an empty signer id is refused", "[seal]") {
  const SigningKey key = SigningKey::generate(Algorithm::sm2);
  const std::string pem = key.to_pem();
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* raw = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const Bytes octets = signed_octets(Purpose::batch, "message");
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  Bytes signature(80, '\0');
  std::size_t size = signature.size();
  REQUIRE(EVP_DigestSignInit_ex(context, nullptr, "SM3", nullptr, nullptr, raw, nullptr) == 1);
  REQUIRE(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, data, octets.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(raw);
  BIO_free(in);
  CHECK_FALSE(verify(key.record(), Purpose::batch, "message", signature));
}

TEST_CASE("A14 P43 an SM2 key signs with its own signer id, and the record's text names it", "[seal]") {
  const SigningKey key = SigningKey::generate(Algorithm::sm2, "gz-commerce");
  const Bytes signature = key.sign(Purpose::batch, "message");
  CHECK(verify(key.record(), Purpose::batch, "message", signature));
  CHECK(to_text(key.record()) == "key " + key.record().id + " (sm2, signer id 'gz-commerce')");
  KeyRecord standard = key.record();
  standard.signer_id = default_signer_id;
  CHECK_FALSE(verify(standard, Purpose::batch, "message", signature));
  CHECK(
      verify(standard, Purpose::batch, "message", SigningKey::from_pem(key.to_pem()).sign(Purpose::batch, "message")));
  CHECK(SigningKey::from_pem(key.to_pem(), "gz-commerce").record() == key.record());
  for (const std::string& id : {std::string(), std::string(129, 'x')})
    check_throws("QZ-SEAL-020", [&] { SigningKey::from_pem(key.to_pem(), id); });
}

TEST_CASE("A key of each algorithm is recognised from its PEM, private and public", "[seal]") {
  const std::string_view names[] = {"ed25519", "ecdsa-p256", "sm2"};
  for (std::size_t i = 0; i < 3; ++i) {
    const SigningKey key = SigningKey::generate(algorithms[i]);
    CHECK(key.record().algorithm == names[i]);
    CHECK(key.record().spki.size() == (i == 0 ? 44 : 91));
    CHECK(fault_of(key.record()).empty());
    const SigningKey again = SigningKey::from_pem(key.to_pem());
    CHECK(again.record() == key.record());
    CHECK(verify(key.record(), Purpose::receipt, "m", again.sign(Purpose::receipt, "m")));
  }
}

TEST_CASE("A13 keys of other curves and points that are compressed are not taken from PEM", "[seal]") {
  CHECK(key_record_from_pem(public_pem("P-256", "uncompressed")).algorithm == "ecdsa-p256");
  for (const char* form : {"compressed", "hybrid"})
    check_throws("QZ-SEAL-020", [&] { key_record_from_pem(public_pem("P-256", form)); });
  for (const char* curve : {"P-384", "secp256k1", "P-521", "brainpoolP256r1"})
    check_throws("QZ-SEAL-020", [&] { key_record_from_pem(public_pem(curve, "uncompressed")); });
}

TEST_CASE("A13 a signature holds under its own algorithm only: every other record and key is refused", "[seal]") {
  for (const Algorithm made : algorithms) {
    const SigningKey key = SigningKey::generate(made);
    const Bytes signature = key.sign(Purpose::batch, "message");
    REQUIRE(verify(key.record(), Purpose::batch, "message", signature));
    CHECK_FALSE(verify(key.record(), Purpose::receipt, "message", signature));
    for (const std::string_view name : {"ed25519", "ecdsa-p256", "sm2", "", "ED25519", "rsa"}) {
      KeyRecord record = key.record();
      if (record.algorithm == name) continue;
      record.algorithm = name;
      CHECK_FALSE(verify(record, Purpose::batch, "message", signature));
      record.signer_id = name == "sm2" ? default_signer_id : std::string_view();
      CHECK_FALSE(verify(record, Purpose::batch, "message", signature));
    }
    for (const Algorithm other : algorithms) {
      const SigningKey foreign = SigningKey::generate(other);
      CHECK_FALSE(verify(foreign.record(), Purpose::batch, "message", signature));
      CHECK_FALSE(verify(key.record(), Purpose::batch, "message", foreign.sign(Purpose::batch, "message")));
      // The id of one key over the octets of another.
      KeyRecord record = foreign.record();
      record.id = key.record().id;
      CHECK_FALSE(verify(record, Purpose::batch, "message", foreign.sign(Purpose::batch, "message")));
      record = key.record();
      record.spki = foreign.record().spki;
      CHECK_FALSE(verify(record, Purpose::batch, "message", foreign.sign(Purpose::batch, "message")));
    }
  }
}

TEST_CASE("A13 the same point read on the other curve does not verify: P-256 and SM2 keys have one length", "[seal]") {
  const SigningKey p256 = SigningKey::generate(Algorithm::ecdsa_p256);
  const SigningKey sm2 = SigningKey::generate(Algorithm::sm2);
  const Bytes as_sm2 = from_hex(sm2_prefix) + p256.record().spki.substr(27);
  const Bytes as_p256 = from_hex(p256_prefix) + sm2.record().spki.substr(27);
  CHECK_FALSE(verify(record_of("sm2", as_sm2, default_signer_id), Purpose::batch, "m", p256.sign(Purpose::batch, "m")));
  CHECK_FALSE(verify(record_of("ecdsa-p256", as_p256), Purpose::batch, "m", sm2.sign(Purpose::batch, "m")));
}

TEST_CASE("A13 a damaged SubjectPublicKeyInfo is faulty and verifies nothing: cut, longer, other curve", "[seal]") {
  for (const Algorithm algorithm : algorithms) {
    const SigningKey key = SigningKey::generate(algorithm);
    const Bytes signature = key.sign(Purpose::batch, "m");
    const Bytes& spki = key.record().spki;
    Bytes flipped = spki;
    flipped[1] ^= '\1';
    for (const Bytes& changed :
         {spki.substr(0, spki.size() - 1), spki + '\0', spki.substr(1), flipped, Bytes(), foreign_spki("EC", "P-384"),
          foreign_spki("EC", "secp256k1"), foreign_spki("X25519", nullptr), foreign_spki("ED448", nullptr)}) {
      KeyRecord record = record_of(key.record().algorithm, changed, key.record().signer_id);
      CHECK_FALSE(fault_of(record).empty());
      CHECK_FALSE(verify(record, Purpose::batch, "m", signature));
    }
  }
  // Of the right form, but not on the curve.
  KeyRecord off = record_of("ecdsa-p256", from_hex(p256_prefix) + Bytes(64, '\1'));
  CHECK(fault_of(off).empty());
  CHECK_FALSE(verify_octets(off, "test", pair(test_r, test_s)));
}

TEST_CASE("A signer id is for SM2 alone, and there never empty or too long", "[seal]") {
  KeyRecord record = SigningKey::generate(Algorithm::sm2).record();
  CHECK(fault_of(record).empty());
  record.signer_id.assign(128, 'x');
  CHECK(fault_of(record).empty());
  for (const std::string& id : {std::string(), std::string(129, 'x')}) {
    record.signer_id = id;
    CHECK_FALSE(fault_of(record).empty());
  }
  for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::ecdsa_p256}) {
    record = SigningKey::generate(algorithm).record();
    record.signer_id = default_signer_id;
    CHECK_FALSE(fault_of(record).empty());
  }
}

TEST_CASE("A13 ECDSA and SM2 signatures have one encoding: other DER and BER of the same numbers is refused",
          "[seal]") {
  const Bytes r = integer(from_hex(test_r)), s = integer(from_hex(test_s));
  const auto refused = [](const Bytes& signature) {
    CHECK_FALSE(verify_octets(rfc6979, "test", signature));
    // Not left to the library, whose strictness is of its version.
    CHECK_FALSE(has_one_form(Algorithm::ecdsa_p256, signature));
    CHECK_FALSE(has_one_form(Algorithm::sm2, signature));
  };
  REQUIRE(verify_octets(rfc6979, "test", sequence(r + s)));
  refused(sequence(r + s) + '\0');
  refused(sequence(r + s).substr(0, 60));
  refused(sequence(r + s + Bytes("\x05\x00", 2)));
  refused(sequence(r));
  CHECK_FALSE(verify_octets(rfc6979, "test", sequence(s + r)));
  refused("");
  refused(from_hex(test_r) + from_hex(test_s));  // raw r and s
  refused(Bytes("\x30\x81").append(1, static_cast<char>((r + s).size())) + r + s);
  refused(Bytes("\x30\x80", 2) + r + s + Bytes(2, '\0'));
  refused(Bytes("\x31").append(1, static_cast<char>((r + s).size())) + r + s);
  // s in more octets than it needs, r as a negative number, an integer with a long length, zero.
  const Bytes long_s = from_hex("0221" + std::string("00") + std::string(test_s));
  refused(sequence(r + long_s));
  refused(sequence(Bytes("\x02\x20").append(from_hex(test_r)) + s));
  refused(sequence(Bytes("\x02\x81\x21").append(1, '\0').append(from_hex(test_r)) + s));
  refused(sequence(r + Bytes("\x02\x01\x00", 3)));
  refused(sequence(Bytes("\x02\x01\x00", 3) + s));
  refused(sequence(r + Bytes("\x02\x00", 2)));
  const Bytes sm2 = sequence(integer(from_hex(sm2_r)) + integer(from_hex(sm2_s)));
  CHECK(verify_octets(gbt32918, "message digest", sm2));
  CHECK_FALSE(verify_octets(gbt32918, "message digest", sm2 + '\0'));
  CHECK_FALSE(verify_octets(gbt32918, "message digest", from_hex(sm2_r) + from_hex(sm2_s)));
}

TEST_CASE("A P-256 signature that we make always has the smaller s, whichever the library made", "[seal]") {
  const SigningKey key = SigningKey::generate(Algorithm::ecdsa_p256);
  for (int i = 0; i < 64; ++i) {
    const std::string message = std::to_string(i);
    CHECK(verify(key.record(), Purpose::batch, message, key.sign(Purpose::batch, message)));
  }
}
