// Parcels: signed, sealed to one reader, and of no use in any other place.
#include "hub-protocol/seal/parcel.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/parcel_world.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

using HeadChange = std::function<void(ParcelHead&)>;

// As whoever holds a signing key could write a head: no rule is looked at.
wire::Parcel signed_by(const SigningKey& key, const wire::ParcelHead& head, const Bytes& body = {}) {
  wire::Parcel parcel;
  parcel.set_head(head.SerializeAsString());
  parcel.set_body(body);
  parcel.mutable_signature()->set_key_id(key.record().id);
  parcel.mutable_signature()->set_value(key.sign(Purpose::parcel, parcel.head()));
  return parcel;
}

wire::ParcelHead message_of(const SealedParcel& made) {
  wire::ParcelHead head;
  REQUIRE(head.ParseFromString(made.parcel.head()));
  return head;
}

DigestSuite either_suite() { return GENERATE(DigestSuite::sha256, DigestSuite::sm3); }

}  // namespace

TEST_CASE("A request, its answer and a refusal are opened by their readers, in either suite", "[seal]") {
  ParcelWorld world(either_suite());
  const SealedParcel ask = world.ask("who is it");
  const ParcelHead seen = open_head(ask.parcel, world.directory);
  CHECK(seen == ask.head);
  CHECK(seen.key == world.provider.encryption.record().id);
  CHECK(open_body(ask.parcel, seen, world.provider.encryption) == "who is it");
  const SealedParcel answer = world.answer(seen, "nobody");
  const ParcelHead told = open_head(answer.parcel, world.directory);
  CHECK(open_body(answer.parcel, told, world.asker.encryption) == "nobody");
  CHECK_NOTHROW(check_reply(ask.head, told));
  const SealedParcel refusal = world.refusal(seen);
  CHECK(refusal.parcel.body().empty());
  const ParcelHead refused = open_head(refusal.parcel, world.directory);
  CHECK(refused.code == "QZ-AGT-001");
  CHECK_NOTHROW(check_reply(ask.head, refused));
}

TEST_CASE("The hub sees neither content nor how long a short one is: sizes are padded to 1,024 octets", "[seal]") {
  ParcelWorld world(either_suite());
  const std::size_t overhead = world.ask("").parcel.body().size() - 1024;
  CHECK(overhead <= sealed_overhead);
  for (const std::size_t size : {std::size_t{1}, std::size_t{1020}, std::size_t{1021}, std::size_t{5000}}) {
    const SealedParcel ask = world.ask(Bytes(size, 'q'));
    CHECK(open_body(ask.parcel, ask.head, world.provider.encryption) == Bytes(size, 'q'));
    CHECK(ask.parcel.SerializeAsString().find("qqqq") == std::string::npos);
    const std::size_t padded = (size + 4 + 1023) / 1024 * 1024;
    CHECK(ask.parcel.body().size() >= padded + overhead - 8);  // a wrapped SM2 key has an octet more or less
    CHECK(ask.parcel.body().size() <= padded + overhead + 8);
  }
}

TEST_CASE("A6 no octet of head, signature or body may change", "[seal]") {
  ParcelWorld world(either_suite());
  const SealedParcel ask = world.ask();
  const auto refused = [&](const wire::Parcel& parcel) {
    check_throws("QZ-SEAL-100", [&] { open_head(parcel, world.directory); });
  };
  const auto each_octet = [&](std::string* (wire::Parcel::*part)(), std::size_t step) {
    wire::Parcel altered = ask.parcel;
    for (std::size_t i = 0; i < (altered.*part)()->size(); i += step) {
      char& octet = (*(altered.*part)())[i];
      octet = static_cast<char>(octet ^ 1);
      refused(altered);
      octet = static_cast<char>(octet ^ 1);
    }
  };
  each_octet(&wire::Parcel::mutable_head, 1);
  each_octet(&wire::Parcel::mutable_body, world.suite == DigestSuite::sm3 ? 61 : 7);
  wire::Parcel altered = ask.parcel;
  Bytes& value = *altered.mutable_signature()->mutable_value();
  for (char& octet : value) {
    octet = static_cast<char>(octet ^ 1);
    refused(altered);
    octet = static_cast<char>(octet ^ 1);
  }
  CHECK(open_head(altered, world.directory) == ask.head);
  altered.clear_body();
  refused(altered);
  altered = ask.parcel;
  altered.mutable_body()->push_back('\0');
  refused(altered);
  altered = ask.parcel;
  altered.mutable_signature()->set_key_id(world.provider.signing.record().id);
  refused(altered);
}

