#include "agent/app/request_commands.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "agent/app/request_text.h"
#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::app {

namespace {

constexpr std::size_t request_digits = 12;
constexpr std::size_t least_digits = 8;
constexpr std::size_t most_listed = 200;
constexpr Micros default_within = 600'000'000;

using Word = std::function<std::string(std::size_t)>;

[[noreturn]] void cannot_ask(const std::string& what) { throw Error(ErrorKind::rejected, "QZ-AGT-158", what); }

seal::Questions questions_of(const std::string& csv) {
  std::istringstream input(csv);
  CsvReader reader(input);
  seal::Questions questions;
  std::vector<std::string> cells;
  if (!reader.next(questions.items)) cannot_ask("no line of item names");
  questions.columns.resize(questions.items.size());
  while (reader.next(cells)) {
    if (cells.size() != questions.items.size())
      cannot_ask("line " + std::to_string(reader.line()) + ": " + std::to_string(cells.size()) + " cells, not " +
                 std::to_string(questions.items.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty())
        questions.columns[i].append_null();
      else
        questions.columns[i].append(cells[i]);
    }
  }
  return questions;
}

std::vector<std::string> agents_in(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

Bytes id_of(Agent& agent, const std::string& digits) {
  if (digits.size() < least_digits) cannot_ask("an id has at least 8 digits: " + digits);
  // A whole id, as programs have it, is not looked for among all that are kept.
  if (digits.size() == 2 * seal::parcel_id_octets && !agent.store().requests_of(from_hex(digits), false).empty())
    return from_hex(digits);
  Bytes found;
  for (const store::KeptInquiry& inquiry : agent.store().inquiries(std::size_t{1} << 20U)) {
    if (to_hex(inquiry.id).compare(0, digits.size(), digits) != 0) continue;
    if (!found.empty()) cannot_ask("several requests begin with " + digits);
    found = inquiry.id;
  }
  if (found.empty()) throw Error(ErrorKind::rejected, "QZ-AGT-155", digits);
  return found;
}

std::string ask_others(Agent& agent, const service::Call& call, const Word& word) {
  flow::InquiryDraft draft;
  draft.service = word(1);
  draft.providers = agents_in(word(2));
  draft.purpose = word(3);
  draft.basis = word(4);
  draft.questions = questions_of(call.attachment);
  draft.questions.case_number = word(5);
  draft.questions.asker = call.user;
  const auto within = word(6).empty() ? default_within : yaml::parse_duration(word(6)).value_or(0);
  if (within < 1'000'000) cannot_ask("within: " + word(6));
  draft.within = within;
  if (!word(7).empty()) draft.appeal = id_of(agent, word(7));
  return to_hex(agent.requests().ask(draft)) + "\n";
}

std::string request_header(Agent& agent, const std::string& service) {
  const auto directory = agent.directory();
  const Topic* topic = directory ? directory->catalogue.find(service) : nullptr;
  if (topic == nullptr) throw Error(ErrorKind::rejected, "QZ-AGT-151", service);
  return csv_record(header_of(*topic));
}

std::string records(Agent& agent, const std::string& id) {
  const flow::Inquiry inquiry = agent.requests().inquiry(id_of(agent, id));
  const auto directory = agent.directory();
  const Topic* topic = directory ? directory->catalogue.find(inquiry.service) : nullptr;
  if (topic == nullptr) throw Error(ErrorKind::rejected, "QZ-AGT-151", inquiry.service);
  std::string text;
  each_answer(inquiry, *topic, [&](const std::vector<std::string>& cells) { text += csv_record(cells); });
  return text;
}

std::string list_requests(Agent& agent, bool json) {
  Poco::JSON::Array array;
  std::string text;
  for (const store::KeptInquiry& kept : agent.store().inquiries(most_listed)) {
    const std::vector<store::KeptRequest> requests = agent.store().requests_of(kept.id, false);
    const auto over = std::count_if(requests.begin(), requests.end(),
                                    [](const store::KeptRequest& request) { return store::is_over(request.state); });
    Poco::JSON::Object object;
    object.set("id", to_hex(kept.id));
    object.set("service", requests.empty() ? std::string() : requests.front().service);
    object.set("made", qianzhi::to_text(kept.made));
    object.set("deadline", qianzhi::to_text(kept.deadline));
    object.set("providers", static_cast<int>(requests.size()));
    object.set("over", static_cast<int>(over));
    array.add(object);
    text += to_hex(kept.id).substr(0, request_digits) + "\t" +
            (requests.empty() ? std::string() : requests.front().service) + "\t" + qianzhi::to_text(kept.made) + "\t" +
            std::to_string(over) + "/" + std::to_string(requests.size()) + "\n";
  }
  if (!json) return text.empty() ? "没有请求 / nothing was asked\n" : text;
  std::ostringstream out;
  array.stringify(out);
  return out.str() + "\n";
}

std::string show_request(Agent& agent, const std::string& id, bool json) {
  const flow::Inquiry inquiry = agent.requests().inquiry(id_of(agent, id));
  return json ? inquiry_json(inquiry) + "\n" : inquiry_text(inquiry);
}

// Cheap: who waits for an answer asks often.
std::string request_state(Agent& agent, const std::string& id) {
  const std::vector<store::KeptRequest> requests = agent.store().requests_of(from_hex(id), false);
  if (requests.empty()) throw Error(ErrorKind::rejected, "QZ-AGT-155", id);
  const bool is_over = std::all_of(requests.begin(), requests.end(),
                                   [](const store::KeptRequest& request) { return store::is_over(request.state); });
  return is_over ? "over\n" : "open\n";
}

}  // namespace

std::optional<std::string> request_command(Agent& agent, const service::Call& call) {
  const std::string& verb = call.words[0];
  const Word word = [&](std::size_t i) { return i < call.words.size() ? call.words[i] : std::string(); };
  if (verb == "ask") return ask_others(agent, call, word);
  if (verb == "request-list" || verb == "request-list-json") return list_requests(agent, verb != "request-list");
  if (verb == "request-show" || verb == "request-show-json")
    return show_request(agent, word(1), verb != "request-show");
  if (verb == "request-csv") return records(agent, word(1));
  if (verb == "request-header") return request_header(agent, word(1));
  if (verb == "request-state") return request_state(agent, word(1));
  return std::nullopt;
}

}  // namespace qianzhi::app
