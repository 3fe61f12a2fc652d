#include "agent/app/request_text.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

namespace qianzhi::app {

namespace {

std::string cell(const Column& column, std::size_t row) {
  return std::string(column.presence(row) == Presence::null ? std::string_view() : column.text(row));
}

// The rows that answer this question: a range of them.
std::pair<std::size_t, std::size_t> rows_of(const seal::Answers& answers, std::size_t question) {
  const auto range =
      std::equal_range(answers.questions.begin(), answers.questions.end(), static_cast<std::uint32_t>(question));
  return {static_cast<std::size_t>(range.first - answers.questions.begin()),
          static_cast<std::size_t>(range.second - answers.questions.begin())};
}

std::string item_text(const seal::Answers& answers, const std::string& item, std::size_t row) {
  const auto found = std::find(answers.items.begin(), answers.items.end(), item);
  if (found == answers.items.end()) return {};
  return cell(answers.columns[static_cast<std::size_t>(found - answers.items.begin())], row);
}

Poco::JSON::Object row_json(const std::vector<std::string>& items, const std::vector<Column>& columns,
                            std::size_t row) {
  Poco::JSON::Object object;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (columns[i].has_value(row)) object.set(items[i], std::string(columns[i].text(row)));
  return object;
}

Poco::JSON::Array answers_json(const seal::Answers& answers) {
  Poco::JSON::Array array;
  for (std::size_t question = 0; question < answers.verdicts.size(); ++question) {
    Poco::JSON::Object object;
    object.set("verdict", std::string(name_of(answers.verdicts[question])));
    const auto [first, last] = rows_of(answers, question);
    Poco::JSON::Array rows;
    for (std::size_t row = first; row < last; ++row) rows.add(row_json(answers.items, answers.columns, row));
    if (first < last) object.set("rows", rows);
    array.add(object);
  }
  return array;
}

std::string question_text(const seal::Questions& questions, std::size_t row) {
  std::string text;
  for (std::size_t i = 0; i < questions.items.size(); ++i)
    text += (i == 0 ? "" : " ") + questions.items[i] + "=" + cell(questions.columns[i], row);
  return text;
}

std::string answer_text(const flow::ProviderAnswer& answer, std::size_t question) {
  std::string text = "    " + answer.provider + "  ";
  if (answer.state != store::RequestState::answered || answer.answers.verdicts.size() <= question)
    return text + std::string(title_of(answer.state)) + (answer.code.empty() ? "" : "  " + answer.code) + "\n";
  text += std::string(title_of(answer.answers.verdicts[question])) + "\n";
  const auto [first, last] = rows_of(answer.answers, question);
  for (std::size_t row = first; row < last; ++row) {
    text += "     ";
    for (std::size_t i = 0; i < answer.answers.items.size(); ++i)
      if (answer.answers.columns[i].has_value(row))
        text += " " + answer.answers.items[i] + "=" + cell(answer.answers.columns[i], row);
    text += "\n";
  }
  return text;
}

}  // namespace

std::string_view name_of(store::RequestState state) {
  switch (state) {
    case store::RequestState::to_send: return "to_send";
    case store::RequestState::sent: return "sent";
    case store::RequestState::answered: return "answered";
    case store::RequestState::refused: return "refused";
    case store::RequestState::expired: return "expired";
    case store::RequestState::to_answer: return "to_answer";
    case store::RequestState::answer_to_send: return "answer_to_send";
    case store::RequestState::answer_sent: return "answer_sent";
    case store::RequestState::missed: return "missed";
  }
  return "?";
}

std::string_view title_of(store::RequestState state) {
  switch (state) {
    case store::RequestState::to_send: return "待发送 to be sent";
    case store::RequestState::sent: return "未答复 not answered yet";
    case store::RequestState::answered: return "已答复 answered";
    case store::RequestState::refused: return "被拒绝 refused";
    case store::RequestState::expired: return "到期未答复 no answer by the deadline";
    case store::RequestState::to_answer: return "待答复 to be answered";
    case store::RequestState::answer_to_send: return "答复待发送 answer to be sent";
    case store::RequestState::answer_sent: return "答复已发送 answer sent";
    case store::RequestState::missed: return "到期未答复 deadline missed";
  }
  return "?";
}

std::string_view title_of(seal::AnswerVerdict verdict) {
  switch (verdict) {
    case seal::AnswerVerdict::found: return "有 found";
    case seal::AnswerVerdict::not_found: return "无 not found";
    case seal::AnswerVerdict::several: return "多于允许的条数 more than are told";
    case seal::AnswerVerdict::too_few: return "汇总的个数太少，不予告知 a sum of too few, not told";
    case seal::AnswerVerdict::invalid: return "问题无效 no valid question";
    case seal::AnswerVerdict::not_granted: return "未授权 not granted";
  }
  return "?";
}

std::vector<std::string> header_of(const Topic& service) {
  std::vector<std::string> header = service.key;
  header.insert(header.end(), {"provider", "state", "verdict"});
  for (const Item& item : service.items)
    if (!service.is_key(item.id)) header.push_back(item.id);
  header.emplace_back("code");
  return header;
}

void each_answer(const flow::Inquiry& inquiry, const Topic& service,
                 const std::function<void(const std::vector<std::string>&)>& take) {
  std::vector<std::string> answered;
  for (const Item& item : service.items)
    if (!service.is_key(item.id)) answered.push_back(item.id);
  for (std::size_t question = 0; question < inquiry.questions.count(); ++question) {
    std::vector<std::string> asked;
    for (const std::string& key : service.key) {
      const auto found = std::find(inquiry.questions.items.begin(), inquiry.questions.items.end(), key);
      const auto place = static_cast<std::size_t>(found - inquiry.questions.items.begin());
      asked.push_back(place < inquiry.questions.columns.size() ? cell(inquiry.questions.columns[place], question)
                                                               : std::string());
    }
    for (const flow::ProviderAnswer& answer : inquiry.providers) {
      const bool is_told = answer.state == store::RequestState::answered && answer.answers.verdicts.size() > question;
      const auto [first, last] = is_told ? rows_of(answer.answers, question) : std::pair<std::size_t, std::size_t>();
      for (std::size_t row = first; row == first || row < last; ++row) {
        std::vector<std::string> cells = asked;
        cells.insert(cells.end(), {answer.provider, std::string(name_of(answer.state)),
                                   is_told ? std::string(name_of(answer.answers.verdicts[question])) : ""});
        for (const std::string& item : answered)
          cells.push_back(row < last ? item_text(answer.answers, item, row) : std::string());
        cells.push_back(answer.code);
        take(cells);
      }
    }
  }
}

std::string inquiry_json(const flow::Inquiry& inquiry) {
  Poco::JSON::Object object;
  object.set("id", to_hex(inquiry.id));
  object.set("service", inquiry.service);
  object.set("purpose", inquiry.purpose);
  object.set("basis", inquiry.basis);
  object.set("case", inquiry.questions.case_number);
  object.set("asker", inquiry.questions.asker);
  if (!inquiry.appeal.empty()) object.set("appeal", to_hex(inquiry.appeal));
  object.set("made", qianzhi::to_text(inquiry.made));
  object.set("deadline", qianzhi::to_text(inquiry.deadline));
  object.set("over", inquiry.is_over());
  Poco::JSON::Array questions;
  for (std::size_t row = 0; row < inquiry.questions.count(); ++row)
    questions.add(row_json(inquiry.questions.items, inquiry.questions.columns, row));
  object.set("questions", questions);
  Poco::JSON::Array providers;
  for (const flow::ProviderAnswer& answer : inquiry.providers) {
    Poco::JSON::Object one;
    one.set("provider", answer.provider);
    one.set("state", std::string(name_of(answer.state)));
    if (!answer.code.empty()) one.set("code", answer.code);
    if (answer.settled != 0) one.set("settled", qianzhi::to_text(answer.settled));
    if (answer.state == store::RequestState::answered) one.set("answers", answers_json(answer.answers));
    providers.add(one);
  }
  object.set("providers", providers);
  std::ostringstream out;
  object.stringify(out);
  return out.str();
}

std::string inquiry_text(const flow::Inquiry& inquiry) {
  std::string text = to_hex(inquiry.id) + "  " + inquiry.service + "\n  用途 purpose " + inquiry.purpose +
                     "  依据 basis " + inquiry.basis + "  案号 case " + inquiry.questions.case_number +
                     "\n  请求人 asked by " + inquiry.questions.asker + "  " + qianzhi::to_text(inquiry.made) +
                     "  截止 until " + qianzhi::to_text(inquiry.deadline) + "\n";
  if (!inquiry.appeal.empty()) text += "  复核 an appeal of " + to_hex(inquiry.appeal) + "\n";
  for (std::size_t row = 0; row < inquiry.questions.count(); ++row) {
    text += "  " + question_text(inquiry.questions, row) + "\n";
    for (const flow::ProviderAnswer& answer : inquiry.providers) text += answer_text(answer, row);
  }
  return text;
}

}  // namespace qianzhi::app
