// Places in a PostgreSQL server's write-ahead log, as SourcePosition (model/source.h).
//
// (lsn, ordinal) stands after every transaction whose commit record begins before lsn, and after the first `ordinal`
// changes of the transaction whose commit record begins at lsn. That is what the slot's confirmed_flush_lsn means too,
// so the two compare directly. A whole transaction ends at (end of its commit record, 0).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/source.h"

namespace qianzhi::postgresql {

using Lsn = std::uint64_t;

// 2000-01-01T00:00:00Z: times in the log's messages are counted from there.
inline constexpr Micros postgresql_epoch = 946'684'800'000'000;

// "16/B374D848", as the server writes it. Throws Error(corrupt, QZ-PG-015) if text is not an LSN.
Lsn lsn_of(std::string_view text);
std::string to_text_lsn(Lsn lsn);

struct LogPlace {
  Lsn lsn = 0;
  std::uint64_t ordinal = 0;
  auto operator<=>(const LogPlace&) const = default;
};

// R2.1: what must be the same when the same place is seen again.
struct LogIdentity {
  std::uint64_t system = 0;  // system identifier of the cluster
  std::uint32_t timeline = 0;
  Lsn commit = 0;  // commit record of the last transaction received at or before the place; 0: none
  std::uint32_t xid = 0;
  Micros commit_time = 0;
  std::uint32_t published = 0;  // newest pg_publication_rel entry of our tables that was known there
  Micros server_start = 0;  // places taken from the log's end rather than a commit: postmaster start (R2.2.5); else 0
  bool operator==(const LogIdentity&) const = default;
};

struct LogPosition {
  LogPlace place;
  LogIdentity identity;
};

// order: 8 octets lsn, 8 octets ordinal, both big-endian. identity: 44 octets, fields in order, big-endian. Frozen:
// stored in agents.
SourcePosition encode(const LogPosition& position);
// Nothing for a none position. Throws Error(misuse, QZ-PG-019) if it was not made by encode().
std::optional<LogPosition> decode(const SourcePosition& position);

}  // namespace qianzhi::postgresql
