// What the agent remembers of its streams, batches and quarantine (protocol-rules section 1, row "agent store").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/source.h"
#include "hub-protocol/model/stream.h"

namespace qianzhi::store {

struct Refill {
  Digest begin;
  GroupSet groups;
  Bytes cursor;            // of the snapshot reader
  bool rows_done = false;  // only `end` is missing (R4.5)
  // For people.
  Micros started = 0;
  std::uint64_t rows_read = 0;  // of the table, also those of other groups
  std::int64_t estimated = -1;  // rows of the table when it began; -1: unknown
  bool operator==(const Refill&) const = default;
};

// R5.4 wanted by the uplink, carried out by capture, which alone seals.
struct EpochRequest {
  Head head;                // the hub's; becomes the last digest
  std::uint64_t above = 0;  // the new epoch must be greater
  std::string reason;
  bool operator==(const EpochRequest&) const = default;
};

// What showed last that a source which brings nothing is alive.
enum class AliveBy : std::uint8_t { nothing, canary, look, comparison };
std::string_view name_of(AliveBy by);  // "canary", "look", "comparison"

struct StreamState {
  std::string source;
  Head last;  // last sealed batch
  std::uint64_t max_epoch = 0;
  Position receipted;
  Position secured;
  Bytes receipt;  // newest, serialised wire::Receipt
  GroupSet wanted;
  std::optional<Refill> refill;
  SourcePosition high_water;
  GroupSet area;
  std::optional<Position> begin_every;  // newest begin(*)
  std::map<Group, Position> begins;     // newest begin that names the group, if later
  std::optional<EpochRequest> epoch_request;
  std::uint64_t shown_above = 0;  // R4.7: a subscriber showed a batch of ours, of this epoch, that we do not know
  std::string stopped_code;       // publication stopped; empty: it runs
  std::string stopped_detail;
  std::string uplink_code;  // what the hub last said if it does not accept; empty: all is well
  std::string uplink_detail;
  std::uint64_t rows_sealed = 0;
  std::uint64_t rows_refilled = 0;
  std::uint64_t rows_withheld = 0;
  std::uint64_t rows_receipted = 0;
  std::uint64_t batches_sealed = 0;
  Micros last_change = 0;
  Micros alive = 0;  // when the source was last shown to be alive without a change; 0: never
  AliveBy alive_by = AliveBy::nothing;
  Position alive_at;  // the last batch then: the hub knows of it once its receipt has come to here
  Micros look = 0;    // TableLook::at that was noted last

  // Newest begin whose group set holds this group; nothing if there was none.
  std::optional<Position> newest_begin(const Group& group) const;
  void note_begin(const GroupSet& groups, const Position& position);
};

Bytes encode(const StreamState& state);
// Throws Error(corrupt, QZ-AGT-012).
StreamState decode_stream(std::string_view octets);

// A sealed batch as it is kept until the hub's receipt and `secured` pass it (R5.7).
struct KeptBatch {
  std::string topic;
  Head head;
  Digest previous;
  BatchKind kind = BatchKind::change;
  std::uint64_t rows = 0;
  Micros sealed = 0;
  Bytes octets;  // serialised wire::SealedBatch
};

enum class QuarantineSide { capture, apply };

// A row set aside, with the reason. row: what is needed to try again, opaque here, encrypted on disk.
struct QuarantineEntry {
  std::int64_t id = 0;  // given by the store
  QuarantineSide side = QuarantineSide::capture;
  std::string topic;
  std::string origin;  // apply: the sending agent
  std::string key;     // shown to people only in the command line, never logged
  Position position;   // of the batch
  std::uint32_t ordinal = 0;
  std::string code;
  std::string detail;
  Micros first_seen = 0;
  std::uint64_t tries = 0;
  Bytes row;
};

// What a row of a source without a change log was when it was last sent or seen (R3.3).
struct KnownRow {
  std::int64_t id = 0;  // one a row of a topic, from 1
  Bytes tag;            // stands for the row's key
  Bytes digest;         // stands for its values
  Bytes kept;           // what a delete or a move needs, opaque here, encrypted on disk
};

}  // namespace qianzhi::store
