#include <sys/stat.h>

#include <fstream>

#include "hub-protocol/seal/receipt.h"
#include "hub-protocol/wire/exchange.pb.h"
#include "tests/support/sha256_of.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

// RFC 8032 section 7.1, test 1, as PKCS#8.
constexpr std::string_view rfc_key =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

void write(const std::filesystem::path& file, std::string_view text, mode_t mode) {
  std::ofstream(file, std::ios::binary) << text;
  REQUIRE(::chmod(file.c_str(), mode) == 0);
}

ReceiptContent some_receipt() {
  ReceiptContent content;
  content.incarnation = {3, 0xFEDCBA9876543210U};
  content.stream = {"commerce-01", "commerce.opening_registration"};
  content.head = {{2, 9}, sha256_of("head")};
  content.secured = {{2, 5}, sha256_of("secured")};
  content.time = 1'700'000'000'000'000;
  return content;
}

}  // namespace

TEST_CASE("The digest is SHA-256 of FIPS 180-4", "[seal]") {
  CHECK(sha256_of("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("The key of RFC 8032 has its known public half, and signs deterministically", "[seal]") {
  const SigningKey key = SigningKey::from_pem(rfc_key);
  CHECK(to_hex(key.record().spki) ==
        "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(key.record().id == sha256_of(key.record().spki).hex());
  CHECK(key.record().state == KeyState::active);
  CHECK(key.sign(Purpose::batch, "x") == SigningKey::from_pem(key.to_pem()).sign(Purpose::batch, "x"));
}

TEST_CASE("What is signed names its purpose and its length", "[seal]") {
  CHECK(signed_octets(Purpose::batch, "abc") == Bytes("QIANZHI-1\nbatch\n").append(7, '\0') + "\3abc");
  CHECK(signed_octets(Purpose::receipt, "").substr(0, 18) == "QIANZHI-1\nreceipt\n");
  CHECK(signed_octets(Purpose::directory, "").substr(0, 20) == "QIANZHI-1\ndirectory\n");
  CHECK(signed_octets(Purpose::applied, "").substr(0, 18) == "QIANZHI-1\napplied\n");
  CHECK(signed_octets(Purpose::letter, "").substr(0, 17) == "QIANZHI-1\nletter\n");
}

TEST_CASE("A13: a signature holds for its own purpose, message, key and algorithm only", "[seal]") {
  const SigningKey key = SigningKey::generate();
  const Bytes signature = key.sign(Purpose::batch, "message");
  REQUIRE(verify(key.record(), Purpose::batch, "message", signature));
  for (const Purpose purpose : {Purpose::receipt, Purpose::directory, Purpose::applied})
    CHECK_FALSE(verify(key.record(), purpose, "message", signature));
  CHECK_FALSE(verify(key.record(), Purpose::batch, "messagf", signature));
  CHECK_FALSE(verify(key.record(), Purpose::batch, "message", signature.substr(1)));
  CHECK_FALSE(verify(key.record(), Purpose::batch, "message", signature + "x"));
  CHECK_FALSE(verify(key.record(), Purpose::batch, "message", ""));
  CHECK_FALSE(verify(SigningKey::generate().record(), Purpose::batch, "message", signature));
  KeyRecord record = key.record();
  record.algorithm = "sm2";
  CHECK_FALSE(verify(record, Purpose::batch, "message", signature));
  record = key.record();
  record.id[0] = record.id[0] == 'a' ? 'b' : 'a';
  CHECK_FALSE(verify(record, Purpose::batch, "message", signature));
  record = key.record();
  record.spki.push_back('x');
  record.id = sha256_of(record.spki).hex();
  CHECK_FALSE(verify(record, Purpose::batch, "message", signature));
  record.spki = "nonsense";
  record.id = sha256_of(record.spki).hex();
  CHECK_FALSE(verify(record, Purpose::batch, "message", signature));
}

TEST_CASE("A key file is read only if it is private, whole and Ed25519", "[seal]") {
  const TempDir dir;
  write(dir / "good.pem", rfc_key, 0600);
  CHECK(SigningKey::from_file(dir / "good.pem").record() == SigningKey::from_pem(rfc_key).record());
  write(dir / "open.pem", rfc_key, 0640);
  check_throws("QZ-SEAL-021", [&] { SigningKey::from_file(dir / "open.pem"); });
  write(dir / "world.pem", rfc_key, 0604);
  check_throws("QZ-SEAL-021", [&] { SigningKey::from_file(dir / "world.pem"); });
  write(dir / "half.pem", rfc_key.substr(0, 60), 0600);
  check_throws("QZ-SEAL-020", [&] { SigningKey::from_file(dir / "half.pem"); });
  write(dir / "empty.pem", "", 0600);
  check_throws("QZ-SEAL-020", [&] { SigningKey::from_file(dir / "empty.pem"); });
  check_throws("QZ-SEAL-020", [&] { SigningKey::from_file(dir / "absent.pem"); });
  check_throws("QZ-SEAL-020", [&] { SigningKey::from_file(dir.path()); });
  check_throws("QZ-SEAL-020", [&] { SigningKey::from_pem("not a key"); });
}

TEST_CASE("The public half in PEM gives the same record as the private key", "[seal]") {
  constexpr std::string_view pem =
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
      "-----END PUBLIC KEY-----\n";
  CHECK(key_record_from_pem(pem) == SigningKey::from_pem(rfc_key).record());
  check_throws("QZ-SEAL-020", [] { key_record_from_pem(rfc_key); });
  check_throws("QZ-SEAL-020", [] { key_record_from_pem(""); });
}

TEST_CASE("R6.4: a receipt comes back as it was signed, with and without a head", "[seal]") {
  const SigningKey hub = SigningKey::generate();
  for (const bool empty : {false, true}) {
    ReceiptContent content = some_receipt();
    if (empty) content.head = content.secured = {};
    wire::Receipt receipt;
    sign_receipt(content, hub, receipt);
    CHECK(open_receipt(receipt, hub.record()) == content);
  }
}

TEST_CASE("A13: a receipt by another key, of another kind or with a changed octet is refused", "[seal]") {
  const SigningKey hub = SigningKey::generate();
  const SigningKey other = SigningKey::generate();
  wire::Receipt good;
  sign_receipt(some_receipt(), hub, good);
  const auto refused = [&](const wire::Receipt& receipt) {
    check_throws("QZ-SEAL-030", [&] { open_receipt(receipt, hub.record()); });
  };
  check_throws("QZ-SEAL-030", [&] { open_receipt(good, other.record()); });
  wire::Receipt bad = good;
  bad.clear_signature();
  refused(bad);
  bad = good;
  bad.mutable_signature()->set_value(hub.sign(Purpose::batch, good.body()));
  refused(bad);
  for (std::size_t i = 0; i < good.body().size(); ++i) {
    bad = good;
    (*bad.mutable_body())[i] ^= '\1';
    refused(bad);
  }
  const auto resigned = [&](const auto& change) {
    wire::ReceiptBody body;
    REQUIRE(body.ParseFromString(good.body()));
    change(body);
    bad = good;
    bad.set_body(body.SerializeAsString());
    bad.mutable_signature()->set_value(hub.sign(Purpose::receipt, bad.body()));
    refused(bad);
  };
  resigned([](wire::ReceiptBody& body) { body.clear_stream(); });
  resigned([](wire::ReceiptBody& body) { body.mutable_head()->set_digest("short"); });
  resigned([](wire::ReceiptBody& body) { body.mutable_head()->clear_digest(); });
  resigned([](wire::ReceiptBody& body) { body.mutable_secured()->set_sequence(0); });
}
