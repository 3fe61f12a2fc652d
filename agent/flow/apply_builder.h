// From received batches to one target transaction (R7.6, R7.7). Pure: no database, no hub.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/mark.h"
#include "agent/store/state.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::flow {

class ApplyBuilder {
 public:
  // state and head: as in the mark row.
  ApplyBuilder(const Topic& topic, const Entitlement& granted, MarkState state, const Head& head);

  // The next batch of the stream; its signature and contents have been checked. Throws Error(corrupt, QZ-AGT-051) if it
  // does not follow (R7.6).
  void add(const seal::Parsed& batch);

  // Nothing was added since the steps were taken.
  bool is_empty() const { return head_ == first_; }
  // Of the steps' values, about.
  std::size_t octets() const { return octets_; }
  const Head& head() const { return head_; }
  const MarkState& state() const { return state_; }
  MarkState& state() { return state_; }
  const std::vector<adapter::Step>& steps() const { return steps_; }
  // Whether rows were added since this was asked last.
  bool take_has_rows() { return std::exchange(has_rows_, false); }
  // Up to head(), where the next begin.
  std::vector<adapter::Step> take_steps();

 private:
  void check_follows(const seal::Parsed& batch) const;
  void add_rows(const seal::Parsed& batch);

  const Topic& topic_;
  const Entitlement& granted_;
  MarkState state_;
  Head first_;
  Head head_;
  std::vector<adapter::Step> steps_;
  std::size_t octets_ = 0;
  bool has_rows_ = false;
};

}  // namespace qianzhi::flow
