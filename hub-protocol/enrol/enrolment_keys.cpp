// Keys of an agent that is in: renewed, seen, ended.
#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/request.h"
#include "hub-protocol/enrol/enrolment_state.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::enrol {

namespace {

constexpr int most_signing_keys = 40;

[[noreturn]] void decline(const char* code, std::string_view detail) { throw Error(ErrorKind::rejected, code, detail); }

wire::KeyMessage* signing_key(Member& member, const std::string& id) {
  for (wire::KeyMessage& key : *member.agent.mutable_signing_keys())
    if (key.id() == id) return &key;
  return nullptr;
}

template <typename Body>
KeyRecord next_key_of(const Body& body, DigestSuite suite) {
  try {
    KeyRecord record = seal::read_key(body.next(), suite);
    record.state = KeyState::active;
    return record;
  } catch (const Error& error) {
    decline("QZ-HUB-227", error.detail());
  }
}

bool holds(const KeyRecord& key, const wire::SigningChange& change, const wire::Signature& signature) {
  return signature.key_id() == key.id && seal::verify(key, seal::Purpose::key_change, change.body(), signature.value());
}

// The old key stays registered as retired: it may clear what it sealed, and its streams end it by themselves once the
// new one was used there.
void change_signing_key(Member& member, const wire::SigningChange& change, DigestSuite suite,
                        const std::function<void(const std::string&)>& require_free) {
  wire::SigningChangeBody body;
  if (!body.ParseFromString(change.body()) || body.agent() != member.agent.id()) decline("QZ-HUB-227", "malformed");
  wire::KeyMessage* present = signing_key(member, body.present());
  if (present == nullptr) decline("QZ-HUB-227", "the key to replace is not registered");
  const KeyRecord present_record = seal::read_key(*present, suite);
  const KeyRecord next = next_key_of(body, suite);
  const wire::KeyMessage* known = signing_key(member, next.id);
  const bool is_repeat = known != nullptr && known->state() == 0 && present_record.state == KeyState::retired;
  if (!is_repeat && present_record.state != KeyState::active) decline("QZ-HUB-227", "the key to replace is not active");
  if (present_record.role != KeyRole::alone || next.role != KeyRole::alone || next.algorithm == "x25519")
    decline("QZ-HUB-227", "only a key that signs alone is replaced this way");
  if (!holds(present_record, change, change.by_present()) || !holds(next, change, change.by_next()))
    decline("QZ-HUB-227", "not signed by both keys");
  if (is_repeat) return;
  require_free(next.id);
  if (member.agent.signing_keys_size() >= most_signing_keys) decline("QZ-HUB-234", "too many signing keys");
  present->set_state(static_cast<std::uint32_t>(KeyState::retired));
  seal::write_key(next, *member.agent.add_signing_keys());
}

bool is_signed_by_member(Member& member, const wire::EncryptionChange& change, DigestSuite suite) {
  const wire::KeyMessage* message = signing_key(member, change.signature().key_id());
  if (message == nullptr) return false;
  const KeyRecord key = seal::read_key(*message, suite);
  return key.state == KeyState::active && key.role == KeyRole::alone &&
         seal::verify(key, seal::Purpose::encryption_change, change.body(), change.signature().value());
}

// The directory names the new one alone: what was sealed to the one before it is opened by the agent, which keeps it.
// Returns the new key's id.
std::string change_encryption_key(Member& member, const wire::EncryptionChange& change, DigestSuite suite) {
  wire::EncryptionChangeBody body;
  if (!body.ParseFromString(change.body()) || body.agent() != member.agent.id()) decline("QZ-HUB-227", "malformed");
  const KeyRecord next = next_key_of(body, suite);
  if (next.algorithm != seal::name_of(seal::encryption_algorithm(suite)) ||
      !seal::fault_of_encryption_key(next).empty())
    decline("QZ-HUB-227", "the directory seals with another algorithm");
  if (!is_signed_by_member(member, change, suite)) decline("QZ-HUB-227", "not signed by an active signing key");
  for (const wire::KeyMessage& key : member.agent.signing_keys())
    if (key.spki() == body.next().spki()) decline("QZ-HUB-227", "the encryption key is a signing key");
  const auto& held = member.agent.encryption_keys();
  const auto names = [](const auto& keys, const std::string& id) {
    return std::any_of(keys.begin(), keys.end(), [&](const wire::KeyMessage& key) { return key.id() == id; });
  };
  if (names(held, next.id)) return next.id;  // the answer was lost
  if (!names(held, body.present())) decline("QZ-HUB-227", "the key to replace is not registered");
  member.agent.clear_encryption_keys();
  seal::write_key(next, *member.agent.add_encryption_keys());
  return next.id;
}

}  // namespace