TEST_CASE("Only the key that the head names opens a body", "[seal]") {
  ParcelWorld world(either_suite());
  const SealedParcel ask = world.ask();
  check_throws("QZ-SEAL-102", [&] { open_body(ask.parcel, ask.head, world.asker.encryption); });
  ParcelHead pretended = ask.head;
  pretended.key = world.asker.encryption.record().id;
  check_throws("QZ-SEAL-103", [&] { open_body(ask.parcel, pretended, world.asker.encryption); });
  // A key of the other suite is none, whatever the head says.
  const DecryptionKey other =
      DecryptionKey::generate(world.suite == DigestSuite::sm3 ? EncryptionAlgorithm::x25519 : EncryptionAlgorithm::sm2)
          .in_suite(world.suite);
  pretended.key = other.record().id;
  check_throws("QZ-SEAL-102", [&] { open_body(ask.parcel, pretended, other); });
  wire::Parcel parcel;
  check_throws("QZ-SEAL-104",
               [&] { seal_parcel(world.ask_head(), "", world.asker.signing, other.record(), world.random, parcel); });
}

TEST_CASE("A sealed body under another's head and signature is opened by nobody", "[seal]") {
  ParcelWorld world(either_suite());
  ParcelAgent thief("thief-01", world.suite);
  world.directory.agents[thief.id] = thief.entry();
  const SealedParcel ask = world.ask("secret questions");
  const auto stolen = [&](const std::function<void(wire::ParcelHead&)>& change, const SigningKey& key) {
    wire::ParcelHead head = message_of(ask);
    change(head);
    const wire::Parcel parcel = signed_by(key, head, ask.parcel.body());
    const ParcelHead opened = open_head(parcel, world.directory);
    check_throws("QZ-SEAL-103", [&] { open_body(parcel, opened, world.provider.encryption); });
  };
  stolen([&](wire::ParcelHead& head) { head.set_from(thief.id); }, thief.signing);
  // Nor can its own sender use it twice: each field is bound.
  stolen([](wire::ParcelHead& head) { head.set_id(Bytes(16, 'j')); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_service("tax.other"); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_deadline(head.deadline() + 1); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_purpose("x"); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_basis("x"); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_questions(1); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_made(head.made() - 1); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_appeal(Bytes(16, 'a')); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_directory_version(8); }, world.asker.signing);
  stolen([](wire::ParcelHead& head) { head.set_to("quality-01"); }, world.asker.signing);
}

TEST_CASE("A13 a signature for another kind of message, or a parcel of another kind, is refused", "[seal]") {
  ParcelWorld world;
  const SealedParcel ask = world.ask();
  for (const Purpose purpose : {Purpose::batch, Purpose::letter, Purpose::document, Purpose::applied}) {
    wire::Parcel parcel = ask.parcel;
    parcel.mutable_signature()->set_value(world.asker.signing.sign(purpose, parcel.head()));
    check_throws("QZ-SEAL-100", [&] { open_head(parcel, world.directory); });
  }
  // The kind is signed and bound: an ask made into an answer is malformed, and with all that it lacks it does not open.
  wire::ParcelHead head = message_of(ask);
  head.set_kind(wire::PARCEL_ANSWER);
  check_throws("QZ-SEAL-100",
               [&] { open_head(signed_by(world.asker.signing, head, ask.parcel.body()), world.directory); });
  head.clear_purpose();
  head.clear_basis();
  head.set_ask_digest(Bytes(32, 'd'));
  const wire::Parcel parcel = signed_by(world.asker.signing, head, ask.parcel.body());
  const ParcelHead opened = open_head(parcel, world.directory);
  check_throws("QZ-SEAL-103", [&] { open_body(parcel, opened, world.provider.encryption); });
}

