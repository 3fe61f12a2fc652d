// Seals the next batches of one stream in memory and then applies what they mean to the stream's durable state, in one
// store transaction (protocol-rules section 3). Used by capture only: nobody else seals.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/flow/publication.h"
#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::flow {

// Who seals: this agent's id, key, clock and randomness; and the limits of a batch.
struct Sealer {
  std::string agent;
  const seal::SigningKey& key;
  const Clock& clock;
  Random& random;
  seal::Limits limits;
};

class StreamWriter {
 public:
  // state: as it is in the store now.
  StreamWriter(const Sealer& sealer, const store::Store& store, std::string topic, std::uint64_t catalogue_version,
               store::StreamState state);

  const store::StreamState& state() const { return draft_; }
  const std::string& topic() const { return topic_; }

  // R2.5 and R3.4 for this stream: begin(*) is sealed; whatever refill was open is dropped; `*` is wanted.
  void rebase(const SourcePosition& position);
  // R5.4: a new epoch that starts from the hub's head, then rebase.
  void open_epoch(const Head& head, std::uint64_t above, const SourcePosition& position);
  // R4.2: seals begin(groups) and opens the refill. Precondition: groups hold all that is wanted.
  void begin_refill(const GroupSet& groups, const SourcePosition& position);
  void seal_changes(const Publication& publication, const Selection& selection, const SourcePosition& position);
  // One snapshot chunk of the open refill; raises high water (R4.4) and stores the cursor (R4.3).
  void seal_rows(const Publication& publication, const Selection& selection, const adapter::SnapshotChunk& chunk);
  // What the open refill will have read at its end, for people; -1: unknown.
  void expect_rows(std::int64_t rows);
  // R4.5 must hold: the checkpoint has reached high water.
  void end_refill(const SourcePosition& position);
  // The source was found to be alive. look: TableLook::at of what showed it; 0: keeps what is noted. seals: as a change
  // without rows, so that hub and subscribers know it too.
  void prove_alive(store::AliveBy by, const SourcePosition& position, Micros look, bool seals);
  void want(const GroupSet& groups);
  void stop(std::string code, std::string detail);
  void set_area(const GroupSet& area);

  bool is_changed() const { return changed_; }
  bool has_sealed() const { return !batches_.empty(); }
  // Rows that were sealed as withheld because alone they exceed the limits of a batch.
  const std::vector<std::size_t>& oversized() const { return oversized_; }
  std::uint64_t rows() const { return rows_; }
  // Writes batches and state. The state in the store may have changed meanwhile in what other stages own (receipts,
  // wishes): that is kept. Throws Error(unavailable, QZ-AGT-024) if a wish arrived that an aborting or opening begin
  // would have had to name (R4.2): run again.
  void commit(store::StoreTransaction& transaction) const;

 private:
  void seal(BatchKind kind, const seal::BatchContent& content, const GroupSet& scope, const Digest& begin,
            const SourcePosition& position);
  void seal_lines(BatchKind kind, const Publication& publication, const mapping::Mapped& mapped,
                  std::span<const Line> lines, const SourcePosition& position);
  void seal_selection(BatchKind kind, const Publication& publication, const Selection& selection,
                      const SourcePosition& position);

  const Sealer& sealer_;
  const store::Store& store_;
  std::string topic_;
  std::uint64_t catalogue_version_;
  store::StreamState base_;
  store::StreamState draft_;
  std::vector<store::LockedBatch> batches_;
  bool changed_ = false;
  bool new_epoch_ = false;
  bool began_ = false;
  GroupSet ended_;
  std::vector<std::size_t> oversized_;
  std::uint64_t rows_ = 0;
};

}  // namespace qianzhi::flow
