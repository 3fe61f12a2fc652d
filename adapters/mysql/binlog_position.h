// Places in a MariaDB server's binary log, as SourcePosition (model/source.h).
//
// Files of the log have numbers that only grow, and are only written at their end. (file, offset, ordinal) stands
// behind every event before `offset` of the file, and behind the first `ordinal` rows of the group of events
// (transaction) that begins there. ordinal: events of rows in the group, and in its low 32 bits rows of the next.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "hub-protocol/model/source.h"

namespace qianzhi::mysql {

struct LogPlace {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  std::uint64_t ordinal = 0;
  auto operator<=>(const LogPlace&) const = default;
};

// R2.1: what must be the same when the same place is seen again. The second in which a file was begun tells it from a
// file of the same number after a restore: a server that starts begins a new file.
struct LogIdentity {
  std::uint32_t server = 0;       // server_id
  std::uint32_t created = 0;      // when the place's file was begun
  std::uint32_t resume_file = 0;  // from where reading must begin: an XA transaction may be prepared and not decided
  std::uint64_t resume_offset = 0;
  std::uint32_t domain = 0;  // GTID of the last group at or before the place; all 0: none known
  std::uint32_t origin = 0;
  std::uint64_t sequence = 0;
  std::uint32_t time = 0;  // of that group
  bool operator==(const LogIdentity&) const = default;
};

struct LogPosition {
  LogPlace place;
  LogIdentity identity;
  bool operator==(const LogPosition&) const = default;
};

// order: file 4 octets, offset 8, ordinal 8, big-endian. identity: 40 octets, fields in order, big-endian. Frozen:
// stored in agents.
SourcePosition encode(const LogPosition& position);
// Nothing for a none position. Throws Error(misuse, QZ-MY-019) if it was not made by encode().
std::optional<LogPosition> decode_log(const SourcePosition& position);

// "binlog.000012": base and number. Throws Error(corrupt, QZ-MY-015) if there is no number.
struct LogFile {
  std::string base;
  std::uint32_t number = 0;
};
LogFile log_file_of(std::string_view name);
std::string log_file_name(const std::string& base, std::uint32_t number);

}  // namespace qianzhi::mysql