TEST_CASE("A11 A12 only the sender's own keys in force sign, and what was handed in before a key retired still holds",
          "[seal]") {
  ParcelWorld world;
  const SealedParcel ask = world.ask();
  const auto opens = [&] {
    try {
      open_head(ask.parcel, world.directory);
      return true;
    } catch (const Error& error) {
      CHECK(error.code() == "QZ-SEAL-100");
      return false;
    }
  };
  AgentEntry& asker = world.directory.agents[world.asker.id];
  asker.signing_keys[0].state = KeyState::retired;
  CHECK(opens());
  asker.signing_keys[0].state = KeyState::revoked;
  CHECK_FALSE(opens());
  asker.signing_keys[0].state = KeyState::active;
  asker.enabled = false;
  CHECK_FALSE(opens());
  asker.enabled = true;
  CHECK(opens());
  check_throws("QZ-SEAL-100", [&] {
    open_head(signed_by(world.provider.signing, message_of(ask), ask.parcel.body()), world.directory);
  });
  check_throws("QZ-SEAL-100", [&] {
    open_head(signed_by(SigningKey::generate(), message_of(ask), ask.parcel.body()), world.directory);
  });
}

TEST_CASE("A13 an agent that signs with two keys needs both under a parcel", "[seal]") {
  ParcelWorld world;
  world.asker.signing = SigningKey::generate().with_second(SigningKey::generate(Algorithm::sm2));
  world.publish();
  const SealedParcel ask = world.ask();
  CHECK(open_head(ask.parcel, world.directory) == ask.head);
  wire::Parcel alone = ask.parcel;
  alone.clear_second();
  check_throws("QZ-SEAL-100", [&] { open_head(alone, world.directory); });
  wire::Parcel doubled = ask.parcel;
  *doubled.mutable_second() = doubled.signature();
  check_throws("QZ-SEAL-100", [&] { open_head(doubled, world.directory); });
}

TEST_CASE("A head that is not well formed is neither signed nor taken", "[seal]") {
  ParcelWorld world;
  const SealedParcel ask = world.ask();
  const auto refused_ask = [&](const HeadChange& change) {
    ParcelHead head = world.ask_head();
    change(head);
    wire::Parcel parcel;
    check_throws("QZ-SEAL-100", [&] {
      seal_parcel(head, "", world.asker.signing, world.provider.encryption.record(), world.random, parcel);
    });
  };
  refused_ask([](ParcelHead& head) { head.id = "short"; });
  refused_ask([](ParcelHead& head) { head.to = head.from; });
  refused_ask([](ParcelHead& head) { head.to.clear(); });
  refused_ask([](ParcelHead& head) { head.to = Bytes(most_name_octets + 1, 't'); });
  refused_ask([](ParcelHead& head) { head.service = "a\nb"; });
  refused_ask([](ParcelHead& head) { head.made = 0; });
  refused_ask([](ParcelHead& head) { head.deadline = head.made; });
  refused_ask([](ParcelHead& head) { head.deadline = head.made + longest_parcel_life + 1; });
  refused_ask([](ParcelHead& head) { head.purpose.clear(); });
  refused_ask([](ParcelHead& head) { head.basis.clear(); });
  refused_ask([](ParcelHead& head) { head.purpose = Bytes(most_terms_octets + 1, 'p'); });
  refused_ask([](ParcelHead& head) { head.questions = 0; });
  refused_ask([](ParcelHead& head) { head.questions = most_questions + 1; });
  refused_ask([](ParcelHead& head) { head.appeal = head.id; });
  refused_ask([](ParcelHead& head) { head.appeal = "short"; });
  refused_ask([](ParcelHead& head) { head.code = "QZ-AGT-001"; });
  refused_ask([](ParcelHead& head) { head.ask_digest.octets.fill(1); });
  refused_ask([](ParcelHead& head) { head.kind = ParcelKind::refusal; });
  const auto refused_refusal = [&](const HeadChange& change) {
    ParcelHead head = world.reply_head(ask.head, ParcelKind::refusal);
    change(head);
    wire::Parcel parcel;
    check_throws("QZ-SEAL-100", [&] { seal_refusal(head, world.provider.signing, parcel); });
  };
  refused_refusal([](ParcelHead& head) { head.code.clear(); });
  refused_refusal([](ParcelHead& head) { head.code = "because I say so"; });
  refused_refusal([](ParcelHead& head) { head.ask_digest = {}; });
  refused_refusal([](ParcelHead& head) { head.purpose = "p"; });
  refused_refusal([](ParcelHead& head) { head.kind = ParcelKind::answer; });
}

