#include <algorithm>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/codec.h"

namespace qianzhi::adapter {

namespace {

constexpr std::size_t longest_call = 16U << 20U;  // octets of the questions of one frame

bool rises(const google::protobuf::RepeatedField<std::uint32_t>& list, std::size_t below, bool strictly) {
  for (int i = 0; i < list.size(); ++i)
    if (list[i] >= below || (i > 0 && (strictly ? list[i] <= list[i - 1] : list[i] < list[i - 1]))) return false;
  return true;
}

template <class List>
std::vector<std::string> names_of(const List& list) {
  return {list.begin(), list.end()};
}

template <class List>
void add_names(const std::vector<std::string>& from, List* to) {
  for (const std::string& name : from) *to->Add() = name;
}

}  // namespace

void encode(const LookupSpec& spec, wire::LookupSpec& to) {
  encode(spec.connection, *to.mutable_connection());
  to.set_name(spec.name);
  for (const LookupStatement& statement : spec.statements) {
    wire::LookupStatement& entry = *to.add_statements();
    entry.set_id(statement.id);
    entry.set_table(statement.table);
    add_names(statement.match, entry.mutable_match());
    entry.set_text(statement.text);
    add_names(statement.parameters, entry.mutable_parameters());
    add_names(statement.columns, entry.mutable_columns());
    for (const ItemType type : statement.types) entry.add_types(static_cast<std::uint32_t>(type));
  }
  to.set_timeout(spec.timeout);
}

LookupSpec decode(const wire::LookupSpec& from) {
  LookupSpec spec{decode(from.connection()), from.name(), {}, from.timeout()};
  for (const wire::LookupStatement& entry : from.statements()) {
    LookupStatement statement{entry.id(),
                              entry.table(),
                              names_of(entry.match()),
                              entry.text(),
                              names_of(entry.parameters()),
                              names_of(entry.columns())};
    for (const std::uint32_t type : entry.types()) {
      if (type > static_cast<std::uint32_t>(ItemType::bytes)) malformed("an item type");
      statement.types.push_back(static_cast<ItemType>(type));
    }
    spec.statements.push_back(std::move(statement));
  }
  return spec;
}

std::size_t encode_questions(const std::vector<Column>& questions, wire::Find& to) {
  const std::size_t asked = questions.empty() ? 0 : questions.front().size();
  std::size_t rows = 0;
  for (std::size_t octets = 0; rows < asked && octets < longest_call; ++rows)
    for (const Column& column : questions) octets += std::min(column.text(rows).size(), longest_question);
  for (const Column& column : questions) {
    Column sent;
    for (std::size_t row = 0; row < rows; ++row) {
      if (column.text(row).size() > longest_question)
        sent.append_invalid({});
      else
        sent.append_from(column, row);
    }
    encode_column(sent, *to.add_questions());
  }
  return rows;
}

std::vector<Column> decode_questions(const wire::Find& from) {
  std::vector<Column> questions;
  for (const wire::Column& column : from.questions()) {
    const auto rows = static_cast<std::size_t>(from.questions(0).lengths_size());
    if (rows > most_questions) malformed("more questions than one call may ask");
    questions.push_back(decode_column(column, rows));
  }
  return questions;
}

void encode(const Found& found, wire::Found& to) {
  to.set_answered(found.answered);
  to.mutable_question()->Add(found.question.begin(), found.question.end());
  for (const Column& column : found.columns) encode_column(column, *to.add_columns());
  to.mutable_cut()->Add(found.cut.begin(), found.cut.end());
  to.mutable_unfit()->Add(found.unfit.begin(), found.unfit.end());
}

Found decode(const wire::Found& from, std::size_t questions, std::size_t columns) {
  const std::size_t answered = from.answered();
  if (answered > questions || (answered == 0 && questions > 0)) malformed("answers to another number of questions");
  if (static_cast<std::size_t>(from.question_size()) > longest_rows || !rises(from.question(), answered, false) ||
      !rises(from.cut(), answered, true) || !rises(from.unfit(), answered, true))
    malformed("answers to questions that were not asked");
  if (static_cast<std::size_t>(from.columns_size()) != columns) malformed("another number of columns");
  Found found;
  found.answered = answered;
  found.question.assign(from.question().begin(), from.question().end());
  for (const wire::Column& column : from.columns())
    found.columns.push_back(decode_column(column, found.question.size()));
  found.cut.assign(from.cut().begin(), from.cut().end());
  found.unfit.assign(from.unfit().begin(), from.unfit().end());
  return found;
}

}  // namespace qianzhi::adapter
