// The provider's half of a comparison from end to end (PROTOCOL.md section 9, "Comparison"): it walks its table twice,
// first for sums, then for the rows of the buckets that differ, and finds which of the subscriber's rows are not as
// they are here. Every row that is sealed from the READY letter on is left out, as the subscriber may not have it yet,
// or have it already. No database, store or hub in sight. Belongs to capture's thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/publication.h"
#include "agent/flow/row_prints.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/wire/comparison.pb.h"

namespace qianzhi::flow {

class ComparisonAnswer {
 public:
  struct Setting {
    StreamId stream;  // ours
    std::string asker;
    Topic topic;
    Entitlement granted;  // to the asker
    std::uint64_t directory_version = 0;
    DigestSuite suite = DigestSuite::sha256;
  };
  // asked: the ASK letter. place: last batch sealed.
  ComparisonAnswer(Setting setting, const wire::Comparison& asked, const Head& place, Micros steady);

  const StreamId& stream() const { return setting_.stream; }
  const std::string& asker() const { return setting_.asker; }
  const Head& place() const { return place_; }
  std::uint64_t directory_version() const { return setting_.directory_version; }
  bool belongs(const wire::Comparison& letter) const;
  // Precondition: it belongs. One that was answered is answered again.
  void take(const wire::Comparison& letter, Micros steady);
  // To be sent now.
  std::optional<wire::Comparison> reply(Micros now);

  // Keys of rows that are set aside here.
  void except(const std::set<std::string>& keys);
  // Rows of this publication that are sealed, whatever for. False: too many of them, so this leads to nothing.
  bool touch(const Publication& publication, const Selection& selection);

  // ---- the walk: a chunk of a snapshot is wanted, or one waits for capture to have passed its place
  bool wants_chunk() const { return is_walking() && !pending_; }
  bool is_walking() const { return state_ == State::summing || state_ == State::matching; }
  bool is_matching() const { return state_ == State::matching; }
  const Bytes& cursor() const { return cursor_; }
  void take(adapter::SnapshotChunk chunk);
  // Nothing: it may be looked at now. Rows of sums need not wait.
  const SourcePosition* awaited() const;
  // Of the chunk, which is handed out once for it.
  const std::vector<Column>& columns() const { return pending_->columns; }
  // selection: of these columns, in the groups granted. Returns the lines to be sealed again.
  std::vector<Line> compare(const Selection& selection, Micros steady);

  // Answered, or nothing was heard for long.
  bool is_over(Micros steady) const;
  std::uint64_t missing() const { return missing_; }
  std::uint64_t changed() const { return changed_.size(); }
  std::uint64_t extra() const { return extra_; }
  bool has_result() const { return state_ == State::answered; }
  // Keys of what the subscriber did not have, or had otherwise, for people.
  const std::vector<std::string>& named() const { return named_; }

 private:
  enum class State { ready, summing, summed, matching, answered };
  struct Told {
    Print print{};
    bool met = false;
  };

  void write(wire::ComparisonStep step);
  std::optional<Line> match(const Selection& selection, const Line& line);
  void end_of_rows();

  Setting setting_;
  Bytes conversation_;
  RowPrinter printer_;
  Head place_;
  State state_ = State::ready;
  Micros heard_;
  bool to_write_ = false;
  wire::Comparison letter_;  // the last one
  Bytes cursor_;
  std::optional<adapter::SnapshotChunk> pending_;
  std::set<Print> touched_;
  unsigned bits_ = 0;
  BucketSums theirs_{0};
  BucketSums ours_{0};
  std::vector<std::uint32_t> buckets_;
  std::map<Print, Told> told_;
  std::set<Print> except_;
  bool report_only_ = false;
  std::uint64_t missing_ = 0;
  std::uint64_t extra_ = 0;
  std::vector<Print> changed_;
  std::vector<std::string> named_;
};

}  // namespace qianzhi::flow
