// The exchange's own certificate authority (RFC 5280). The root's key is taken away after it has signed two
// certificates: the hub's own, and that of the issuing authority whose key stays at the hub. What the issuing authority
// signs can only ever be a client: its certificate allows no further authority, no other purpose, and no DNS name or IP
// address, so that whoever steals its key cannot pretend to be a hub. (A limit on URIs would need URIs with hosts.)
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::ca {

inline constexpr Micros day = 86'400'000'000;

// PEM.
struct Pair {
  std::string certificate;
  std::string private_key;
};

struct NewAuthority {
  Pair root;
  Pair issuing;
};

// organisation: as people know the exchange, at most 64 octets. Root for 20 years, issuing authority for 5.
// Throws Error(misuse, QZ-HUB-221).
NewAuthority make_authority(const std::string& organisation, Micros now);

// Another issuing authority below the same root, for when the first one ends or its key is lost or stolen.
// Throws as issue_hub().
Pair make_issuing(const Pair& root, const std::string& organisation, Micros now);

// A hub's certificate by the root, with a new key; the root's certificate follows in the same file, so that an agent
// which knows nothing but its fingerprint finds it. names: DNS names and IP addresses. Never outlives the root.
// Throws Error(misuse, QZ-HUB-221) for a root whose key is another's and for names that are none.
Pair issue_hub(const Pair& root, const std::vector<std::string>& names, Micros now, Micros validity);

struct Issued {
  std::string chain;   // PEM: the certificate, then the issuing authority's
  std::string serial;  // hexadecimal
  Micros not_before = 0;
  Micros not_after = 0;
};

// Why a certificate was revoked, as RFC 5280 section 5.3.1 counts. Frozen: stored.
enum class Reason : int { unspecified = 0, key_compromise = 1, superseded = 4, cessation = 5 };

struct Revocation {
  std::string serial;
  Micros time = 0;
  Reason reason = Reason::unspecified;
};

// Immutable; safe to use from several threads.
class Authority {
 public:
  // Throws Error(misuse, QZ-HUB-221): not PEM, the key is another's, or the certificate may not sign others.
  explicit Authority(const Pair& issuing);

  // For this key, for one agent: client only, exactly one name, urn:qianzhi:agent:ID. It begins five minutes ago, for
  // clocks that differ, and never outlives the authority.
  Issued issue(std::string_view spki, const std::string& agent, Micros now, Micros validity) const;
  // A revocation list in PEM. number: greater than that of every earlier list.
  std::string revocations(const std::vector<Revocation>& revoked, std::uint64_t number, Micros now,
                          Micros next_update) const;
  Micros not_after() const { return not_after_; }

 private:
  struct State;
  std::shared_ptr<const State> state_;
  Micros not_after_ = 0;
};

// Each certificate of a PEM file in DER, in its order. Throws Error(misuse, QZ-HUB-221) if there is none.
std::vector<Bytes> certificates_of(std::string_view pem);
// DER to PEM. Throws as above.
std::string certificate_to_pem(std::string_view certificate);

// First certificate of a PEM text. Throws as above.
struct Validity {
  Micros not_before = 0;
  Micros not_after = 0;
};
Validity validity_of(std::string_view pem);

// Whether a PEM text holds a private key and the certificate of that key first.
bool is_pair(std::string_view pem);

}  // namespace qianzhi::ca
