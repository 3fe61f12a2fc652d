// What is sealed in a parcel: Questions and Answers of wire/parcel.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/seal/parcel.h"

namespace qianzhi::seal {

inline constexpr std::size_t most_parcel_items = 100;
inline constexpr std::size_t most_answer_rows = 10'000;
inline constexpr std::size_t most_case_octets = 200;  // of a case number and of an asker

struct Questions {
  std::vector<std::string> items;  // ids, unique; at least one
  std::vector<Column> columns;     // one an item, equally long: values in canonical form, or null
  std::string case_number = {};
  std::string asker = {};  // person or system
  std::size_t count() const { return columns.empty() ? 0 : columns.front().size(); }
  bool operator==(const Questions&) const = default;
};

// Frozen: on the wire.
enum class AnswerVerdict : std::uint8_t {
  found = 1,
  not_found = 2,
  several = 3,  // more than one where one was meant
  too_few = 4,  // an aggregate over fewer than the smallest group that is told
  invalid = 5,  // no question that can be asked: a wildcard, a malformed value
  not_granted = 6,
};

// "found", "not_found", ...; "?" for a number that is none of them.
std::string_view name_of(AnswerVerdict verdict);

struct Answers {
  std::vector<AnswerVerdict> verdicts;  // one a question
  std::vector<std::string> items = {};  // ids, unique; none: the verdict is all that is told
  // One a row, ascending: the question that it answers. Only questions with verdict found or several have rows.
  std::vector<std::uint32_t> questions = {};
  std::vector<Column> columns = {};  // one an item, one entry a row: value, null or invalid
  Micros answered = 0;               // when the source was read, by the provider's clock
  bool operator==(const Answers&) const = default;
};

// The content for seal_parcel(). Throws Error(rejected, QZ-SEAL-107) if it is not as the comments above say or beyond a
// limit: it is checked as it will be read.
Bytes encode_questions(const Questions& questions);
Bytes encode_answers(const Answers& answers);

// Of octets that open_body() gave. Throws Error(rejected, QZ-SEAL-107): malformed, beyond a limit, or not as many
// questions as the head says.
Questions decode_questions(std::string_view octets, const ParcelHead& ask);
Answers decode_answers(std::string_view octets, const ParcelHead& answer);

}  // namespace qianzhi::seal
