// The subscriber's half of a comparison from end to end (PROTOCOL.md section 9, "Comparison"): it tells the provider of
// the rows of its target, by sums and then by row where sums differ, and learns which of them are not the provider's.
// Rows that it does not have, or has otherwise, come again in the stream; those that the provider does not have are to
// be removed here. No database, store or hub in sight. Belongs to deliver's thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/row_prints.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/wire/comparison.pb.h"

namespace qianzhi::flow {

// Of the last one of a stream; what people are shown.
struct ComparisonReport {
  Micros started = 0;   // 0: there was none
  Micros finished = 0;  // before started: it was cut short
  std::uint64_t rows = 0;
  std::uint64_t missing = 0;   // rows of the provider that the target did not have
  std::uint64_t changed = 0;   // rows that it had otherwise
  std::uint64_t extra = 0;     // rows that the provider did not have
  std::uint64_t repeated = 0;  // of changed and extra: the one before had named them too
  bool more = false;           // there are others: the next one takes them
  bool report_only = false;
  std::string code = {};          // why it ended without a result
  std::vector<Bytes> named = {};  // changed and extra: tags of their keys that only this agent's store can make
  bool found_any() const { return missing + changed + extra != 0; }
  bool operator==(const ComparisonReport&) const = default;
};
Bytes encode(const ComparisonReport& report);
// An unreadable one is as none.
ComparisonReport decode_comparison(std::string_view octets);
// For people.
std::string summary_of(const ComparisonReport& report);
// In the store: the report, and that an operator wants one now.
std::string comparison_name(const StreamId& stream);
std::string comparison_wanted_name(std::string_view topic);

class Comparison {
 public:
  struct Setting {
    StreamId stream;
    std::string agent;  // ours
    Topic topic;        // ids of items as in the catalogue
    Entitlement granted;
    std::uint64_t directory_version = 0;
    DigestSuite suite = DigestSuite::sha256;
    bool report_only = false;
  };
  // conversation: 16 unpredictable octets. now: of day, and steady.
  Comparison(Setting setting, Bytes conversation, Micros now, Micros steady);

  const StreamId& stream() const { return setting_.stream; }
  const Setting& setting() const { return setting_; }

  // What is to be written to the provider now: the last letter, and again every half minute while no answer comes.
  // After half an hour without one it fails.
  std::optional<wire::Comparison> letter(Micros now, Micros steady);
  // Whatever does not belong to this conversation, or not to this place in it, is passed over.
  void take(const wire::Comparison& letter, Micros steady);

  // Rows of the target are wanted, those after the cursor. Only once the mark has reached the provider's place.
  bool wants_rows(const Head& mark);
  const Bytes& cursor() const { return cursor_; }
  // As Target::read_rows() gave them.
  void add(const adapter::SnapshotChunk& chunk);
  // Keys of rows in quarantine, when the last rows were added.
  void except(const std::set<std::string>& keys) { except_ = keys; }
  // Rows that are written to the target meanwhile: what was read of them says nothing any more.
  void touch(const adapter::RowsStep& rows);
  void fail(std::string code);

  bool is_over() const { return state_ == State::over; }
  bool is_reading() const { return state_ == State::summing || state_ == State::listing; }
  // Over: rows to be removed, as a step of the target; nothing if there are none, or nothing is to be cured.
  std::optional<adapter::RowsStep> extra_rows(const std::string& seen, const Position& mark) const;
  // Over: keys of what differs, for people; of rows that are missing here only the provider knows them.
  struct Named {
    std::vector<std::string> changed;
    std::vector<std::string> extra;
  };
  const Named& named() const { return named_; }
  ComparisonReport& report() { return report_; }
  std::string step_text() const;

 private:
  enum class State { asking, catching_up, summing, summed, listing, listed, over };
  struct Listed {
    Print print{};
    std::string key;
    std::vector<std::string> cells;  // of the key's columns
    Group group;
  };

  void write(wire::ComparisonStep step, Micros steady);
  void add_row(const std::vector<Column>& columns, std::size_t row);
  void list_row(const Print& tag, const std::vector<Column>& columns, std::size_t row, const Group& group);
  void end_of_rows();
  void take_buckets(const wire::Comparison& letter);
  void take_result(const wire::Comparison& letter);

  Setting setting_;
  Bytes conversation_;
  RowPrinter printer_;
  State state_ = State::asking;
  Micros steady_ = 0;        // of the last call
  Micros heard_ = 0;         // steady time of the last answer
  Micros written_ = -1;      // steady time of letter_; -1: not written yet
  wire::Comparison letter_;  // the last one
  Head place_;               // of the provider
  Head mark_;                // when reading began
  Bytes cursor_;
  BucketSums sums_;
  std::vector<std::uint32_t> buckets_;  // to be listed; ascending
  unsigned bits_ = 0;
  std::map<Print, Listed> listed_;
  std::set<std::string> except_;
  std::set<Print> touched_;
  std::vector<const Listed*> extra_;
  Named named_;
  ComparisonReport report_;
};

}  // namespace qianzhi::flow
