#include "hub-protocol/enrol/enrolment.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/enrol/enrolment_state.h"

namespace qianzhi::enrol {

namespace {

constexpr std::size_t least_prefix = 8;

std::string subject_of(const std::string& agent) { return "agent " + agent; }

std::string officer_of(const audit::Actor& actor) {
  return std::to_string(static_cast<int>(actor.kind)) + ":" + actor.name;
}

[[noreturn]] void wrong_stage(const Member& member) {
  throw Error(ErrorKind::misuse, "QZ-HUB-232", member.agent.id() + ": " + std::string(name_of(member.stage())));
}

void require_stage(const Member& member, std::initializer_list<Stage> allowed) {
  if (std::find(allowed.begin(), allowed.end(), member.stage()) == allowed.end()) wrong_stage(member);
}

bool is_accepted(const TlsKeyMessage& key) { return key.ended() == 0; }

}  // namespace

std::string_view name_of(Stage stage) {
  static constexpr std::string_view names[] = {"invited", "waits", "active", "disabled", "revoked"};
  return names[static_cast<std::size_t>(stage)];
}

Bytes give_token(Member& member, const std::string& network, Micros expires, Random& random) {
  Bytes secret = random.bytes(ca::secret_octets);
  TokenMessage& token = *member.enrolment.mutable_token();
  token.Clear();
  token.set_hash(ca::hash_of_secret(secret).bytes());
  token.set_expires(expires);
  token.set_network(network);
  return secret;
}

Member Enrolment::State::load(const registry::View& view, const std::string& agent) {
  const auto enrolment = view.find(registry::kind::enrolment, agent);
  const auto entry = view.find(registry::kind::agent, agent);
  if (!enrolment || !entry) throw Error(ErrorKind::misuse, "QZ-HUB-060", subject_of(agent));
  Member member;
  if (!member.enrolment.ParseFromString(enrolment->body) || !member.agent.ParseFromString(entry->body) ||
      member.enrolment.stage() > static_cast<std::uint32_t>(Stage::revoked))
    throw Error(ErrorKind::corrupt, "QZ-HUB-061", subject_of(agent));
  return member;
}

std::vector<Member> Enrolment::State::load_all(const registry::View& view) {
  std::vector<Member> members;
  for (const registry::Record& record : view.all(registry::kind::enrolment)) members.push_back(load(view, record.id));
  return members;
}

void Enrolment::State::save(registry::Change& change, const Member& member) {
  change.put(registry::kind::enrolment, member.agent.id(), member.enrolment.SerializeAsString());
  change.put(registry::kind::agent, member.agent.id(), member.agent.SerializeAsString());
}

void Enrolment::State::change(const audit::Actor& actor, const std::string& agent, audit::Entry entry,
                              const std::function<void(Member&)>& make) {
  registry.change(actor, [&](registry::Change& change) {
    Member member = load(change, agent);
    make(member);
    save(change, member);
    entry.subject = subject_of(agent);
    change.note(std::move(entry));
  });
  look();
}

void Enrolment::State::look() {
  std::map<std::string, Micros> live;
  std::set<std::pair<std::string, Digest>> waiting;
  registry.read([&](const registry::View& view) {
    for (const Member& member : load_all(view)) {
      const TokenMessage& token = member.enrolment.token();
      if (token.used() != 0)
        live[member.agent.id()] = token.used() + policy.repeat_within;
      else if (token.expires() != 0)
        live[member.agent.id()] = token.expires();
      for (const TlsKeyMessage& key : member.enrolment.tls_keys())
        if (is_accepted(key) && key.used() == 0) waiting.emplace(member.agent.id(), Digest::from_bytes(key.digest()));
    }
  });
  const std::lock_guard guard(lock);
  tokens = std::move(live);
  unused = std::move(waiting);
}

void Enrolment::State::require_authority() const {
  if (!authority) throw Error(ErrorKind::misuse, "QZ-HUB-220", "hub.ca");
}

Enrolment::Enrolment(registry::Registry& registry, DigestSuite suite, const Clock& clock, Random& random, Policy policy)
    : state_(std::make_unique<State>(registry, suite, clock, random)) {
  state_->policy = policy;
  state_->look();
}

Enrolment::~Enrolment() = default;

void Enrolment::use(std::optional<ca::Authority> authority, Policy policy) {
  state_->authority = std::move(authority);
  state_->policy = policy;
  state_->look();
}

Bytes Enrolment::add(const audit::Actor& actor, const std::string& agent, const std::string& department,
                     const std::string& network) {
  State& state = *state_;
  state.require_authority();
  Bytes secret;
  state.registry.change(actor, [&](registry::Change& change) {
    if (change.find(registry::kind::agent, agent)) throw Error(ErrorKind::misuse, "QZ-HUB-238", agent);
    Member member;
    member.agent.set_id(agent);
    member.agent.set_department(department);
    member.enrolment.set_added_by(officer_of(actor));
    member.enter(Stage::invited);
    secret = give_token(member, network, change.now() + state.policy.token_life, state.random);
    State::save(change, member);
    change.note({{}, "agent.add", subject_of(agent), "", "", "", {{"department", department}, {"network", network}}});
  });
  state.look();
  return secret;
}

Bytes Enrolment::invite(const audit::Actor& actor, const std::string& agent, const std::string& network) {
  State& state = *state_;
  state.require_authority();
  Bytes secret;
  state.change(actor, agent, {{}, "agent.invite", "", "", "", "", {{"network", network}}}, [&](Member& member) {
    // Who asks for new keys is who must not approve them.
    member.enrolment.set_added_by(officer_of(actor));
    secret = give_token(member, network, state.clock.now() + state.policy.token_life, state.random);
  });
  return secret;
}

void Enrolment::approve(const audit::Actor& actor, const std::string& agent) {
  state_->change(actor, agent, {{}, "agent.approve", "", ""}, [&](Member& member) {
    if (member.stage() != Stage::waits)
      throw Error(ErrorKind::misuse, "QZ-HUB-231", agent + ": " + std::string(name_of(member.stage())));
    if (member.enrolment.added_by() == officer_of(actor)) throw Error(ErrorKind::misuse, "QZ-HUB-230", actor.name);
    member.enrolment.set_approved_by(officer_of(actor));
    member.enter(Stage::active);
  });
}

void Enrolment::disable(const audit::Actor& actor, const std::string& agent, const std::string& reason) {
  state_->change(actor, agent, {{}, "agent.disable", "", "", "", "", {{"reason", reason}}}, [&](Member& member) {
    require_stage(member, {Stage::active});
    member.enrolment.set_reason(reason);
    member.enter(Stage::disabled);
  });
}

void Enrolment::enable(const audit::Actor& actor, const std::string& agent) {
  state_->change(actor, agent, {{}, "agent.enable", "", ""}, [&](Member& member) {
    require_stage(member, {Stage::disabled});
    member.enrolment.clear_reason();
    member.enter(Stage::active);
  });
}

void Enrolment::revoke(const audit::Actor& actor, const std::string& agent, ca::Reason why, const std::string& reason) {
  const bool is_compromised = why == ca::Reason::key_compromise;
  audit::Entry entry{{}, "agent.revoke", "", "", "", "", {{"why", is_compromised ? "compromise" : "cessation"}}};
  if (!reason.empty()) entry.details.emplace_back("reason", reason);
  state_->change(actor, agent, std::move(entry), [&](Member& member) {
    if (member.stage() == Stage::revoked) wrong_stage(member);
    end_all_tls_keys(member, why, state_->clock.now());
    end_other_keys(member, is_compromised ? KeyState::revoked : KeyState::retired);
    member.enrolment.clear_token();
    member.enrolment.set_reason(reason);
    member.enter(Stage::revoked);
  });
}

std::string Enrolment::end_key(const audit::Actor& actor, const std::string& agent, const std::string& key,
                               KeyState state) {
  std::string id;
  const auto fits = [&](const std::string& candidate) {
    return key.size() >= least_prefix && candidate.compare(0, key.size(), key) == 0;
  };
  state_->registry.change(actor, [&](registry::Change& change) {
    Member member = State::load(change, agent);
    std::vector<wire::KeyMessage*> signing;
    std::vector<TlsKeyMessage*> tls;
    for (wire::KeyMessage& candidate : *member.agent.mutable_signing_keys())
      if (fits(candidate.id())) signing.push_back(&candidate);
    for (TlsKeyMessage& candidate : *member.enrolment.mutable_tls_keys())
      if (is_accepted(candidate) && fits(Digest::from_bytes(candidate.digest()).hex())) tls.push_back(&candidate);
    if (signing.size() + tls.size() != 1) throw Error(ErrorKind::misuse, "QZ-HUB-233", agent + " " + key);
    if (!signing.empty()) {
      id = signing[0]->id();
      // A revoked key stays revoked.
      if (signing[0]->state() < static_cast<std::uint32_t>(state))
        signing[0]->set_state(static_cast<std::uint32_t>(state));
    } else {
      id = Digest::from_bytes(tls[0]->digest()).hex();
      end_tls_key(member, *tls[0], state == KeyState::revoked ? ca::Reason::key_compromise : ca::Reason::superseded,
                  change.now());
    }
    State::save(change, member);
    change.note(
        {{}, state == KeyState::revoked ? "key.revoke" : "key.retire", subject_of(agent), "", "", "", {{"key", id}}});
  });
  state_->look();
  return id;
}

std::vector<AgentStatus> Enrolment::list() const {
  std::vector<AgentStatus> all;
  state_->registry.read([&](const registry::View& view) {
    for (const Member& member : State::load_all(view)) {
      AgentStatus line{member.agent.id(),
                       member.agent.department(),
                       member.stage(),
                       member.enrolment.added_by(),
                       member.enrolment.approved_by(),
                       0,
                       0,
                       {}};
      for (const TlsKeyMessage& key : member.enrolment.tls_keys())
        if (is_accepted(key)) line.not_after = std::max<Micros>(line.not_after, key.not_after());
      if (member.enrolment.token().used() == 0) line.token_expires = member.enrolment.token().expires();
      for (const wire::KeyMessage& key : member.agent.signing_keys())
        line.signing_keys.push_back(
            {key.id(), key.algorithm(), key.spki(), static_cast<KeyState>(key.state()), key.signer_id()});
      all.push_back(std::move(line));
    }
  });
  return all;
}

bool Enrolment::is_open() const {
  if (!state_->authority) return false;
  const Micros now = state_->clock.now();
  const std::lock_guard guard(state_->lock);
  return std::any_of(state_->tokens.begin(), state_->tokens.end(),
                     [&](const auto& token) { return now < token.second; });
}

}  // namespace qianzhi::enrol
