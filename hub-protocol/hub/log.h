// The hub's durable log: batches per stream in gapless places, what the accept rule must remember of each stream,
// and the hub's own state. One store, one writer, readers that never wait for a commit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/hub/ledger.h"
#include "hub-protocol/model/key_trail.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::hub {

// What is remembered of one stream. A place numbers the batches of a stream 1, 2, 3 ... over all epochs.
struct StreamRecord {
  std::int64_t id = 0;  // in the store; 0: not stored yet
  StreamId stream;
  Head head;
  std::uint64_t place = 0;  // of the head
  Head trimmed;             // last batch trimmed away; none: nothing was
  std::uint64_t trimmed_place = 0;
  Head secured;  // R6.8
  bool halted = false;
  std::int64_t epoch_day = 0;  // R6.2: day (UTC, since 1970) that `epochs` counts
  std::int64_t epochs = 0;
  bool epoch_approved = false;
  KeyTrail keys;
  std::uint64_t open_place = 0;  // begin of the refill that is open; 0: none
  Digest open_begin;
  bool open_every = false;
  std::uint64_t every_place = 0;     // newest begin(*); 0: none
  std::uint64_t complete_place = 0;  // newest begin(*) whose end is in the log; 0: none
};

struct StoredBatch {
  std::uint64_t place = 0;
  Head head;
  Bytes octets;  // as the provider sent it
};

struct ShownDirectory {
  std::uint64_t version = 0;
  Digest digest;
  Bytes signed_root;
};

// The hub's state that belongs to no stream.
struct HubState {
  Incarnation incarnation;
  std::set<Incarnation> closed;
  std::set<Incarnation> shown;                             // unknown ones that were proved (R6.5)
  std::set<std::pair<std::uint64_t, Digest>> directories;  // history
  std::vector<ShownDirectory> shown_directories;           // unknown ones that were proved
  std::string stop_code;                                   // empty: it runs
  std::string stop_detail;
  std::uint64_t required_directory = 0;  // after recover: delivers only under this version or a higher one
  Bytes signed_root;                     // of the directory installed last
};

struct LogParts;

// One durable commit. Rolled back on destruction unless commit() was called. Holds the writer's lock: one at a time,
// others wait. Belongs to the thread that made it.
// Throws as hub-protocol/sqlite does; after `corrupt` the log must not be used any more (pitfall 36).
class LogWrite {
 public:
  ~LogWrite();
  LogWrite(LogWrite&&) noexcept;

  std::optional<Digest> digest_at(const StreamRecord& stream, Position position);
  StoredBatch batch_at(const StreamRecord& stream, Position position);
  // Adds it as the new head; the record is brought up to date and saved.
  void append(StreamRecord& stream, const seal::Header& header, const Digest& digest, std::string_view octets);
  // Saves all but key history. Gives the record its id if it is new.
  void save(StreamRecord& stream);
  // Two signed batches for one position. Kept once a pair, at most 100 of a stream.
  void keep_evidence(const StreamRecord& stream, Position position, std::string_view held, std::string_view offered,
                     Micros now);
  // Removes at most `limit` batches below the place, oldest first. True: there are more.
  bool trim(StreamRecord& stream, std::uint64_t below, int limit);
  void save(const HubState& state);
  // Newest apply receipt of a subscriber and stream: exact bytes.
  void keep_applied(const std::string& subscriber, const StreamId& stream, std::string_view applied, Micros now);
  // Add to the ledger (ledger.h).
  void count(const StreamRecord& stream, const AcceptedLine& line);
  void count(const AppliedLine& line);
  void commit();

 private:
  friend class Log;
  struct State;
  explicit LogWrite(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One consistent view of what is committed, on a connection of its own. Belongs to one thread.
class LogView {
 public:
  ~LogView();
  LogView(LogView&&) noexcept;

  std::optional<std::uint64_t> place_of(const StreamRecord& stream, const Digest& digest);
  std::optional<Digest> digest_at(const StreamRecord& stream, Position position);
  // Position and digest at a place; the last trimmed one at its place; nothing (zero) at place 0 or if it is not there.
  Head head_at(const StreamRecord& stream, std::uint64_t place);
  // Batches after one place up to and including another, in order, until visit returns false.
  void read(const StreamRecord& stream, std::uint64_t after, std::uint64_t through,
            const std::function<bool(const StoredBatch&)>& visit);
  std::vector<StreamRecord> streams();
  HubState hub_state();
  std::size_t evidence_count(const StreamRecord& stream);
  // Both batches of each pair, oldest first.
  std::vector<std::pair<Bytes, Bytes>> evidence(const StreamRecord& stream);
  // Writes this view to a new file, as sqlite::Database::copy_into does.
  void copy_into(const std::filesystem::path& copy, const std::function<bool()>& go_on);
  // Octets of the newest apply receipt; empty: none.
  Bytes applied(const std::string& subscriber, const StreamId& stream);
  std::vector<AcceptedLine> ledger_accepted(Days days);
  std::vector<AppliedLine> ledger_applied(Days days);

 private:
  friend class Log;
  struct State;
  explicit LogView(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Thread-safe. LogWrite and LogView objects must be gone before it is destroyed.
class Log {
 public:
  // Creates or opens the store. A store that was not closed cleanly is verified first.
  // Throws Error(misuse, QZ-HUB-029) for a store of another kind or format, Error(corrupt, QZ-HUB-032) for a damaged
  // one.
  Log(const std::filesystem::path& file, const std::string& vfs);
  ~Log();

  LogWrite write();
  LogView view();
  // Marks the store as closed cleanly. Throws if that fails; the next start then verifies it. The destructor does it,
  // too, but only logs what fails.
  void close();
  // The store failed: it is not marked as closed cleanly, so that the next start verifies it.
  void abandon();

 private:
  std::unique_ptr<LogParts> parts_;
};

}  // namespace qianzhi::hub
