#include "agent/flow/ask_rows.h"

#include <time.h>

#include <algorithm>

#include "agent/flow/ask_table.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t most_message_octets = 480;  // of 500 characters

const char* word_of(store::RequestState state) {
  switch (state) {
    case store::RequestState::answered: return "answered";
    case store::RequestState::refused: return "refused";
    case store::RequestState::expired: return "expired";
    default: return "open";
  }
}

// Canonical text of a time of the agent's time zone.
std::string local_time(Micros time) {
  const time_t seconds = static_cast<time_t>(time / 1'000'000);
  tm parts{};
  localtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return {text, size};
}

}  // namespace

AskRows::AskRows(const config::AskConfig& ask, const adapter::TargetTable& table) : ask_(ask), table_(table) {
  step_.columns.resize(table_.columns.size());
}

void AskRows::begin(const std::string& request, const std::string& provider, std::size_t line,
                    const std::string& state) {
  step_.meta.push_back({Operation::upsert, static_cast<std::uint32_t>(step_.meta.size())});
  step_.groups.emplace_back();
  put(answer_column::request, request);
  put(answer_column::provider, provider);
  put(answer_column::line, std::to_string(line));
  put(answer_column::state, state);
}

void AskRows::put(const char* column, const std::string& text) {
  for (std::size_t i = 0; i < table_.columns.size(); ++i)
    if (table_.columns[i].id == column) step_.columns[i].append(text);
}

void AskRows::put(const std::string& column, const Column& values, std::size_t row) {
  if (!values.has_value(row)) return;
  for (std::size_t i = 0; i < table_.columns.size(); ++i)
    if (table_.columns[i].id == column && step_.columns[i].size() < step_.meta.size())
      step_.columns[i].append(values.text(row));
}

// What a clerk reads without looking the code up.
void AskRows::put_code(const std::string& code, const std::string& detail) {
  if (code.empty()) return;
  put(answer_column::code, code);
  const auto known = explain(code);
  std::string text = known ? std::string(known->title_zh) : code;
  if (!detail.empty()) text += ": " + detail;
  if (text.size() > most_message_octets) {
    std::size_t size = most_message_octets;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    text.resize(size);
  }
  put(answer_column::message, text);
}

void AskRows::end() {
  for (Column& column : step_.columns)
    if (column.size() < step_.meta.size()) column.append_null();
}

void AskRows::add_provider(const Inquiry& inquiry, const ProviderAnswer& answer, std::size_t question) {
  const seal::Answers& told = answer.answers;
  const bool has_verdict = answer.state == store::RequestState::answered && question < told.verdicts.size();
  const auto range =
      std::equal_range(told.questions.begin(), told.questions.end(), static_cast<std::uint32_t>(question));
  const auto first = static_cast<std::size_t>(range.first - told.questions.begin());
  const std::size_t count = has_verdict ? static_cast<std::size_t>(range.second - range.first) : 0;
  for (std::size_t line = 1; line <= std::max<std::size_t>(count, 1); ++line) {
    begin(inquiry.rows[question], answer.provider, line, word_of(answer.state));
    if (has_verdict) put(answer_column::verdict, std::string(name_of(told.verdicts[question])));
    put_code(answer.code, {});
    if (answer.settled != 0) put(answer_column::settled, local_time(answer.settled));
    for (std::size_t i = 0; line <= count && i < told.items.size(); ++i) {
      const auto renamed = ask_.rename.find(told.items[i]);
      put(renamed == ask_.rename.end() ? told.items[i] : renamed->second, told.columns[i], first + line - 1);
    }
    end();
  }
}

void AskRows::add_whole(const Inquiry& inquiry, std::size_t question) {
  std::size_t answered = 0;
  Micros settled = 0;
  for (const ProviderAnswer& answer : inquiry.providers) {
    answered += answer.state == store::RequestState::answered ? 1 : 0;
    settled = std::max(settled, answer.settled);
  }
  begin(inquiry.rows[question], whole_answer, 0, inquiry.is_over() ? "over" : asked_word);
  put(answer_column::inquiry, to_hex(inquiry.id));
  put(answer_column::asked, local_time(inquiry.made));
  put(answer_column::deadline, local_time(inquiry.deadline));
  if (inquiry.is_over() && settled != 0) put(answer_column::settled, local_time(settled));
  put(answer_column::providers, std::to_string(inquiry.providers.size()));
  put(answer_column::answered, std::to_string(answered));
  end();
}

void AskRows::add(const Inquiry& inquiry, std::size_t question) {
  for (const ProviderAnswer& answer : inquiry.providers) add_provider(inquiry, answer, question);
  add_whole(inquiry, question);
}

void AskRows::add(const RefusedRequest& refused, Micros now) {
  begin(refused.row, whole_answer, 0, "refused");
  put_code(refused.code, refused.detail);
  put(answer_column::settled, local_time(now));
  end();
}

std::size_t AskRows::octets() const {
  std::size_t octets = 0;
  for (const Column& column : step_.columns) octets += column.octets();
  return octets;
}

adapter::RowsStep AskRows::take() {
  adapter::RowsStep step;
  std::swap(step, step_);
  step_.columns.resize(table_.columns.size());
  for (std::size_t i = 0; i < table_.columns.size(); ++i) step.indexes.push_back(i);
  return step;
}

}  // namespace qianzhi::flow
