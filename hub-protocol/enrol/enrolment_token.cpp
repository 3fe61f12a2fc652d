// An agent comes in: from a token and keys to a certificate.
#include <algorithm>
#include <optional>

#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/request.h"
#include "hub-protocol/enrol/enrolment_state.h"
#include "hub-protocol/enrol/network.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::enrol {

namespace {

constexpr std::size_t most_tls_history = 50;

[[noreturn]] void refuse(const char* code, std::string_view detail) { throw Error(ErrorKind::rejected, code, detail); }

// Keys whose owner has shown that it has them, but for the encryption keys, which do not sign: the signing key vouches.
struct OfferedKeys {
  Bytes tls;  // SubjectPublicKeyInfo
  Digest tls_digest;
  KeyRecord signing;
  KeyRecord encryption;
  std::optional<KeyRecord> sm_encryption;

  Digest digest() const {
    const Bytes all = tls + signing.spki + encryption.spki + (sm_encryption ? sm_encryption->spki : Bytes());
    return seal::digest_of(all, DigestSuite::sha256);
  }
  // What content is sealed to in a directory of this suite. Who has not made the right one is sealed nothing.
  const KeyRecord& encryption_in(DigestSuite suite) const {
    return suite == DigestSuite::sm3 && sm_encryption ? *sm_encryption : encryption;
  }
};

KeyRecord record_from(const wire::KeyMessage& message) {
  try {
    KeyRecord record = seal::read_key(message, DigestSuite::sha256);
    record.state = KeyState::active;
    return record;
  } catch (const Error& error) {
    refuse("QZ-HUB-227", error.detail());
  }
}

KeyRecord encryption_from(const wire::KeyMessage& message, seal::EncryptionAlgorithm algorithm,
                          const KeyRecord& signing) {
  KeyRecord key = record_from(message);
  if (key.algorithm != seal::name_of(algorithm) || !seal::fault_of_encryption_key(key).empty())
    refuse("QZ-HUB-227", "an encryption key must be " + std::string(seal::name_of(algorithm)));
  if (key.spki == signing.spki) refuse("QZ-HUB-227", "the encryption key is the signing key");
  return key;
}

OfferedKeys offered_by(const wire::EnrolRequest& request, const wire::EnrolBody& body) {
  OfferedKeys keys;
  keys.signing = record_from(body.signing_key());
  if (keys.signing.role != KeyRole::alone) refuse("QZ-HUB-227", "the signing key must sign alone");
  keys.encryption = encryption_from(body.encryption_key(), seal::EncryptionAlgorithm::x25519, keys.signing);
  if (body.has_sm_encryption_key())
    keys.sm_encryption = encryption_from(body.sm_encryption_key(), seal::EncryptionAlgorithm::sm2, keys.signing);
  if (request.signature().key_id() != keys.signing.id ||
      !seal::verify(keys.signing, seal::Purpose::enrol, request.body(), request.signature().value()))
    refuse("QZ-HUB-227", "the request is not signed by its signing key");
  keys.tls = ca::key_of_request(body.certificate_request());
  keys.tls_digest = seal::digest_of(keys.tls, DigestSuite::sha256);
  return keys;
}

// The member whose token this is. Every token is compared, however early one fits.
Member* holder_of(std::vector<Member>& members, std::string_view secret) {
  const Bytes hash = ca::hash_of_secret(secret).bytes();
  Member* holder = nullptr;
  for (Member& member : members)
    if (ca::same_secret(member.enrolment.token().hash(), hash)) holder = &member;
  return holder;
}

void add_key(const KeyRecord& record, DigestSuite suite, wire::KeyMessage& message) {
  seal::write_key(seal::in_suite(record, suite), message);
}

// What a re-enrolment leaves behind: old TLS keys end, old signing keys may still clear what they sealed.
void install(Member& member, const OfferedKeys& keys, DigestSuite suite, Micros now) {
  end_all_tls_keys(member, ca::Reason::superseded, now);
  end_other_keys(member, KeyState::retired);
  add_key(keys.signing, suite, *member.agent.add_signing_keys());
  member.agent.clear_encryption_keys();
  add_key(keys.encryption_in(suite), suite, *member.agent.add_encryption_keys());
}

void check_token(const TokenMessage& token, const std::string& address, Micros now) {
  if (!token.network().empty() && !contains(token.network(), address)) refuse("QZ-HUB-226", token.network());
  if (token.used() == 0 && now >= token.expires()) refuse("QZ-HUB-224", to_text(token.expires()));
}

}  // namespace

TlsKeyMessage* accepted_key(Member& member, const Digest& digest) {
  for (TlsKeyMessage& key : *member.enrolment.mutable_tls_keys())
    if (key.ended() == 0 && key.digest() == digest.bytes()) return &key;
  return nullptr;
}

void end_tls_key(Member& member, TlsKeyMessage& key, ca::Reason reason, Micros now) {
  key.set_ended(now);
  key.set_reason(static_cast<int>(reason));
  key.clear_chain();
  auto& accepted = *member.agent.mutable_tls_keys();
  accepted.erase(std::remove(accepted.begin(), accepted.end(), key.digest()), accepted.end());
}

void end_all_tls_keys(Member& member, ca::Reason reason, Micros now) {
  for (TlsKeyMessage& key : *member.enrolment.mutable_tls_keys())
    if (key.ended() == 0) end_tls_key(member, key, reason, now);
}

