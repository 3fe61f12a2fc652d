#include "adapters/api/lookup.h"

#include <algorithm>

namespace qianzhi::adapter {

std::unique_ptr<Lookup> Adapter::open_lookup(const LookupSpec&) {
  throw Error(ErrorKind::misuse, "QZ-ADP-021", "this adapter answers no questions");
}

bool is_of_statement(const Error& error) {
  static constexpr std::string_view codes[] = {"QZ-ADP-011", "QZ-ADP-060", "QZ-ADP-061",
                                               "QZ-ADP-062", "QZ-ADP-063", "QZ-ADP-065"};
  return std::find(std::begin(codes), std::end(codes), error.code()) != std::end(codes);
}

void check_call(const LookupSpec& spec, std::size_t statement, const std::vector<Column>& questions,
                std::size_t rows_each) {
  if (statement >= spec.statements.size())
    throw Error(ErrorKind::misuse, "QZ-ADP-063", "there is no statement " + std::to_string(statement));
  const std::size_t rows = questions.empty() ? 0 : questions.front().size();
  const bool even = std::all_of(questions.begin(), questions.end(), [&](const Column& c) { return c.size() == rows; });
  if (questions.size() != spec.statements[statement].parameter_count() || !even)
    throw Error(ErrorKind::misuse, "QZ-ADP-063", "the questions do not fit " + spec.statements[statement].id);
  if (rows > most_questions || rows_each == 0 || rows_each > most_rows_each)
    throw Error(ErrorKind::misuse, "QZ-ADP-063", "more questions or rows than one call may ask for");
}

}  // namespace qianzhi::adapter
