#include "hub-protocol/seal/letter.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/signatures.h"
#include "hub-protocol/wire/comparison.pb.h"

namespace qianzhi::seal {

namespace {

constexpr std::size_t print_size = 16;
constexpr std::uint32_t most_bits = 16;

[[noreturn]] void bad_letter(std::string_view what) { throw Error(ErrorKind::rejected, "QZ-SEAL-060", what); }

const KeyRecord* active_key(const AgentEntry& agent, const std::string& key_id) {
  for (const KeyRecord& key : agent.signing_keys)
    if (agent.enabled && key.id == key_id && key.state == KeyState::active) return &key;
  return nullptr;
}

// Of whomever: whose it is, the content says.
const KeyRecord* active_key(const Directory& directory, const std::string& key_id) {
  for (const auto& entry : directory.agents)
    if (const KeyRecord* const key = active_key(entry.second, key_id)) return key;
  return nullptr;
}

void check_buckets(const wire::Comparison& content) {
  const auto& buckets = content.buckets();
  if (!std::is_sorted(buckets.begin(), buckets.end()) ||
      std::adjacent_find(buckets.begin(), buckets.end()) != buckets.end() ||
      (!buckets.empty() && *buckets.rbegin() >= (1U << most_bits)))
    bad_letter("buckets");
}

void check_place(const wire::Place& place) {
  if (place.digest().size() != Digest::size || place.epoch() == 0 || place.sequence() == 0) bad_letter("place");
}

void check_step(const wire::Comparison& content) {
  const bool prints = content.rows().size() % (2 * print_size) == 0 && content.except().size() % print_size == 0 &&
                      content.extra().size() % print_size == 0 && content.changed().size() % print_size == 0;
  if (!prints) bad_letter("a tag or print of another length");
  check_buckets(content);
  switch (content.step()) {
    case wire::SUMS:
      check_place(content.place());
      if (content.bits() > most_bits || content.sums().size() != print_size << content.bits()) bad_letter("sums");
      return;
    case wire::READY:
    case wire::ROWS: return check_place(content.place());
    case wire::ASK:
    case wire::DIFFER:
    case wire::RESULT:
    case wire::BUSY: return;
    default: bad_letter("step");
  }
}

}  // namespace

void sign_letter(const wire::Comparison& content, const SigningKey& key, wire::Letter& letter) {
  letter.set_body(content.SerializeAsString());
  const auto sign = [&](const SigningKey& by, wire::Signature& signature) {
    signature.set_key_id(by.record().id);
    signature.set_value(by.sign(Purpose::letter, letter.body()));
  };
  sign(key, *letter.mutable_signature());
  if (key.second() != nullptr) sign(*key.second(), *letter.mutable_second());
}

void open_letter(const wire::Letter& letter, const Directory& directory, wire::Comparison& content) {
  if (letter.body().size() > letter_limit) bad_letter("too large");
  const std::string& key_id = letter.signature().key_id();
  const KeyRecord* const key = active_key(directory, key_id);
  if (key == nullptr) bad_letter("its key is not one of the directory");
  if (!verify(*key, Purpose::letter, letter.body(), letter.signature().value()))
    bad_letter("the signature does not hold");
  if (!content.ParseFromString(letter.body())) bad_letter("malformed body");
  const AgentEntry* const sender = directory.agent(content.from());
  if (sender == nullptr || active_key(*sender, key_id) == nullptr) bad_letter("signed by another agent");
  std::vector<SignatureView> signatures{{key_id, letter.signature().value()}};
  const std::string& second = letter.second().key_id();
  if (letter.has_second()) signatures.push_back({second, letter.second().value()});
  if (!judge_signatures(sender->signing_keys, Purpose::letter, letter.body(), key_id, second, signatures).holds())
    bad_letter("not signed as its sender must");
  check_letter(content);
}

void check_letter(const wire::Comparison& content) {
  const std::string& provider = content.stream().agent();
  if (content.stream().topic().empty() || provider.empty() || content.from() == content.to() ||
      (content.from() != provider && content.to() != provider) || content.to().empty())
    bad_letter("parties");
  if (content.conversation().size() != print_size) bad_letter("conversation");
  check_step(content);
}

}  // namespace qianzhi::seal
