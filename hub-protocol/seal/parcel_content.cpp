#include "hub-protocol/seal/parcel_content.h"

#include <algorithm>
#include <set>

#include "hub-protocol/seal/row_codec.h"
#include "hub-protocol/seal/wire_codec.h"

namespace qianzhi::seal {

namespace {

constexpr Fault bad_questions{ErrorKind::rejected, "QZ-SEAL-107", "questions"};
constexpr Fault bad_answers{ErrorKind::rejected, "QZ-SEAL-107", "answers"};

bool holds_only(const Column& column, std::initializer_list<Presence> allowed) {
  const std::vector<Presence>& presences = column.presences();
  return std::all_of(presences.begin(), presences.end(), [&](Presence presence) {
    return std::find(allowed.begin(), allowed.end(), presence) != allowed.end();
  });
}

void check_items(const std::vector<std::string>& items, std::size_t columns, const Fault& fault) {
  if (items.size() != columns) fault.raise("items and columns differ in number");
  if (items.size() > most_parcel_items) fault.raise("too many items");
  std::set<std::string_view> seen;
  for (const std::string& item : items)
    if (item.empty() || item.size() > most_name_octets || !seen.insert(item).second) fault.raise("item");
}

void check(const Questions& questions) {
  const Fault& fault = bad_questions;
  check_items(questions.items, questions.columns.size(), fault);
  const std::size_t count = questions.count();
  if (count == 0 || count > most_questions) fault.raise("number of questions");
  for (const Column& column : questions.columns)
    if (column.size() != count || !holds_only(column, {Presence::value, Presence::null})) fault.raise("column");
  if (questions.case_number.size() > most_case_octets || questions.asker.size() > most_case_octets)
    fault.raise("case number or asker too long");
}

bool has_rows(AnswerVerdict verdict) { return verdict == AnswerVerdict::found || verdict == AnswerVerdict::several; }

void check(const Answers& answers) {
  const Fault& fault = bad_answers;
  check_items(answers.items, answers.columns.size(), fault);
  if (answers.verdicts.empty() || answers.verdicts.size() > most_questions) fault.raise("number of questions");
  if (answers.questions.size() > most_answer_rows) fault.raise("too many rows");
  if (answers.items.empty() && !answers.questions.empty()) fault.raise("rows without items");
  if (!std::is_sorted(answers.questions.begin(), answers.questions.end())) fault.raise("rows are out of order");
  for (const std::uint32_t question : answers.questions)
    if (question >= answers.verdicts.size() || !has_rows(answers.verdicts[question]))
      fault.raise("a row that answers nothing");
  for (const Column& column : answers.columns)
    if (column.size() != answers.questions.size() ||
        !holds_only(column, {Presence::value, Presence::null, Presence::invalid}))
      fault.raise("column");
  if (answers.answered <= 0) fault.raise("time");
}

void put_items(const std::vector<std::string>& items, std::uint32_t field, Bytes& out) {
  for (const std::string& item : items) put_message(out, field, item);
}

void put_columns(const std::vector<Column>& columns, std::uint32_t field, Bytes& out) {
  Bytes block;
  for (const Column& column : columns) {
    encode_column(column, block);
    put_message(out, field, block);
  }
}

// Counted before anything is made of them.
void add_view(std::vector<std::string_view>& views, std::string_view view, const Fault& fault) {
  if (views.size() == most_parcel_items) fault.raise("too many items");
  views.push_back(view);
}

std::vector<Column> columns_of(const std::vector<std::string_view>& blocks, std::size_t rows, const Fault& fault) {
  std::vector<Column> columns;
  columns.reserve(blocks.size());
  for (const std::string_view block : blocks) columns.push_back(decode_column(block, rows, fault));
  return columns;
}

std::vector<AnswerVerdict> verdicts_of(std::string_view octets, std::size_t count) {
  if (octets.size() != count) bad_answers.raise("number of questions");
  std::vector<AnswerVerdict> verdicts;
  verdicts.reserve(octets.size());
  for (const char octet : octets) {
    const auto number = static_cast<std::uint8_t>(octet);
    if (number < static_cast<std::uint8_t>(AnswerVerdict::found) ||
        number > static_cast<std::uint8_t>(AnswerVerdict::not_granted))
      bad_answers.raise("unknown verdict");
    verdicts.push_back(static_cast<AnswerVerdict>(number));
  }
  return verdicts;
}

std::vector<std::uint32_t> numbers_in(std::string_view packed) {
  if (count_varints(packed) > most_answer_rows) bad_answers.raise("too many rows");
  std::vector<std::uint32_t> numbers;
  numbers.reserve(count_varints(packed));
  VarintReader reader(packed, bad_answers);
  while (!reader.done()) numbers.push_back(reader.next32());
  return numbers;
}

}  // namespace

std::string_view name_of(AnswerVerdict verdict) {
  switch (verdict) {
    case AnswerVerdict::found: return "found";
    case AnswerVerdict::not_found: return "not_found";
    case AnswerVerdict::several: return "several";
    case AnswerVerdict::too_few: return "too_few";
    case AnswerVerdict::invalid: return "invalid";
    case AnswerVerdict::not_granted: return "not_granted";
  }
  return "?";
}

Bytes encode_questions(const Questions& questions) {
  check(questions);
  Bytes out;
  put_items(questions.items, 1, out);
  put_columns(questions.columns, 2, out);
  put_octets(out, 3, questions.case_number);
  put_octets(out, 4, questions.asker);
  return out;
}

Bytes encode_answers(const Answers& answers) {
  check(answers);
  Bytes out;
  Bytes verdicts;
  for (const AnswerVerdict verdict : answers.verdicts) verdicts.push_back(static_cast<char>(verdict));
  put_octets(out, 1, verdicts);
  put_items(answers.items, 2, out);
  Bytes packed;
  for (const std::uint32_t question : answers.questions) put_varint(packed, question);
  put_octets(out, 3, packed);
  put_columns(answers.columns, 4, out);
  put_number(out, 5, static_cast<std::uint64_t>(answers.answered));
  return out;
}

Questions decode_questions(std::string_view octets, const ParcelHead& ask) {
  Questions questions;
  std::vector<std::string_view> items, blocks;
  WireReader reader(octets, bad_questions);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: add_view(items, reader.each_text(), bad_questions); break;
      case 2: add_view(blocks, reader.each_octets(), bad_questions); break;
      case 3: questions.case_number = reader.text(); break;
      case 4: questions.asker = reader.text(); break;
      default: reader.unknown();
    }
  }
  questions.items.assign(items.begin(), items.end());
  questions.columns = columns_of(blocks, ask.questions, bad_questions);
  check(questions);
  return questions;
}

Answers decode_answers(std::string_view octets, const ParcelHead& answer) {
  Answers answers;
  std::string_view verdicts, questions;
  std::vector<std::string_view> items, blocks;
  WireReader reader(octets, bad_answers);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: verdicts = reader.octets(); break;
      case 2: add_view(items, reader.each_text(), bad_answers); break;
      case 3: questions = reader.octets(); break;
      case 4: add_view(blocks, reader.each_octets(), bad_answers); break;
      case 5: answers.answered = static_cast<Micros>(reader.number()); break;
      default: reader.unknown();
    }
  }
  answers.verdicts = verdicts_of(verdicts, answer.questions);
  answers.items.assign(items.begin(), items.end());
  answers.questions = numbers_in(questions);
  answers.columns = columns_of(blocks, answers.questions.size(), bad_answers);
  check(answers);
  return answers;
}

}  // namespace qianzhi::seal
