// What the parts of Enrolment share. Internal to this folder.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "hub-protocol/enrol/enrolment.h"
#include "hub-protocol/enrol/enrolment.pb.h"
#include "hub-protocol/wire/directory.pb.h"

namespace qianzhi::enrol {

struct Member {
  EnrolmentMessage enrolment;
  wire::AgentMessage agent;

  Stage stage() const { return static_cast<Stage>(enrolment.stage()); }
  void enter(Stage stage) {
    enrolment.set_stage(static_cast<std::uint32_t>(stage));
    agent.set_enabled(stage == Stage::active);
  }
};

struct Enrolment::State {
  State(registry::Registry& the_registry, DigestSuite the_suite, const Clock& the_clock, Random& the_random)
      : registry(the_registry), suite(the_suite), clock(the_clock), random(the_random) {}

  registry::Registry& registry;
  DigestSuite suite;
  const Clock& clock;
  Random& random;
  std::optional<ca::Authority> authority;
  Policy policy;
  Attempts attempts;

  mutable std::mutex lock;                          // of what follows
  std::map<std::string, Micros> tokens;             // agent -> until when its token gets an answer
  std::set<std::pair<std::string, Digest>> unused;  // TLS keys that nobody has used yet

  // Throws Error(misuse, QZ-HUB-060).
  static Member load(const registry::View& view, const std::string& agent);
  static std::vector<Member> load_all(const registry::View& view);
  // One change of an agent that is there, with its entry.
  void change(const audit::Actor& actor, const std::string& agent, audit::Entry entry,
              const std::function<void(Member&)>& make);
  static void save(registry::Change& change, const Member& member);
  // Reads `tokens` and `unused` from the registry again.
  void look();
  void require_authority() const;

  // A certificate for this key; the caller has checked that the key is nobody's.
  void issue(Member& member, std::string_view spki, const Digest& digest);
  // Throws Error(rejected, QZ-HUB-228) if another agent has it, or this one ever had it and it ended.
  static void require_free(const registry::View& view, const Directory& in_force, const std::string& agent,
                           const Digest& tls_key, const std::string& signing_key);
  wire::EnrolReply answer(const Member& member, const Digest& tls_key) const;
  bool end_old_keys(Member& member, Micros now) const;
};

// Ends this key; the agent's own list follows.
void end_tls_key(Member& member, TlsKeyMessage& key, ca::Reason reason, Micros now);
// The accepted key of this digest, or null.
TlsKeyMessage* accepted_key(Member& member, const Digest& digest);
void end_all_tls_keys(Member& member, ca::Reason reason, Micros now);
// Signing and encryption keys that are active.
void end_other_keys(Member& member, KeyState state);
// Random octets of a token for this member.
Bytes give_token(Member& member, const std::string& network, Micros expires, Random& random);

}  // namespace qianzhi::enrol
