// The hub's audit trail: who did what, when, to what, why and with which outcome. Each entry names the digest of the
// one before, so that nothing can be altered, left out or slipped in unnoticed. Never row contents, never secrets.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::audit {

// Frozen: in stored and exported entries.
enum class ActorKind : std::uint8_t {
  hub = 0,        // the exchange by itself: a renewal, an expiry
  operator_ = 1,  // a person with an account, or a user of the hub's own machine
  agent = 2,      // a department's agent
  unknown = 3,    // somebody who was refused before it was known who it is; then `name` is the address
};

struct Actor {
  ActorKind kind = ActorKind::hub;
  std::string name;
  bool operator==(const Actor&) const = default;
};

struct Entry {
  Actor actor;
  std::string action;   // "grant.add": a noun and a verb in lower case
  std::string subject;  // what it was done to: "grant g-17", "commerce.opening_registration"
  std::string outcome;  // empty: done; else the code that says why not
  std::string purpose = {};
  std::string basis = {};
  std::vector<std::pair<std::string, std::string>> details = {};  // in this order
  bool operator==(const Entry&) const = default;
};

// Makes the tables if they are not there. `suite` is that of the directory.
void create(sqlite::Database& database);

// What is stored of one entry.
struct Stored {
  std::uint64_t sequence = 0;
  Micros time = 0;
  Digest previous;
  Entry entry;
};
// Reads the octets of an entry. Throws Error(corrupt, QZ-SEAL-086) if they are none.
Stored read_entry(std::string_view octets);

// "hub", "operator", "agent", "unknown".
std::string_view name_of(ActorKind kind);
// "operator:li".
std::string text_of(const Actor& actor);

// Appends within the caller's transaction, which also carries out what is recorded: neither is there without the other.
// Text beyond 4,000 octets is cut with a mark. Returns the entry's sequence.
std::uint64_t append(sqlite::Database& database, DigestSuite suite, const Entry& entry, Micros now);

}  // namespace qianzhi::audit
