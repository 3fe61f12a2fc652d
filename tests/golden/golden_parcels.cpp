#include "tests/golden/golden_parcels.h"

#include <functional>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/parcel.h"
#include "hub-protocol/wire/parcel.pb.h"
#include "tests/support/parcel_world.h"
#include "tests/support/seal_samples.h"
#include "tests/support/sha256_of.h"

namespace qianzhi::test {

namespace {

constexpr Micros parcel_day = Micros{86'400} * 1'000'000;

seal::ParcelHead golden_ask() {
  seal::ParcelHead head;
  head.kind = seal::ParcelKind::ask;
  head.id = Bytes("\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf", 16);
  head.from = "housing-01";
  head.to = "commerce-01";
  head.service = "commerce.firms_of_person";
  head.made = golden_time;
  head.deadline = golden_time + parcel_day;
  head.purpose = "低收入家庭核对";
  head.basis = "社会救助暂行办法第五十八条";
  head.questions = 2;
  head.appeal = Bytes(16, 'a');
  head.directory_version = 12;
  return head;
}

seal::ParcelHead golden_reply(const seal::ParcelHead& ask, seal::ParcelKind kind) {
  seal::ParcelHead head;
  head.kind = kind;
  head.id = ask.id;
  head.from = ask.to;
  head.to = ask.from;
  head.service = ask.service;
  head.made = golden_time + 250'000;
  head.deadline = ask.deadline;
  head.ask_digest = ask.digest;
  if (kind == seal::ParcelKind::refusal) head.code = "QZ-AGT-001";
  head.questions = ask.questions;
  head.directory_version = 12;
  return head;
}

using OuterChange = std::function<void(wire::Parcel&)>;
using InnerChange = std::function<void(wire::ParcelHead&)>;

// One frozen request of the SHA-256 directory, broken in one place.
class Breaker {
 public:
  Breaker(const ParcelParties& parties, const Bytes& good, std::map<std::string, Bytes>& out)
      : parties_(parties), good_(good), out_(out) {}
  void outer(const std::string& name, const OuterChange& change) {
    wire::Parcel parcel = parsed();
    change(parcel);
    write(name, parcel);
  }
  // The head changed and signed again by its sender.
  void inner(const std::string& name, const InnerChange& change) {
    wire::Parcel parcel = parsed();
    wire::ParcelHead head = head_of(parcel);
    change(head);
    sign(parcel, head.SerializeAsString());
    write(name, parcel);
  }
  // These octets as the plain content, sealed and signed as they should be.
  void plain(const std::string& name, const Bytes& octets) {
    wire::Parcel parcel = parsed();
    wire::ParcelHead head = head_of(parcel);
    head.clear_body_digest();
    const Bytes bound = head.SerializeAsString();
    CountingRandom random;
    body(name,
         seal::seal_to(parties_.provider.encryption.record(), {"QIANZHI-1\nparcel-body\n", bound}, octets, random));
  }
  void body(const std::string& name, const Bytes& octets) {
    wire::Parcel parcel = parsed();
    wire::ParcelHead head = head_of(parcel);
    parcel.set_body(octets);
    head.set_body_digest(sha256_of(octets).bytes());
    sign(parcel, head.SerializeAsString());
    write(name, parcel);
  }
  void signed_octets(const std::string& name, const std::function<Bytes(const Bytes&)>& change) {
    wire::Parcel parcel = parsed();
    sign(parcel, change(parcel.head()));
    write(name, parcel);
  }

 private:
  wire::Parcel parsed() const {
    wire::Parcel parcel;
    QZ_ASSERT(parcel.ParseFromString(good_));
    return parcel;
  }
  static wire::ParcelHead head_of(const wire::Parcel& parcel) {
    wire::ParcelHead head;
    QZ_ASSERT(head.ParseFromString(parcel.head()));
    return head;
  }
  void sign(wire::Parcel& parcel, const Bytes& head) const {
    parcel.set_head(head);
    parcel.mutable_signature()->set_value(parties_.asker.signing.sign(seal::Purpose::parcel, head));
  }
  void write(const std::string& name, const wire::Parcel& parcel) {
    out_["bad/" + name + ".qzp"] = parcel.SerializeAsString();
  }

  const ParcelParties& parties_;
  const Bytes& good_;
  std::map<std::string, Bytes>& out_;
};

void flip(Bytes& octets, std::size_t at) { octets[at] = static_cast<char>(octets[at] ^ 1); }

void add_broken(const ParcelParties& parties, std::map<std::string, Bytes>& out) {
  const Bytes good = out.at("ask.qzp");
  Breaker broken(parties, good, out);
  broken.outer("flipped-head", [](wire::Parcel& parcel) { flip(*parcel.mutable_head(), 40); });
  broken.outer("flipped-body", [](wire::Parcel& parcel) { flip(*parcel.mutable_body(), 40); });
  broken.outer("flipped-signature",
               [](wire::Parcel& parcel) { flip(*parcel.mutable_signature()->mutable_value(), 9); });
  broken.outer("no-body", [](wire::Parcel& parcel) { parcel.clear_body(); });
  broken.outer("second-signature", [](wire::Parcel& parcel) { *parcel.mutable_second() = parcel.signature(); });
  broken.outer("unsigned-beside", [](wire::Parcel& parcel) {
    QZ_ASSERT(parcel.ParseFromString(parcel.SerializeAsString() + "\x2a\x01z"));
  });
  broken.outer("unsigned-in-signature", [](wire::Parcel& parcel) {
    QZ_ASSERT(parcel.mutable_signature()->ParseFromString(parcel.signature().SerializeAsString() + "\x1a\x01z"));
  });
  broken.outer("long-key-id", [](wire::Parcel& parcel) { parcel.mutable_signature()->set_key_id(Bytes(65, 'a')); });
  broken.outer("signed-as-letter", [&](wire::Parcel& parcel) {
    parcel.mutable_signature()->set_value(parties.asker.signing.sign(seal::Purpose::letter, parcel.head()));
  });
  broken.outer("signed-by-reader", [&](wire::Parcel& parcel) {
    parcel.mutable_signature()->set_key_id(parties.provider.signing.record().id);
    parcel.mutable_signature()->set_value(parties.provider.signing.sign(seal::Purpose::parcel, parcel.head()));
  });
  broken.inner("another-id", [](wire::ParcelHead& head) { head.set_id(Bytes(16, 'x')); });
  broken.inner("another-service", [](wire::ParcelHead& head) { head.set_service("commerce.other"); });
  broken.inner("another-key", [&](wire::ParcelHead& head) { head.set_key(parties.asker.encryption.record().id); });
  broken.inner("as-answer", [](wire::ParcelHead& head) { head.set_kind(wire::PARCEL_ANSWER); });
  broken.inner("no-basis", [](wire::ParcelHead& head) { head.clear_basis(); });
  broken.inner("no-questions", [](wire::ParcelHead& head) { head.clear_questions(); });
  broken.inner("endless", [](wire::ParcelHead& head) { head.set_deadline(head.deadline() + 366 * parcel_day); });
  broken.inner("short-id", [](wire::ParcelHead& head) { head.set_id("short"); });
  broken.signed_octets("unknown-field", [](const Bytes& head) { return head + Bytes("\x8a\x01\x01z", 4); });
  broken.signed_octets("second-kind", [](const Bytes& head) { return head + Bytes("\x08\x01", 2); });
  broken.signed_octets("cut-off", [](const Bytes& head) { return head.substr(0, head.size() - 1); });
  broken.body("small-order-point", Bytes(32, '\0') + Bytes(1040, 'c'));
  broken.body("too-short", Bytes(47, 'c'));
  broken.plain("no-padding", Bytes("\0\0\0\x02qq", 6));
  broken.plain("padding-too-long", Bytes("\0\0\0\x02qq", 6) + Bytes(2042, '\0'));
  broken.plain("padding-not-zero", Bytes("\0\0\0\x02qq", 6) + Bytes(1018, 'x'));
  broken.plain("length-beyond-end", Bytes("\0\0\x03\xfd", 4) + Bytes(1020, '\0'));
}

void add_good(const std::string& folder, const ParcelParties& parties, std::map<std::string, Bytes>& out) {
  CountingRandom random;
  wire::Parcel parcel;
  const seal::ParcelHead ask =
      seal::seal_parcel(golden_ask(), seal::encode_questions(two_questions()), parties.asker.signing,
                        parties.provider.encryption.record(), random, parcel);
  out[folder + "ask.qzp"] = parcel.SerializeAsString();
  // What follows names the frozen request, where there is one.
  seal::ParcelHead asked = ask;
  if (std::filesystem::exists(golden_folder() / "parcels" / (folder + "ask.qzp"))) {
    QZ_ASSERT(parcel.ParseFromString(read_golden("parcels/" + folder + "ask.qzp")));
    asked = seal::open_head(parcel, parties.directory);
  }
  seal::seal_parcel(golden_reply(asked, seal::ParcelKind::answer), seal::encode_answers(two_answers()),
                    parties.provider.signing, parties.asker.encryption.record(), random, parcel);
  out[folder + "answer.qzp"] = parcel.SerializeAsString();
  parcel.Clear();
  seal::seal_refusal(golden_reply(asked, seal::ParcelKind::refusal), parties.provider.signing, parcel);
  out[folder + "refusal.qzp"] = parcel.SerializeAsString();
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string text_of(const seal::ParcelHead& head) {
  return "digest " + head.digest.hex() + "\nkind " + std::to_string(static_cast<int>(head.kind)) + " id " +
         to_hex(head.id) + " from " + head.from + " to " + head.to + " service " + head.service + "\nmade " +
         std::to_string(head.made) + " deadline " + std::to_string(head.deadline) + " questions " +
         std::to_string(head.questions) + " directory " + std::to_string(head.directory_version) + "\npurpose " +
         or_dash(head.purpose) + " basis " + or_dash(head.basis) + " appeal " + or_dash(to_hex(head.appeal)) +
         " code " + or_dash(head.code) + "\nask " + or_dash(to_hex(head.ask_digest.bytes())) + " key " +
         or_dash(head.key) + "\n";
}

}  // namespace

ParcelParties parcel_parties(DigestSuite suite) {
  const bool is_sm = suite == DigestSuite::sm3;
  const GoldenKeys keys = golden_keys();
  const auto encryption = [&](const std::string& who) {
    const Bytes pem = read_golden("keys/" + who + (is_sm ? "-sm2.pem" : "-x25519.pem"));
    return seal::DecryptionKey::from_pem(pem).in_suite(suite);
  };
  const seal::SigningKey asker = is_sm ? keys.sm2 : seal::SigningKey::from_pem(read_golden("keys/asker.pem"));
  ParcelParties parties{
      {asker.in_suite(suite), encryption("asker")}, {keys.provider.in_suite(suite), encryption("provider")}, {}};
  for (const char* agent : {"housing-01", "commerce-01"}) {
    const ParcelParty& party = parties.named(agent);
    parties.directory.agents[agent] = {agent, agent, {}, party.signing.records(), true, {party.encryption.record()}};
  }
  return parties;
}

DigestSuite suite_of_parcel(const std::string& name) {
  return name.starts_with("sm3/") ? DigestSuite::sm3 : DigestSuite::sha256;
}

std::map<std::string, Bytes> make_parcels() {
  std::map<std::string, Bytes> out;
  add_good("", parcel_parties(DigestSuite::sha256), out);
  add_good("sm3/", parcel_parties(DigestSuite::sm3), out);
  add_broken(parcel_parties(DigestSuite::sha256), out);
  return out;
}

std::string describe_parcel(const std::string& name, const Bytes& octets) {
  const ParcelParties parties = parcel_parties(suite_of_parcel(name));
  wire::Parcel parcel;
  QZ_ASSERT(parcel.ParseFromString(octets));
  std::string text = name + "\n";
  try {
    const seal::ParcelHead head = seal::open_head(parcel, parties.directory);
    std::string content;
    if (head.kind != seal::ParcelKind::refusal)
      content = seal::open_body(parcel, head, parties.named(head.to).encryption);
    text += text_of(head) + "content " + or_dash(to_hex(content)) + "\n";
  } catch (const Error& error) {
    text += "refused " + error.code() + "\n";
  }
  return text;
}

Bytes without_random_parts(const Bytes& octets) {
  wire::Parcel parcel;
  wire::ParcelHead head;
  QZ_ASSERT(parcel.ParseFromString(octets) && head.ParseFromString(parcel.head()));
  head.clear_body_digest();
  parcel.set_head(head.SerializeAsString());
  parcel.clear_body();
  parcel.mutable_signature()->clear_value();
  return parcel.SerializeAsString();
}

}  // namespace qianzhi::test
