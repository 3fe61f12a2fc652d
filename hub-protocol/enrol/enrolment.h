// The life of an agent at the hub: invited with a token, enrolled with keys that it made itself, approved by a second
// officer where policy asks for one, renewed, disabled, revoked. Everything is kept in the registry, each step with its
// entry in the audit trail; the directory is published by the caller afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub-protocol/ca/authority.h"
#include "hub-protocol/ca/token.h"
#include "hub-protocol/enrol/attempts.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/registry/registry.h"
#include "hub-protocol/wire/enrol.pb.h"

namespace qianzhi::enrol {

// Frozen: stored.
enum class Stage : std::uint8_t {
  invited = 0,   // no keys yet
  waits = 1,     // with keys, for the second officer
  active = 2,    // in the directory
  disabled = 3,  // may come back as it was
  revoked = 4,   // comes back with a new token and new keys only
};
std::string_view name_of(Stage stage);

struct Policy {
  Micros certificate_life = 60 * ca::day;
  bool second_officer = false;
  Micros token_life = ca::day;
  Micros repeat_within = 3'600'000'000;  // after its use a token gets the same answer again, for the same keys
  Micros overlap = 60'000'000;           // an old TLS key lives on after the first use of the new one
  Micros unused_after = ca::day;         // a certificate nobody ever used is taken back
  std::size_t tls_keys = 4;              // that one agent may have at a time
};

struct AgentStatus {
  std::string id;
  std::string department;
  Stage stage = Stage::invited;
  std::string added_by;
  std::string approved_by;
  Micros not_after = 0;      // of its newest accepted certificate; 0: none
  Micros token_expires = 0;  // 0: no token waits to be used
  std::vector<KeyRecord> signing_keys;
};

// seen() and is_open() may come from any thread; all other calls exclude each other. What is given here must outlive
// it.
class Enrolment {
 public:
  Enrolment(registry::Registry& registry, DigestSuite suite, const Clock& clock, Random& random, Policy policy = {});
  ~Enrolment();

  // Of the configuration in force. authority: none where agents' certificates come from elsewhere.
  void use(std::optional<ca::Authority> authority, Policy policy);

  // Officers. Each throws Error(misuse): QZ-HUB-060 there is no such agent here, QZ-HUB-220 no authority, QZ-HUB-232
  // the agent's stage does not allow it.
  // The secret of a new agent's token. network: "" or as is_network(). Throws Error(misuse, QZ-HUB-238): it is there.
  Bytes add(const audit::Actor& actor, const std::string& agent, const std::string& department,
            const std::string& network);
  // A new token for an agent that is there: to enrol again with new keys. An older one is void.
  Bytes invite(const audit::Actor& actor, const std::string& agent, const std::string& network);
  // Throws Error(misuse): QZ-HUB-230 by who invited it, QZ-HUB-231 it does not wait.
  void approve(const audit::Actor& actor, const std::string& agent);
  void disable(const audit::Actor& actor, const std::string& agent, const std::string& reason);
  void enable(const audit::Actor& actor, const std::string& agent);
  // All its TLS certificates end. key_compromise: its signing keys are revoked, which devalues what they sealed unless
  // a later key vouches for it; else they are retired.
  void revoke(const audit::Actor& actor, const std::string& agent, ca::Reason why, const std::string& reason);
  // The signing or TLS key whose id begins like this (8 characters or more). Returns the whole id. Throws Error(misuse,
  // QZ-HUB-233) unless there is exactly one.
  std::string end_key(const audit::Actor& actor, const std::string& agent, const std::string& key, KeyState state);
  std::vector<AgentStatus> list() const;

  // Whether anybody holds a token that is good now: else callers without a certificate need not be heard.
  bool is_open() const;
  // Throws Error(rejected), each refusal with an entry in the audit trail: QZ-HUB-222 to 229. The caller adds the
  // directory's keys to the reply. in_force: to see that no key is another agent's.
  wire::EnrolReply enrol(const std::string& address, const wire::EnrolRequest& request, const Directory& in_force);
  // agent: by its TLS identity. Throws Error(rejected): QZ-HUB-220, 222, 227, 228, 232, 234.
  wire::RenewReply renew(const std::string& agent, const wire::RenewRequest& request, const Directory& in_force);
  // A handshake of this agent with this key (SHA-256 of the SubjectPublicKeyInfo) succeeded.
  void seen(const std::string& agent, const Digest& tls_key);
  // Ends what has had its time. True: the directory changed.
  bool tend();

  // Of certificates that have not expired, and a number that grows with each.
  std::vector<ca::Revocation> revoked() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::enrol
