#include "agent/flow/answer_rows.h"

#include <algorithm>
#include <charconv>

#include "agent/config/names.h"

namespace qianzhi::flow {

namespace {

// A statement that answers nothing but yes or no gives this column.
constexpr const char* found_column = "found";

std::string column_of(const config::AnswerConfig& answer, const std::string& item) {
  const auto named = answer.items.find(item);
  return named == answer.items.end() ? item : named->second;
}

// In the catalogue's order: every item that is not asked, and of those that are, what the configuration names.
std::vector<std::string> answered_items(const Topic& topic, const config::AnswerConfig& answer) {
  std::vector<std::string> items;
  for (const Item& item : topic.items)
    if (!topic.is_key(item.id) || answer.items.count(item.id) != 0) items.push_back(item.id);
  return items;
}

std::string matched_column(const config::AnswerConfig& answer, const std::string& key) {
  const auto matched = answer.match.find(key);
  return matched == answer.match.end() ? key : matched->second;
}

// Where it stands; behind the others if it is not there yet: a database is asked for each column once.
std::size_t place_among(std::vector<std::string>& columns, const std::string& column) {
  const auto found = std::find(columns.begin(), columns.end(), column);
  const auto place = static_cast<std::size_t>(found - columns.begin());
  if (found == columns.end()) columns.push_back(column);
  return place;
}

std::string_view without_padding(std::string_view text) {
  const std::size_t end = text.find_last_not_of(' ');
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

bool is_text(ItemType type) { return type == ItemType::text || type == ItemType::code || type == ItemType::digits; }

}  // namespace

adapter::LookupStatement statement_of(const Topic& topic, const config::AnswerConfig& answer) {
  adapter::LookupStatement statement;
  statement.id = topic.id;
  statement.table = answer.table;
  statement.text = answer.statement;
  for (const std::string& item : answered_items(topic, answer)) place_among(statement.columns, column_of(answer, item));
  if (!topic.partition.empty()) place_among(statement.columns, column_of(answer, topic.partition));
  if (!answer.group_column.empty()) place_among(statement.columns, answer.group_column);
  for (const std::string& key : topic.key) {
    if (answer.statement.empty()) {
      statement.match.push_back(matched_column(answer, key));
      place_among(statement.columns, statement.match.back());
    } else {
      statement.parameters.push_back(key);
      statement.types.push_back(topic.items[topic.index_of(key)].type);
    }
  }
  if (statement.columns.empty()) statement.columns.emplace_back(found_column);
  return statement;
}

AnswerRows::AnswerRows(const Topic& topic, const config::AnswerConfig& answer, const Entitlement& entitlement,
                       std::vector<Column> questions)
    : topic_(topic), answer_(answer), entitlement_(entitlement) {
  const std::size_t rows = questions.front().size();
  content_.verdicts.assign(rows, seal::AnswerVerdict::not_found);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < questions.size(); ++i)
      if (!questions[i].has_value(row) || questions[i].text(row).empty() ||
          !config::fits(topic.items[topic.index_of(topic.key[i])], questions[i].text(row)))
        content_.verdicts[row] = seal::AnswerVerdict::invalid;
  questions_.resize(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i)
    for (std::size_t row = 0; row < rows; ++row) {
      if (content_.verdicts[row] == seal::AnswerVerdict::invalid)
        questions_[i].append_null();
      else
        questions_[i].append_from(questions[i], row);
    }
  std::vector<std::string> columns = statement_of(topic, answer).columns;
  const std::set<std::string> granted = entitlement.items();
  for (const std::string& item : answered_items(topic, answer)) {
    if (granted.count(item) == 0) continue;
    shown_.push_back(item);
    place_.push_back(place_among(columns, column_of(answer, item)));
  }
  if (!topic.partition.empty()) partition_ = place_among(columns, column_of(answer, topic.partition));
  if (!answer.group_column.empty()) count_ = place_among(columns, answer.group_column);
  if (answer.statement.empty())
    for (const std::string& key : topic.key) matched_.push_back(place_among(columns, matched_column(answer, key)));
  content_.items = shown_;
  content_.columns.resize(shown_.size());
}

std::set<std::string> AnswerRows::granted_in(const adapter::Found& found, std::size_t row) const {
  const bool has_group = partition_ != no_column && found.columns[partition_].has_value(row);
  return entitlement_.items_in(has_group ? found.columns[partition_].text(row) : std::string_view());
}

// A collation may hold for equal what is not, and another firm's row is nobody's answer.
bool AnswerRows::counts(const adapter::Found& found, std::size_t row, std::size_t question) const {
  if (granted_in(found, row).empty()) return false;
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Column& column = found.columns[matched_[i]];
    if (!is_text(topic_.items[topic_.index_of(topic_.key[i])].type)) continue;
    if (!column.has_value(row) || without_padding(column.text(row)) != without_padding(questions_[i].text(question)))
      return false;
  }
  return true;
}

// What cannot be counted is too few.
bool AnswerRows::is_too_small(const adapter::Found& found, std::size_t row) const {
  if (count_ == no_column) return false;
  const Column& column = found.columns[count_];
  if (!column.has_value(row)) return true;
  const std::string_view text = column.text(row);
  std::uint64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  return read.ec != std::errc{} || read.ptr != text.data() + text.size() || count < answer_.group_least;
}

void AnswerRows::give(const adapter::Found& found, std::size_t row, std::size_t question) {
  const std::set<std::string> granted = granted_in(found, row);
  content_.questions.push_back(static_cast<std::uint32_t>(question));
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    if (granted.count(shown_[i]) == 0)
      content_.columns[i].append_null();
    else
      content_.columns[i].append_from(found.columns[place_[i]], row);
  }
}

void AnswerRows::add(std::size_t first, const adapter::Found& found) {
  for (const std::uint32_t unfit : found.unfit) content_.verdicts[first + unfit] = seal::AnswerVerdict::invalid;
  for (std::size_t row = 0; row < found.question.size(); ++row) {
    const std::size_t question = first + found.question[row];
    if (!counts(found, row, question)) continue;
    seal::AnswerVerdict& verdict = content_.verdicts[question];
    if (std::binary_search(found.cut.begin(), found.cut.end(), found.question[row])) {
      verdict = seal::AnswerVerdict::several;
    } else if (is_too_small(found, row)) {
      if (verdict == seal::AnswerVerdict::not_found) verdict = seal::AnswerVerdict::too_few;
    } else {
      verdict = seal::AnswerVerdict::found;
      give(found, row, question);
    }
  }
}

seal::Answers AnswerRows::take(Micros now) {
  content_.answered = now;
  return std::move(content_);
}

}  // namespace qianzhi::flow
