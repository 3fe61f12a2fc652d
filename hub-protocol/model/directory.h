// The directory: who takes part, with which keys, who provides what and who may receive it. A value; it is compiled
// from YAML by the hub, signed, and enforced by source, hub and sink alike.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi {

// Frozen: on the wire.
enum class KeyState : std::uint8_t { active = 0, retired = 1, revoked = 2 };

// The hash function of every digest of a directory and its streams. Frozen: on the wire.
enum class DigestSuite : std::uint8_t { sha256 = 1, sm3 = 2 };

// What a signature by a key is worth. Frozen: on the wire.
enum class KeyRole : std::uint8_t {
  alone = 0,   // it is enough, and must be the only one
  first = 1,   // it counts only together with one by a `second` key of the same agent
  second = 2,  // it counts only beside one by a `first` key of the same agent
};

// Signer id of SM2 where a key record states no other (GB/T 32918.2, "distinguishing identifier").
inline constexpr std::string_view default_signer_id = "1234567812345678";

// A public key. Algorithm and signer id come from here, never from a message.
struct KeyRecord {
  std::string id;         // lower-case hex digest of the SubjectPublicKeyInfo
  std::string algorithm;  // "ed25519", "ecdsa-p256" or "sm2"
  Bytes spki;             // SubjectPublicKeyInfo, DER
  KeyState state = KeyState::active;
  std::string signer_id = {};  // sm2: 1 to 128 octets that every signature covers; others: empty
  KeyRole role = KeyRole::alone;
  DigestSuite suite = DigestSuite::sha256;  // of its id, and of all that it signs; the directory's
  bool operator==(const KeyRecord&) const = default;
};

// For errors: id and algorithm, of an SM2 key also the signer id, which is the usual reason why one does not verify.
std::string to_text(const KeyRecord& key);

struct Department {
  std::string id;  // "national_tax"
  std::string title;
  std::string title_en;
  bool operator==(const Department&) const = default;
};

struct AgentEntry {
  std::string id;  // "commerce-01"; the URI SAN is "urn:qianzhi:agent:" + id
  std::string department;
  std::set<Digest> tls_keys;  // SHA-256 of the SubjectPublicKeyInfo of each accepted TLS certificate
  std::vector<KeyRecord> signing_keys;
  bool enabled = true;
  // What is meant for this agent alone is sealed to the newest active one: "x25519", in an SM directory "sm2".
  std::vector<KeyRecord> encryption_keys = {};
  bool operator==(const AgentEntry&) const = default;
};

// Which agent may publish which part of a topic. Each (topic, group) has one provider.
struct Provision {
  std::string topic;
  std::string agent;
  GroupSet area = GroupSet::every();
  bool operator==(const Provision&) const = default;
};

struct Grant {
  std::string id;
  std::string topic;
  std::string department;       // receiver
  std::set<std::string> items;  // empty: every item. Key items are always included.
  GroupSet groups = GroupSet::every();
  Micros not_after = 0;  // 0: no end
  std::string purpose;
  std::string basis;                  // legal basis
  std::vector<Bytes> approvals = {};  // serialised wire::Document: the providers' words for a conditional grant
  std::string request = {};           // id of the matter that it answers; empty: an operator's own
  bool operator==(const Grant&) const = default;
};

// What one receiver may have of one topic: the union of its grants in force.
class Entitlement {
 public:
  struct Clause {
    GroupSet groups;
    std::set<std::string> items;  // never empty; key items included
    bool operator==(const Clause&) const = default;
  };

  Entitlement() = default;
  explicit Entitlement(std::vector<Clause> clauses) : clauses_(std::move(clauses)) {}

  bool is_empty() const { return clauses_.empty(); }
  // All groups of which anything is granted.
  GroupSet groups() const;
  // Items granted in this group; empty if the group is not granted.
  std::set<std::string> items_in(std::string_view group) const;
  // Items granted in any group.
  std::set<std::string> items() const;
  const std::vector<Clause>& clauses() const { return clauses_; }
  bool operator==(const Entitlement&) const = default;

 private:
  std::vector<Clause> clauses_;
};

struct Directory {
  std::uint64_t version = 0;
  Digest digest;  // of the signed root; zero before it is sealed
  Micros issued = 0;
  Micros expires = 0;
  KeyRecord hub_key;  // signs receipts
  std::map<std::string, Department, std::less<>> departments;
  std::map<std::string, AgentEntry, std::less<>> agents;
  std::vector<Provision> provisions;
  std::vector<Grant> grants;
  Catalogue catalogue;

  const AgentEntry* agent(std::string_view id) const;
  // All signing keys of an agent; none for a disabled or unknown one.
  std::span<const KeyRecord> signing_keys(std::string_view agent) const;
  // What this agent may publish of the topic; empty: nothing.
  GroupSet provides(std::string_view agent, std::string_view topic) const;
  // Agents that provide any part of the topic, sorted.
  std::vector<std::string> providers_of(std::string_view topic) const;
  // What this agent's department may receive of the topic at this time. Empty for unknown or disabled agents.
  Entitlement entitlement(std::string_view agent, std::string_view topic, Micros now) const;
  bool operator==(const Directory&) const = default;
};

}  // namespace qianzhi
