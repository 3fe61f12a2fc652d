// What is told of what a lookup found: a verdict on each question, and of the rows what the asker may have. Pure; owns
// no database and sends nothing.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/lookup.h"
#include "agent/config/config.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/seal/parcel_content.h"

namespace qianzhi::flow {

// How the service is asked at the database. Columns of the result, each once: the answered items, and what decides
// about a row: its partition item, the count of a sum, what was matched.
adapter::LookupStatement statement_of(const Topic& topic, const config::AnswerConfig& answer);

class AnswerRows {
 public:
  // entitlement: the asker's. All must outlive it. questions: one column a key item, in their order, of equal length.
  AnswerRows(const Topic& topic, const config::AnswerConfig& answer, const Entitlement& entitlement,
             std::vector<Column> questions);

  // What the database is asked: a question that is none (a null, a value that does not fit its item) is asked as null,
  // which finds nothing.
  const std::vector<Column>& questions() const { return questions_; }
  // What was found of the questions [first, first + found.answered), in their order.
  void add(std::size_t first, const adapter::Found& found);
  // Precondition: every question was answered.
  seal::Answers take(Micros now);

 private:
  // Whether the row counts at all: its group is granted, and it is what was asked for, to the octet.
  bool counts(const adapter::Found& found, std::size_t row, std::size_t question) const;
  bool is_too_small(const adapter::Found& found, std::size_t row) const;
  void give(const adapter::Found& found, std::size_t row, std::size_t question);
  std::set<std::string> granted_in(const adapter::Found& found, std::size_t row) const;

  const Topic& topic_;
  const config::AnswerConfig& answer_;
  const Entitlement& entitlement_;
  std::vector<Column> questions_;
  seal::Answers content_;
  std::vector<std::string> shown_;  // answered items that are granted in any group
  std::vector<std::size_t> place_;  // of each, among the result's columns
  static constexpr std::size_t no_column = static_cast<std::size_t>(-1);
  std::size_t partition_ = no_column;  // place of the partition item's column
  std::size_t count_ = no_column;      // of the count of a sum
  std::vector<std::size_t> matched_;   // of what each key item must equal; of a statement: none
};

}  // namespace qianzhi::flow
