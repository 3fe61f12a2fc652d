#include <catch2/catch.hpp>

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include "file_parties.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/envelope/der_form.h"
#include "tests/support/errors.h"

namespace qianzhi::test {

namespace {

std::string opened_by(const Party& party, std::string_view envelope, Micros now) {
  return thrown_by([&] { party.open(envelope, now); });
}

// What somebody makes with a library of his own.
struct Hand {
  explicit Hand(const Parties& parties, const std::string& signer = "a") {
    const auto read = [](const std::filesystem::path& path) { return BIO_new_file(path.c_str(), "r"); };
    BIO* bio = read(parties.dir / (signer + ".crt"));
    certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    bio = read(parties.dir / (signer + ".key"));
    key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    bio = read(parties.dir / "hub.crt");
    receivers = sk_X509_new_null();
    sk_X509_push(receivers, PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
    BIO_free(bio);
  }
  ~Hand() {
    X509_free(certificate);
    EVP_PKEY_free(key);
    sk_X509_pop_free(receivers, X509_free);
  }
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;

  static Bytes der(CMS_ContentInfo* message) {
    BIO* bio = BIO_new(BIO_s_mem());
    i2d_CMS_bio(bio, message);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    Bytes octets(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    CMS_ContentInfo_free(message);
    return octets;
  }
  static Bytes use(const Bytes& octets, const std::function<CMS_ContentInfo*(BIO*)>& make) {
    BIO* bio = BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size()));
    Bytes made = der(make(bio));
    BIO_free(bio);
    return made;
  }
  Bytes sign(const Bytes& content, unsigned int flags) const {
    return use(content, [&](BIO* bio) { return CMS_sign(certificate, key, nullptr, bio, flags | CMS_BINARY); });
  }
  Bytes encrypt(const Bytes& octets, const EVP_CIPHER* cipher) const {
    return use(octets, [&](BIO* bio) { return CMS_encrypt(receivers, bio, cipher, CMS_BINARY); });
  }

  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
  STACK_OF(X509) * receivers = nullptr;
};

}  // namespace

TEST_CASE("an envelope opens at its reader, who learns who signed it", "[envelope]") {
  const Parties parties;
  const Bytes envelope = parties.agent().seal("a secret row", parties.certificates("hub"));
  CHECK(envelope.find("secret row") == Bytes::npos);
  CHECK(envelope.find("urn:qianzhi") == Bytes::npos);
  const Opened opened = parties.hub().open(envelope, parties.now());
  CHECK(opened.content == "a secret row");
  CHECK(opened.signer == parties.certificates("a").front());
  CHECK(public_key_of(opened.signer) == public_key_of(parties.agent().certificate()));
  const Bytes back = parties.hub().seal("an answer", {opened.signer});
  CHECK(parties.agent().open(back, parties.now()).content == "an answer");
}

TEST_CASE("an envelope carries as much as a file may", "[envelope]") {
  const Parties parties;
  const Bytes content(33U << 20U, 'x');
  const Bytes envelope = parties.agent().seal(content, parties.certificates("hub"));
  CHECK(envelope.size() < content.size() + envelope_overhead);
  CHECK(parties.hub().open(envelope, parties.now()).content == content);
}

TEST_CASE("every changed octet of an envelope is noticed A6", "[envelope]") {
  const Parties parties;
  const Party hub = parties.hub();
  const Bytes envelope = parties.agent().seal("a secret row", parties.certificates("hub"));
  std::size_t opened = 0;
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    Bytes changed = envelope;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    try {
      // What names the reader may change: the key alone decides who can read.
      if (hub.open(changed, parties.now()).content != "a secret row") FAIL("changed content at " << i);
      ++opened;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::rejected) FAIL("octet " << i << ": " << error.what());
    }
  }
  CHECK(opened < 100);
}

TEST_CASE("an envelope that was cut short at any octet is refused", "[envelope]") {
  const Parties parties;
  const Party hub = parties.hub();
  const Bytes envelope = parties.agent().seal("a secret row", parties.certificates("hub"));
  for (std::size_t size = 0; size < envelope.size(); ++size)
    if (opened_by(hub, std::string_view(envelope).substr(0, size), parties.now()) != "rejected QZ-LINK-121")
      FAIL("cut at " << size);
  CHECK(opened_by(hub, envelope + "x", parties.now()) == "rejected QZ-LINK-121");
}

