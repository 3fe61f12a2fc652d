// Letters between subscriber and provider: verified before they are read, and well formed before they are used.
#include "hub-protocol/seal/letter.h"

#include <catch2/catch.hpp>

#include "hub-protocol/wire/comparison.pb.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

struct Parties {
  Parties() {
    add("commerce-01", commerce.records());
    add("tax-01", tax.records());
  }
  void add(const std::string& id, std::vector<KeyRecord> keys) {
    directory.agents[id] = {id, id, {}, std::move(keys), true};
  }
  bool opens(const wire::Letter& letter) const {
    wire::Comparison content;
    try {
      open_letter(letter, directory, content);
      return true;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::rejected);
      CHECK(error.code() == "QZ-SEAL-060");
      return false;
    }
  }

  SigningKey commerce = SigningKey::generate();
  SigningKey tax = SigningKey::generate();
  Directory directory;
};

wire::Comparison asked() {
  wire::Comparison content;
  content.mutable_stream()->set_agent("commerce-01");
  content.mutable_stream()->set_topic("firms");
  content.set_from("tax-01");
  content.set_to("commerce-01");
  content.set_conversation(std::string(16, 'c'));
  content.set_step(wire::ASK);
  return content;
}

wire::Letter signed_letter(const wire::Comparison& content, const SigningKey& key) {
  wire::Letter letter;
  sign_letter(content, key, letter);
  return letter;
}

}  // namespace

TEST_CASE("A letter opens if its sender signed it, and nothing of it is altered") {
  Parties parties;
  const wire::Letter letter = signed_letter(asked(), parties.tax);
  CHECK(parties.opens(letter));
  for (std::size_t i = 0; i < letter.body().size(); ++i) {
    wire::Letter altered = letter;
    (*altered.mutable_body())[i] ^= 1;
    CHECK_FALSE(parties.opens(altered));
  }
  wire::Letter stripped = letter;
  stripped.mutable_signature()->clear_value();
  CHECK_FALSE(parties.opens(stripped));
  CHECK_FALSE(parties.opens(signed_letter(asked(), parties.commerce)));
  CHECK_FALSE(parties.opens(signed_letter(asked(), SigningKey::generate())));
}

TEST_CASE(
    "A12 A13 a letter by a key that is retired, revoked, of a disabled agent, or for another purpose is refused") {
  Parties parties;
  const wire::Letter letter = signed_letter(asked(), parties.tax);
  for (const KeyState state : {KeyState::retired, KeyState::revoked}) {
    Parties others = parties;
    others.directory.agents["tax-01"].signing_keys[0].state = state;
    CHECK_FALSE(others.opens(letter));
  }
  Parties disabled = parties;
  disabled.directory.agents["tax-01"].enabled = false;
  CHECK_FALSE(disabled.opens(letter));
  wire::Letter applied = letter;
  applied.mutable_signature()->set_value(parties.tax.sign(Purpose::applied, letter.body()));
  CHECK_FALSE(parties.opens(applied));
}

TEST_CASE("A13 a letter of an agent that signs with two keys needs both signatures") {
  Parties parties;
  const SigningKey pair = SigningKey::generate().with_second(SigningKey::generate(Algorithm::ecdsa_p256));
  parties.add("tax-01", pair.records());
  const wire::Letter letter = signed_letter(asked(), pair);
  CHECK(parties.opens(letter));
  wire::Letter alone = letter;
  alone.clear_second();
  CHECK_FALSE(parties.opens(alone));
}

TEST_CASE("A letter whose content is not as its step must be is refused, however it is signed") {
  Parties parties;
  const auto refused = [&](const std::function<void(wire::Comparison&)>& change) {
    wire::Comparison content = asked();
    change(content);
    return !parties.opens(signed_letter(content, parties.tax));
  };
  const auto at_place = [](wire::Comparison& content) {
    content.mutable_place()->set_epoch(1);
    content.mutable_place()->set_sequence(1);
    content.mutable_place()->set_digest(std::string(32, 'd'));
  };
  const auto sums = [&](wire::Comparison& content) {
    content.set_step(wire::SUMS);
    at_place(content);
    content.set_bits(3);
    content.set_sums(std::string(16 << 3, 's'));
  };
  CHECK_FALSE(refused([](wire::Comparison&) {}));
  CHECK_FALSE(refused(sums));
  CHECK(refused([](wire::Comparison& c) { c.set_to("tax-01"); }));
  CHECK(refused([](wire::Comparison& c) { c.set_to("quality-01"); }));
  CHECK(refused([](wire::Comparison& c) { c.mutable_stream()->clear_topic(); }));
  CHECK(refused([](wire::Comparison& c) { c.set_conversation("short"); }));
  CHECK(refused([](wire::Comparison& c) { c.clear_step(); }));
  CHECK(refused([](wire::Comparison& c) { c.set_step(static_cast<wire::ComparisonStep>(99)); }));
  CHECK(refused([](wire::Comparison& c) { c.set_step(wire::READY); }));
  CHECK(refused([](wire::Comparison& c) { c.set_rows(std::string(31, 'r')); }));
  CHECK(refused([](wire::Comparison& c) { c.set_extra(std::string(17, 'r')); }));
  CHECK(refused([](wire::Comparison& c) { c.add_buckets(1U << 16U); }));
  CHECK(refused([](wire::Comparison& c) {
    c.add_buckets(2);
    c.add_buckets(2);
  }));
  CHECK(refused([&](wire::Comparison& c) {
    sums(c);
    c.set_bits(4);
  }));
  CHECK(refused([&](wire::Comparison& c) {
    sums(c);
    c.set_bits(17);
    c.set_sums(std::string(std::size_t{16} << 17U, 's'));
  }));
  CHECK(refused([](wire::Comparison& c) { c.set_code(std::string(letter_limit, 'x')); }));
}