wire::RenewReply Enrolment::renew(const std::string& agent, const wire::RenewRequest& request,
                                  const Directory& in_force) {
  State& state = *state_;
  wire::RenewReply reply;
  reply.set_time(state.clock.now());
  if (!state.authority) decline("QZ-HUB-220", "hub.ca");
  const audit::Actor actor{audit::ActorKind::agent, agent};
  try {
    state.registry.change(actor, [&](registry::Change& change) {
      if (!change.find(registry::kind::enrolment, agent)) decline("QZ-HUB-220", agent);
      Member member = State::load(change, agent);
      if (member.stage() != Stage::active) decline("QZ-HUB-232", std::string(name_of(member.stage())));
      audit::Entry entry{{}, "agent.renew", "agent " + agent, ""};
      if (!request.certificate_request().empty()) {
        const Bytes spki = ca::key_of_request(request.certificate_request());
        const Digest digest = seal::digest_of(spki, DigestSuite::sha256);
        const TlsKeyMessage* known = accepted_key(member, digest);
        if (known == nullptr) {
          State::require_free(change, in_force, agent, digest, "");
          if (static_cast<std::size_t>(member.agent.tls_keys_size()) >= state.policy.tls_keys)
            decline("QZ-HUB-234", std::to_string(member.agent.tls_keys_size()) + " TLS keys");
          state.issue(member, spki, digest);
          known = accepted_key(member, digest);
        }
        reply.set_certificate(known->chain());
        entry.details.emplace_back("tls_key", digest.hex());
      }
      if (request.has_signing()) {
        change_signing_key(member, request.signing(), state.suite,
                           [&](const std::string& id) { State::require_free(change, in_force, agent, {}, id); });
        entry.details.emplace_back("signing_key", request.signing().by_next().key_id());
      }
      if (request.has_encryption())
        entry.details.emplace_back("encryption_key", change_encryption_key(member, request.encryption(), state.suite));
      State::save(change, member);
      change.note(std::move(entry));
    });
  } catch (const Error& error) {
    state.registry.note({actor, "agent.renew", "agent " + agent, error.code()});
    throw;
  }
  state.look();
  return reply;
}

void Enrolment::seen(const std::string& agent, const Digest& tls_key) {
  State& state = *state_;
  {
    const std::lock_guard guard(state.lock);
    if (state.unused.erase({agent, tls_key}) == 0) return;
  }
  state.registry.change({audit::ActorKind::agent, agent}, [&](registry::Change& change) {
    Member member = State::load(change, agent);
    if (TlsKeyMessage* key = accepted_key(member, tls_key); key != nullptr && key->used() == 0)
      key->set_used(change.now());
    State::save(change, member);
    change.note({{}, "agent.tls_key_used", "agent " + agent, "", "", "", {{"tls_key", tls_key.hex()}}});
  });
}

// Keys stand in the order of their issue. Of those in use the newest stays; those before it end a little after it was
// first used. One that was never used is taken back instead, so that an answer that never arrived locks nobody out.
bool Enrolment::State::end_old_keys(Member& member, Micros now) const {
  const TlsKeyMessage* newest = nullptr;
  for (const TlsKeyMessage& key : member.enrolment.tls_keys())
    if (key.ended() == 0 && key.used() != 0) newest = &key;
  bool changed = false;
  bool is_before = true;
  for (TlsKeyMessage& key : *member.enrolment.mutable_tls_keys()) {
    if (&key == newest) is_before = false;
    if (key.ended() != 0 || &key == newest || newest == nullptr) continue;
    const bool is_old = is_before && now >= newest->used() + policy.overlap;
    const bool is_unused = key.used() == 0 && now >= key.issued() + policy.unused_after;
    if (!is_old && !is_unused) continue;
    end_tls_key(member, key, ca::Reason::superseded, now);
    changed = true;
  }
  return changed;
}

bool Enrolment::tend() {
  State& state = *state_;
  std::vector<std::string> due;
  state.registry.read([&](const registry::View& view) {
    for (Member& member : State::load_all(view))
      if (state.end_old_keys(member, state.clock.now())) due.push_back(member.agent.id());
  });
  for (const std::string& agent : due)
    state.change({audit::ActorKind::hub, ""}, agent, {{}, "agent.tls_key_ended", "", ""},
                 [&](Member& member) { state.end_old_keys(member, state.clock.now()); });
  return !due.empty();
}

std::vector<ca::Revocation> Enrolment::revoked() const {
  std::vector<ca::Revocation> all;
  const Micros now = state_->clock.now();
  state_->registry.read([&](const registry::View& view) {
    for (const Member& member : State::load_all(view))
      for (const TlsKeyMessage& key : member.enrolment.tls_keys())
        if (key.ended() != 0 && key.not_after() > now)
          all.push_back({key.serial(), key.ended(), static_cast<ca::Reason>(key.reason())});
  });
  return all;
}

}  // namespace qianzhi::enrol