TEST_CASE("an envelope for another reader is refused", "[envelope]") {
  Parties parties;
  parties.ca.issue({"other", "DNS:localhost", "serverAuth"});
  const Bytes envelope = parties.agent().seal("x", parties.certificates("other"));
  CHECK(opened_by(parties.hub(), envelope, parties.now()) == "rejected QZ-LINK-122");
  // Two readers while a hub's key is being replaced.
  std::vector<Bytes> both = parties.certificates("other");
  both.push_back(parties.certificates("hub").front());
  CHECK(parties.hub().open(parties.agent().seal("x", both), parties.now()).content == "x");
}

TEST_CASE("a reader whose certificate was renewed with its key opens what was sealed before", "[envelope]") {
  const Parties parties;
  const Bytes envelope = parties.agent().seal("x", parties.certificates("hub"));
  const Hand hub(parties, "hub");
  X509* renewed = X509_dup(hub.certificate);
  ASN1_INTEGER_set(X509_get_serialNumber(renewed), 4711);
  REQUIRE(X509_sign(renewed, hub.key, EVP_sha256()) > 0);
  BIO* out = BIO_new_file((parties.dir / "hub.crt").c_str(), "w");
  PEM_write_bio_X509(out, renewed);
  BIO_free(out);
  X509_free(renewed);
  CHECK(opened_by(parties.hub(), envelope, parties.now()) == "nothing");
}

