#include "hub-protocol/seal/directory_trust.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/wire/enrol.pb.h"

namespace qianzhi::seal {

namespace {

constexpr std::size_t longest_chain = 100;

[[noreturn]] void distrust(const char* code, std::string_view what) { throw Error(ErrorKind::corrupt, code, what); }

bool is_retired(const DirectoryTrust& trust, const std::string& id) {
  return std::find(trust.retired.begin(), trust.retired.end(), id) != trust.retired.end();
}

void retire(DirectoryTrust& trust, const std::string& id) {
  if (!is_retired(trust, id)) trust.retired.push_back(id);
}

// A directory keeps its suite: streams and digests would not survive another.
void check_next(const KeyRecord& next, const DirectoryTrust& trust) {
  if (directory_suite(next) != trust.present.suite || next.role != KeyRole::alone || is_retired(trust, next.id))
    distrust("QZ-SEAL-082", to_text(next));
}

// Of a replacement that the root key signed, else nothing.
std::optional<wire::KeyReplacementBody> body_of(std::string_view replacement, const KeyRecord& root_key) {
  wire::KeyReplacement message;
  wire::KeyReplacementBody body;
  const bool is_signed = message.ParseFromArray(replacement.data(), static_cast<int>(replacement.size())) &&
                         message.signature().key_id() == root_key.id &&
                         verify(root_key, Purpose::key_replacement, message.body(), message.signature().value()) &&
                         body.ParseFromString(message.body());
  return is_signed ? std::optional(body) : std::nullopt;
}

}  // namespace

DirectoryTrust trust_in(const KeyRecord& pinned) { return {pinned, std::nullopt, {}, 0, pinned.id}; }

std::string signer_of(std::string_view signed_root) {
  wire::SignedRoot outer;
  if (!outer.ParseFromArray(signed_root.data(), static_cast<int>(signed_root.size())))
    distrust("QZ-SEAL-040", "malformed");
  return outer.signature().key_id();
}

std::optional<std::string> announced_by(std::string_view signed_root) {
  wire::SignedRoot outer;
  wire::DirectoryRoot root;
  if (!outer.ParseFromArray(signed_root.data(), static_cast<int>(signed_root.size())) ||
      !root.ParseFromString(outer.root()) || !root.has_next_key())
    return std::nullopt;
  return root.next_key().id();
}

TrustedRoot open_trusted(std::string_view signed_root, const DirectoryTrust& trust) {
  const std::string signer = signer_of(signed_root);
  if (is_retired(trust, signer)) distrust("QZ-SEAL-081", signer);
  const bool is_next = trust.next && trust.next->id == signer;
  if (!is_next && signer != trust.present.id) distrust("QZ-SEAL-080", signer);
  TrustedRoot result{{}, is_next ? *trust.next : trust.present, trust};
  result.root = open_root(signed_root, result.key);
  if (is_next) {
    retire(result.trust, trust.present.id);
    result.trust.present = *trust.next;
  }
  // What the newest root does not announce is announced no more.
  result.trust.next = result.root.next_key;
  if (result.trust.next) check_next(*result.trust.next, result.trust);
  return result;
}

DirectoryTrust follow_chain(std::span<const std::string> chain, DirectoryTrust trust, std::uint64_t version) {
  if (chain.size() > longest_chain) distrust("QZ-SEAL-083", "too long");
  for (const std::string& signed_root : chain) {
    TrustedRoot link = open_trusted(signed_root, trust);
    if (link.root.version < version || !link.root.next_key)
      distrust("QZ-SEAL-083", "version " + std::to_string(link.root.version) + " after " + std::to_string(version));
    version = link.root.version;
    trust = std::move(link.trust);
  }
  return trust;
}

DirectoryTrust replace_key(std::string_view replacement, const KeyRecord& root_key, DirectoryTrust trust) {
  const auto body = body_of(replacement, root_key);
  if (!body) distrust("QZ-SEAL-084", "not signed by the root key");
  if (body->number() <= trust.replacement) return trust;
  KeyRecord key = read_key(body->key(), trust.present.suite);
  key.state = KeyState::active;
  trust.replacement = body->number();
  if (key.id == trust.present.id) return trust;
  check_next(key, trust);
  retire(trust, trust.present.id);
  if (trust.next && trust.next->id != key.id) retire(trust, trust.next->id);
  trust.present = std::move(key);
  trust.next.reset();
  return trust;
}

DirectoryTrust past_replacement(std::string_view replacement, const KeyRecord& root_key, DirectoryTrust trust) {
  const auto body = body_of(replacement, root_key);
  if (body) trust.replacement = std::max<std::uint64_t>(trust.replacement, body->number());
  return trust;
}

Bytes seal_replacement(std::uint64_t number, const KeyRecord& key, Micros time, const SigningKey& root_key) {
  wire::KeyReplacementBody body;
  body.set_number(number);
  body.set_time(time);
  write_key(key, *body.mutable_key());
  wire::KeyReplacement message;
  message.set_body(body.SerializeAsString());
  message.mutable_signature()->set_key_id(root_key.record().id);
  message.mutable_signature()->set_value(root_key.sign(Purpose::key_replacement, message.body()));
  return message.SerializeAsString();
}

std::string replaced_by(std::string_view replacement) {
  wire::KeyReplacement message;
  wire::KeyReplacementBody body;
  const bool is_one = message.ParseFromArray(replacement.data(), static_cast<int>(replacement.size())) &&
                      body.ParseFromString(message.body());
  return is_one ? body.key().id() : std::string();
}

Bytes to_octets(const DirectoryTrust& trust) {
  wire::DirectoryTrustMessage message;
  write_key(trust.present, *message.mutable_present());
  if (trust.next) write_key(*trust.next, *message.mutable_next());
  for (const std::string& id : trust.retired) message.add_retired(id);
  message.set_replacement(trust.replacement);
  message.set_pinned(trust.pinned);
  return message.SerializeAsString();
}

DirectoryTrust trust_from(std::string_view octets, DigestSuite suite) {
  wire::DirectoryTrustMessage message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) distrust("QZ-SEAL-040", "malformed");
  DirectoryTrust trust{read_key(message.present(), suite),
                       std::nullopt,
                       {message.retired().begin(), message.retired().end()},
                       message.replacement(),
                       message.pinned()};
  if (message.has_next()) trust.next = read_key(message.next(), suite);
  return trust;
}

}  // namespace qianzhi::seal