void end_other_keys(Member& member, KeyState state) {
  const auto end = [&](auto& keys) {
    for (wire::KeyMessage& key : keys)
      if (key.state() < static_cast<std::uint32_t>(state)) key.set_state(static_cast<std::uint32_t>(state));
  };
  end(*member.agent.mutable_signing_keys());
  end(*member.agent.mutable_encryption_keys());
}

void Enrolment::State::require_free(const registry::View& view, const Directory& in_force, const std::string& agent,
                                    const Digest& tls_key, const std::string& signing_key) {
  for (const auto& [id, entry] : in_force.agents) {
    if (entry.tls_keys.count(tls_key) != 0) refuse("QZ-HUB-228", "TLS key");
    for (const KeyRecord& key : entry.signing_keys)
      if (key.id == signing_key) refuse("QZ-HUB-228", "signing key");
  }
  for (const Member& member : load_all(view)) {
    for (const TlsKeyMessage& key : member.enrolment.tls_keys())
      if (key.digest() == tls_key.bytes()) refuse("QZ-HUB-228", "TLS key, " + agent);
    for (const wire::KeyMessage& key : member.agent.signing_keys())
      if (key.id() == signing_key) refuse("QZ-HUB-228", "signing key, " + agent);
  }
}

void Enrolment::State::issue(Member& member, std::string_view spki, const Digest& digest) {
  const Micros now = clock.now();
  const ca::Issued issued = authority->issue(spki, member.agent.id(), now, policy.certificate_life);
  auto& keys = *member.enrolment.mutable_tls_keys();
  // Those that have expired need not be on a revocation list any more.
  keys.erase(std::remove_if(keys.begin(), keys.end(),
                            [&](const TlsKeyMessage& key) {
                              return key.ended() != 0 &&
                                     key.not_after()<now&& static_cast<std::size_t>(keys.size())> most_tls_history;
                            }),
             keys.end());
  TlsKeyMessage& key = *member.enrolment.add_tls_keys();
  key.set_digest(digest.bytes());
  key.set_serial(issued.serial);
  key.set_not_before(issued.not_before);
  key.set_not_after(issued.not_after);
  key.set_chain(issued.chain);
  key.set_issued(now);
  member.agent.add_tls_keys(digest.bytes());
}

wire::EnrolReply Enrolment::State::answer(const Member& member, const Digest& tls_key) const {
  wire::EnrolReply reply;
  reply.set_agent(member.agent.id());
  reply.set_department(member.agent.department());
  for (const TlsKeyMessage& key : member.enrolment.tls_keys())
    if (key.ended() == 0 && key.digest() == tls_key.bytes()) reply.set_certificate(key.chain());
  reply.set_waits(member.stage() == Stage::waits);
  reply.set_time(clock.now());
  return reply;
}

wire::EnrolReply Enrolment::enrol(const std::string& address, const wire::EnrolRequest& request,
                                  const Directory& in_force) {
  State& state = *state_;
  const audit::Actor stranger{audit::ActorKind::unknown, address};
  const Attempts::Verdict verdict = state.attempts.judge(address, state.clock.steady());
  if (verdict != Attempts::Verdict::go_on) {
    if (verdict == Attempts::Verdict::first_refused) state.registry.note({stranger, "agent.enrol", "", "QZ-HUB-229"});
    throw Error(ErrorKind::unavailable, "QZ-HUB-229", address);
  }
  wire::EnrolReply reply;
  std::string agent;
  try {
    state.require_authority();
    wire::EnrolBody body;
    if (!body.ParseFromString(request.body()) || body.secret().size() != ca::secret_octets)
      refuse("QZ-HUB-227", "malformed");
    state.registry.change(stranger, [&](registry::Change& change) {
      std::vector<Member> members = State::load_all(change);
      Member* member = holder_of(members, body.secret());
      if (member == nullptr) refuse("QZ-HUB-223", "");
      agent = member->agent.id();
      TokenMessage& token = *member->enrolment.mutable_token();
      check_token(token, address, change.now());
      const OfferedKeys keys = offered_by(request, body);
      if (token.used() != 0) {
        const bool is_repeat = token.keys() == keys.digest().bytes() && accepted_key(*member, keys.tls_digest) &&
                               change.now() < token.used() + state.policy.repeat_within;
        if (!is_repeat) refuse("QZ-HUB-225", to_text(token.used()));
      } else {
        State::require_free(change, in_force, agent, keys.tls_digest, seal::in_suite(keys.signing, state.suite).id);
        install(*member, keys, state.suite, change.now());
        state.issue(*member, keys.tls, keys.tls_digest);
        token.set_used(change.now());
        token.set_keys(keys.digest().bytes());
        member->enrolment.clear_approved_by();
        member->enter(state.policy.second_officer ? Stage::waits : Stage::active);
        State::save(change, *member);
      }
      reply = state.answer(*member, keys.tls_digest);
      change.note({{},
                   "agent.enrol",
                   "agent " + agent,
                   "",
                   "",
                   "",
                   {{"tls_key", keys.tls_digest.hex()}, {"signing_key", keys.signing.id}}});
    });
  } catch (const Error& error) {
    state.attempts.refused(address);
    state.registry.note({stranger, "agent.enrol", agent.empty() ? "" : "agent " + agent, error.code()});
    throw;
  }
  state.look();
  return reply;
}

}  // namespace qianzhi::enrol