TEST_CASE("signers whose certificate TLS would refuse are refused A15", "[envelope]") {
  Parties parties;
  TestCa foreign(parties.dir.path(), "foreign");
  const auto sealed_by = [&](const std::string& name) {
    return parties.agent(name).seal("x", parties.certificates("hub"));
  };
  foreign.issue({"stranger", agent_uri("a")});
  parties.ca.issue({"old", agent_uri("a"), "clientAuth", -7200, -3600});
  parties.ca.issue({"early", agent_uri("a"), "clientAuth", 3600, 7200});
  parties.ca.issue({"server", agent_uri("a"), "serverAuth"});
  for (const char* name : {"stranger", "old", "early", "server"}) {
    INFO(name);
    CHECK(opened_by(parties.hub(), sealed_by(name), parties.now()) == "rejected QZ-LINK-123");
  }
  // The time is the caller's, as certificates end while a file is on its way.
  CHECK(opened_by(parties.hub(), sealed_by("a"), parties.now() + 2 * Micros{86'400'000'000}) == "rejected QZ-LINK-123");
  CHECK(opened_by(parties.hub(), sealed_by("early"), parties.now() + Micros{5'400'000'000}) == "nothing");
}

TEST_CASE("a revoked signer is refused", "[envelope]") {
  Parties parties;
  parties.ca.issue({"b", agent_uri("b")});
  parties.ca.write_revocations("list.pem", {"b"});
  PartyFiles files = parties.files("hub");
  files.crl = parties.dir / "list.pem";
  const Party hub(files, PartyRole::hub);
  CHECK(opened_by(hub, parties.agent("a").seal("x", parties.certificates("hub")), parties.now()) == "nothing");
  CHECK(opened_by(hub, parties.agent("b").seal("x", parties.certificates("hub")), parties.now()) ==
        "rejected QZ-LINK-123");
}

TEST_CASE("an agent takes no other agent for the hub", "[envelope]") {
  Parties parties;
  parties.ca.issue({"b", agent_uri("b")});
  const Bytes forged = parties.agent("b").seal("x", parties.certificates("a"));
  CHECK(opened_by(parties.agent(), forged, parties.now()) == "rejected QZ-LINK-123");
}

TEST_CASE("what is not authenticated, not signed, or signed in a weak form is refused", "[envelope]") {
  const Parties parties;
  const Party hub = parties.hub();
  const Hand hand(parties);
  const Bytes good = hand.sign("x", 0);
  CHECK(opened_by(hub, hand.encrypt(good, EVP_aes_256_gcm()), parties.now()) == "nothing");
  // A mode without authentication would tell who changes a file what is in it.
  CHECK(opened_by(hub, hand.encrypt(good, EVP_aes_256_cbc()), parties.now()) == "rejected QZ-LINK-121");
  CHECK(opened_by(hub, hand.encrypt("x", EVP_aes_256_gcm()), parties.now()) == "rejected QZ-LINK-121");
  CHECK(opened_by(hub, good, parties.now()) == "rejected QZ-LINK-121");
  CHECK(opened_by(hub, hand.encrypt(hand.sign("x", CMS_NOATTR), EVP_aes_256_gcm()), parties.now()) ==
        "rejected QZ-LINK-123");
  CHECK(opened_by(hub, hand.encrypt(hand.sign("x", CMS_NOCERTS), EVP_aes_256_gcm()), parties.now()) ==
        "rejected QZ-LINK-123");
}

TEST_CASE("keys that can neither sign nor receive files are told at once P43", "[envelope]") {
  Parties parties;
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  REQUIRE(key != nullptr);
  X509* certificate = X509_new();
  X509_set_pubkey(certificate, key);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  REQUIRE(X509_sign(certificate, key, nullptr) > 0);
  BIO* out = BIO_new_file((parties.dir / "ed.crt").c_str(), "w");
  PEM_write_bio_X509(out, certificate);
  BIO_free(out);
  out = BIO_new_file((parties.dir / "ed.key").c_str(), "w");
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO_free(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  CHECK(thrown_by([&] { parties.agent("ed"); }) == "misuse QZ-LINK-017");
  CHECK(thrown_by([&] { parties.agent().seal("x", parties.certificates("ed")); }) == "misuse QZ-LINK-018");
  CHECK(thrown_by([&] { parties.agent("nobody"); }) == "misuse QZ-LINK-009");
  CHECK(parties.agent().fault_of(parties.certificates("ed").front(), parties.now()) == "its key is neither EC nor RSA");
  CHECK(parties.agent().fault_of(parties.certificates("hub").front(), parties.now()).empty());
  CHECK_FALSE(parties.agent().fault_of(parties.certificates("a").front(), parties.now()).empty());
}

TEST_CASE("a message is only taken under its own name, direction, version and reader", "[envelope]") {
  const Parties parties;
  const std::vector<Bytes> readers = parties.certificates("hub");
  const Digest self = public_key_of(readers.front());
  const wire::FileMessage message = request_message("a", readers);
  const FileName name = name_of(message);
  const auto taken = [&](const std::function<void(wire::FileMessage&)>& change, const FileName& under,
                         const Digest& reader) {
    wire::FileMessage changed = message;
    change(changed);
    return thrown_by([&] { message_of(content_of(changed), under, reader); });
  };
  const auto nothing = [](wire::FileMessage&) {};
  CHECK(taken(nothing, name, self) == "nothing");
  FileName other = name;
  other.number = 8;
  CHECK(taken(nothing, other, self) == "rejected QZ-LINK-124");
  other = FileName{"b", name.conversation, name.number, false};
  CHECK(taken(nothing, other, self) == "rejected QZ-LINK-124");
  other = name;
  other.is_reply = true;
  CHECK(taken(nothing, other, self) == "rejected QZ-LINK-124");
  CHECK(taken(nothing, name, sha256_of("another key")) == "rejected QZ-LINK-124");
  CHECK(taken([](auto& m) { m.set_version(2); }, name, self) == "rejected QZ-LINK-124");
  CHECK(taken([](auto& m) { m.set_direction(wire::FILE_DIRECTION_UNSPECIFIED); }, name, self) ==
        "rejected QZ-LINK-124");
  CHECK(taken([](auto& m) { m.set_conversation("short"); }, name, self) == "rejected QZ-LINK-124");
  CHECK(thrown_by([&] { message_of(message.SerializeAsString(), name, self); }) == "rejected QZ-LINK-124");
  CHECK(thrown_by([&] { message_of("qianzhi file 1\n\xFF", name, self); }) == "rejected QZ-LINK-124");
}

TEST_CASE("DER of many or deep elements is refused before objects are built from it A18", "[envelope]") {
  const Bytes octet("\x04\x01x", 3);
  Bytes many;
  for (int i = 0; i < 30; ++i) many += octet;
  const Bytes sequence = Bytes("\x30\x5A", 2) + many;
  CHECK(is_small_der(sequence, 31, 2));
  CHECK_FALSE(is_small_der(sequence, 30, 2));
  CHECK_FALSE(is_small_der(sequence + octet, 40, 2));
  CHECK_FALSE(is_small_der(sequence.substr(0, 50), 40, 2));
  Bytes deep = octet;
  for (int i = 0; i < 10; ++i) deep = Bytes("\x30", 1) + static_cast<char>(deep.size()) + deep;
  CHECK(is_small_der(deep, 20, 10));
  CHECK_FALSE(is_small_der(deep, 20, 9));
  CHECK_FALSE(is_small_der(Bytes("\x30\x80\x04\x01x\x00\x00", 7), 10, 10));  // an indefinite length
  CHECK_FALSE(is_small_der(Bytes("\x30\x85\x00\x00\x00\x00\x00", 7), 10, 10));
  CHECK_FALSE(is_small_der("", 10, 10));
  CHECK(is_small_der(Bytes("\x30\x00", 2), 1, 1));
}

}  // namespace qianzhi::test
