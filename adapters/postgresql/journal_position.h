// Places in a journal that triggers fill (design section 6, pitfall 26). Transactions take their numbers before they
// commit, so a later number may be seen first: only entries of transactions that all ended before a snapshot are read,
// those with numbers in [lower, upper), in the order of the journal's sequence. One such fence after the other.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "hub-protocol/model/source.h"

namespace qianzhi::postgresql {

struct JournalPlace {
  std::uint64_t lower = 0;  // everything of transactions before it is read
  std::uint64_t upper = 0;  // of those in between, the entries up to `sequence`
  std::int64_t sequence = 0;
  auto operator<=>(const JournalPlace&) const = default;
};

// identity: "sequence:transaction:digest" of the last entry that was there, in decimal and hexadecimal; a place between
// fences has one, too, so that it is the place that tells how far was read, and the identity of which history.
struct JournalPosition {
  JournalPlace place;
  std::string identity;
};

// order: lower, upper, sequence, 8 octets each, big-endian. Frozen: stored in agents and in the source.
SourcePosition encode(const JournalPosition& position);
// Nothing for a none position. Throws Error(misuse, QZ-PG-019) if it is not one of a journal.
std::optional<JournalPosition> decode_journal(const SourcePosition& position);

}  // namespace qianzhi::postgresql