TEST_CASE("A18 what is larger than a parcel may be, or malformed under a good signature, is refused", "[seal]") {
  ParcelWorld world;
  const SealedParcel largest = world.ask(Bytes(parcel_content_limit, 'q'));
  CHECK(largest.parcel.body().size() <= parcel_body_limit);
  CHECK(open_body(largest.parcel, open_head(largest.parcel, world.directory), world.provider.encryption).size() ==
        parcel_content_limit);
  check_throws("QZ-SEAL-101", [&] { world.ask(Bytes(parcel_content_limit + 1, 'q')); });
  wire::Parcel parcel = largest.parcel;
  parcel.set_body(Bytes(parcel_body_limit + 1, 'b'));
  check_throws("QZ-SEAL-101", [&] { open_head(parcel, world.directory); });
  parcel = largest.parcel;
  parcel.set_head(Bytes(parcel_head_limit + 1, 'h'));
  check_throws("QZ-SEAL-101", [&] { open_head(parcel, world.directory); });
  // Nor does anything come along that nobody signed.
  parcel = largest.parcel;
  REQUIRE(parcel.ParseFromString(largest.parcel.SerializeAsString() + "\x2a\x01z"));
  check_throws("QZ-SEAL-101", [&] { open_head(parcel, world.directory); });
  parcel = largest.parcel;
  REQUIRE(parcel.mutable_signature()->ParseFromString(parcel.signature().SerializeAsString() + "\x1a\x01z"));
  check_throws("QZ-SEAL-101", [&] { open_head(parcel, world.directory); });
  parcel = largest.parcel;
  parcel.mutable_second()->set_key_id(Bytes(65, 'a'));
  check_throws("QZ-SEAL-101", [&] { open_head(parcel, world.directory); });
  parcel = largest.parcel;
  parcel.mutable_signature()->set_value(Bytes(1000, 's'));
  check_throws("QZ-SEAL-101", [&] { open_head(parcel, world.directory); });
  const wire::ParcelHead good = message_of(world.ask());
  const auto refused = [&](const Bytes& head) {
    wire::Parcel forged = world.ask().parcel;
    forged.set_head(head);
    forged.mutable_signature()->set_value(world.asker.signing.sign(Purpose::parcel, head));
    check_throws("QZ-SEAL-100", [&] { open_head(forged, world.directory); });
  };
  const Bytes octets = good.SerializeAsString();
  refused("");
  refused(octets.substr(0, octets.size() - 1));
  refused(octets + "\x8a\x01\x01z");                        // an unknown field
  refused(octets + Bytes("\x08\x01", 2));                   // a second kind
  refused(octets + Bytes("\x52\x20", 2) + Bytes(32, 'd'));  // a second digest of the body
  Bytes no_text = octets;
  no_text[octets.find(good.purpose())] = '\xff';
  refused(no_text);
  wire::ParcelHead head = good;
  head.set_made(-1);
  refused(head.SerializeAsString());
  head = good;
  head.set_kind(static_cast<wire::ParcelKind>(4));
  refused(head.SerializeAsString());
}

TEST_CASE("An answer belongs to one request: its id, parties, service, deadline, size and digest", "[seal]") {
  ParcelWorld world;
  const SealedParcel ask = world.ask();
  const ParcelHead good = world.answer(ask.head).head;
  CHECK_NOTHROW(check_reply(ask.head, good));
  const auto refused = [&](const HeadChange& change) {
    ParcelHead reply = good;
    change(reply);
    check_throws("QZ-SEAL-105", [&] { check_reply(ask.head, reply); });
  };
  refused([](ParcelHead& reply) { reply.id = Bytes(16, 'j'); });
  refused([](ParcelHead& reply) { std::swap(reply.from, reply.to); });
  refused([](ParcelHead& reply) { reply.from = "quality-01"; });
  refused([](ParcelHead& reply) { reply.to = "quality-01"; });
  refused([](ParcelHead& reply) { reply.service = "tax.other"; });
  refused([](ParcelHead& reply) { reply.deadline += 1; });
  refused([](ParcelHead& reply) { reply.questions += 1; });
  refused([](ParcelHead& reply) { reply.ask_digest.octets[0] ^= 1; });
  refused([](ParcelHead& reply) { reply.kind = ParcelKind::ask; });
  // The same request asked again has another digest: its answer is not this one's.
  const SealedParcel again = world.ask();
  check_throws("QZ-SEAL-105", [&] { check_reply(again.head, good); });
  check_throws("QZ-SEAL-105", [&] { check_reply(good, good); });
}
