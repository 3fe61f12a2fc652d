// Matters at the hub: requests for access and objections to data. Agents say what they want by signed documents, the
// operator decides, and every step is a commit of the registry with its audit entry. PROTOCOL.md section 16.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/registry/registry.h"
#include "hub-protocol/wire/matter.pb.h"

namespace qianzhi::hub {

// Kind of the registry's records: id in hexadecimal, body a wire::Matter.
inline constexpr std::string_view matter_kind = "matter";

struct MatterParts {
  registry::Registry& registry;
  Exchange& exchange;
  const Clock& clock;
  Micros answer_within = 0;                             // for the provider's word, and then for the operator's
  std::function<void()> publish;                        // the directory again: a grant came or went
  std::function<void(const audit::Entry&)> tally = {};  // for the audit trail, in bounded numbers: refused documents
};

// Calls exclude each other; the owner sees to that. Only revision_for() may be called from any thread at any time.
class Matters {
 public:
  // Reads what the registry holds.
  explicit Matters(MatterParts parts);

  // An agent's call. Documents that cannot be taken are told one by one; nothing is thrown for them.
  wire::MattersReply exchange(const std::string& caller, const wire::MattersRequest& request);
  // Greatest revision of a matter that concerns this agent's department; 0: none does.
  std::uint64_t revision_for(const std::string& caller) const;

  // Every matter, newest first.
  std::vector<wire::Matter> all() const;
  // By its id in hexadecimal or the first eight or more digits of it. Throws Error(misuse, QZ-HUB-065).
  const wire::Matter& find(std::string_view id) const;
  // The operator's word on a request for access that waits for it, or, if he refuses, also before the provider spoke.
  // terms: what he grants of what was asked for and approved; null: all of it. Throws Error(misuse, QZ-HUB-066) if it
  // does not wait for him, QZ-HUB-067 if what he grants would be more than was asked for or approved.
  void decide(const audit::Actor& actor, std::string_view id, bool approved, const std::string& reason,
              const Grant* terms = nullptr);
  // An operator takes back the grant that answered a request. False: no request was answered by it, nothing was done.
  bool end_grant(const audit::Actor& actor, const std::string& grant, const std::string& reason);
  // What an operator may grant at most of this request; its items, groups and end are the narrowest of all words on it.
  Grant grantable(const wire::Matter& matter) const;

 private:
  using Step = std::function<void(wire::Matter& matter)>;

  void take(const std::string& caller, const wire::Document& document);
  void open_access(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body);
  void open_objection(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body);
  void decide_by_provider(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body);
  void answer_objection(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body);
  void close(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body);

  wire::Matter opened(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body) const;
  wire::Matter matter_of(const wire::DocumentBody& body, wire::MatterKind kind) const;
  // One commit: the matter's new state, the grant that comes or goes with it, the audit entry.
  void save(const audit::Actor& actor, wire::Matter matter, audit::Entry entry, const Grant* grant = nullptr);
  void remember(wire::Matter matter);
  bool concerns(const wire::Matter& matter, std::string_view department) const;
  Grant grant_in_force(const wire::Matter& matter) const;
  bool all_approve(const wire::Matter& matter) const;
  std::map<std::string, wire::AccessDecision> decisions_of(const wire::Matter& matter) const;

  MatterParts parts_;
  std::map<Bytes, wire::Matter> matters_;        // by id
  std::map<std::uint64_t, Bytes> by_revision_;   // newest revision of each
  std::map<Bytes, Bytes> documents_;             // id of each that was taken, and its octets
  mutable std::mutex lock_;                      // of what follows
  std::map<std::string, std::uint64_t> newest_;  // by department
};

}  // namespace qianzhi::hub
