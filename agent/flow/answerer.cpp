#include "agent/flow/answerer.h"

#include <algorithm>

#include "agent/config/names.h"
#include "agent/flow/answer_rows.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr Micros rate_minute = 60'000'000;
constexpr adapter::ReadLimits answer_limits{20'000, 1U << 20U};

const Topic* answered_topic(const Catalogue& catalogue, const std::string& service) {
  const Topic* topic = catalogue.find(service);
  return topic != nullptr && topic->mode == TopicMode::answer ? topic : nullptr;
}

// The columns of the questions in the order of the key.
std::vector<Column> in_key_order(const seal::Questions& questions, const Topic& topic) {
  std::vector<Column> columns;
  for (const std::string& key : topic.key) {
    const auto item = std::find(questions.items.begin(), questions.items.end(), key);
    if (item == questions.items.end() || questions.items.size() != topic.key.size()) return {};
    columns.push_back(questions.columns[static_cast<std::size_t>(item - questions.items.begin())]);
  }
  return columns;
}

Column part_of(const Column& column, std::size_t first) {
  Column part;
  part.append_range(column, first, column.size());
  return part;
}

}  // namespace

Answerer::Answerer(std::string agent, const config::SourceConfig& source, std::vector<config::AnswerConfig> answers,
                   AnswererParts parts, adapter::Connection connection)
    : agent_(std::move(agent)),
      source_(source.database.id),
      config_(source),
      answers_(std::move(answers)),
      parts_(std::move(parts)),
      connection_(std::move(connection)) {}

const config::AnswerConfig* Answerer::answer_to(const std::string& service) const {
  const auto found = std::find_if(answers_.begin(), answers_.end(),
                                  [&](const config::AnswerConfig& one) { return one.service == service; });
  return found == answers_.end() ? nullptr : &*found;
}

adapter::LookupSpec Answerer::spec_of(const std::string& agent, const config::SourceConfig& source,
                                      const std::vector<config::AnswerConfig>& answers, const Catalogue& catalogue,
                                      adapter::Connection connection) {
  adapter::LookupSpec spec;
  spec.connection = std::move(connection);
  spec.name = config::source_name(agent, source.database.id);
  spec.timeout = 0;
  for (const config::AnswerConfig& answer : answers) {
    const Topic* topic = answered_topic(catalogue, answer.service);
    if (topic == nullptr) continue;
    spec.statements.push_back(statement_of(*topic, answer));
    spec.timeout = std::max(spec.timeout, answer.timeout);
  }
  return spec;
}

// Another catalogue may ask other items of the database.
void Answerer::open(const Directory& directory) {
  if (lookup_ && catalogue_.topics == directory.catalogue.topics) return;
  lookup_.reset();
  statements_.clear();
  const adapter::LookupSpec spec = spec_of(agent_, config_, answers_, directory.catalogue, connection_);
  for (std::size_t i = 0; i < spec.statements.size(); ++i) statements_[spec.statements[i].id] = i;
  if (spec.statements.empty()) return;
  lookup_ = parts_.adapter.open_lookup(spec);
  catalogue_ = directory.catalogue;
}

std::string Answerer::refusal_of(const AskedRequest& asked, const Directory& directory) const {
  const Topic* topic = answered_topic(directory.catalogue, asked.head.service);
  if (topic == nullptr || statements_.count(topic->id) == 0) return "QZ-AGT-161";
  if (directory.provides(agent_, topic->id).is_empty()) return "QZ-AGT-161";
  if (directory.entitlement(asked.head.from, topic->id, parts_.clock.now()).is_empty()) return "QZ-AGT-160";
  const auto& purposes = topic->purposes;
  const bool is_for_this =
      purposes.empty() || std::find(purposes.begin(), purposes.end(), asked.head.purpose) != purposes.end();
  if (!is_for_this || asked.head.purpose.empty() || asked.head.basis.empty()) return "QZ-AGT-162";
  if (in_key_order(asked.questions, *topic).empty()) return "QZ-AGT-163";
  return {};
}

// An asker who asks more has to wait; what is too much for one minute by itself waits for one of its own.
bool Answerer::is_within_rate(const store::KeptRequest& request, const config::AnswerConfig& answer) {
  Minute& rate = asked_[{request.peer, answer.service}];
  const Micros now = parts_.clock.steady();
  if (rate.began == 0 || now - rate.began >= rate_minute) rate = {now, 0};
  if (rate.questions != 0 && rate.questions + request.questions > answer.questions_a_minute) return false;
  rate.questions += request.questions;
  return true;
}

void Answerer::settle(const AskedRequest& asked, const Directory& directory) {
  const Topic& topic = *directory.catalogue.find(asked.head.service);
  const config::AnswerConfig& answer = *answer_to(topic.id);
  const Entitlement entitlement = directory.entitlement(asked.head.from, topic.id, parts_.clock.now());
  AnswerRows rows(topic, answer, entitlement, in_key_order(asked.questions, topic));
  const std::size_t count = rows.questions().front().size();
  for (std::size_t first = 0; first < count;) {
    std::vector<Column> part;
    for (const Column& column : rows.questions()) part.push_back(part_of(column, first));
    const adapter::Found found = lookup_->find(statements_.at(topic.id), part, answer.rows_each, answer_limits);
    if (found.answered == 0) throw Error(ErrorKind::corrupt, "QZ-ADP-005", "a lookup that answers nothing");
    rows.add(first, found);
    first += found.answered;
  }
  try {
    parts_.requests.answer(asked, rows.take(parts_.clock.now()));
  } catch (const Error& error) {
    // More was found than one answer holds: fewer questions at once may be answered.
    if (error.kind() != ErrorKind::rejected) throw;
    parts_.requests.refuse(asked, "QZ-AGT-165");
  }
}

Progress Answerer::run_once() {
  const auto directory = parts_.directory.in_force();
  open(*directory);
  bool has_moved = false;
  bool has_waited = false;
  const auto wanted = [&](const store::KeptRequest& request) {
    const config::AnswerConfig* answer = answer_to(request.service);
    // What is over is forgotten with its deadline.
    if (answer == nullptr || request.deadline < parts_.clock.now()) return false;
    const bool is_now = is_within_rate(request, *answer);
    has_waited = has_waited || !is_now;
    return is_now;
  };
  for (const AskedRequest& asked : parts_.requests.asked(wanted)) {
    const std::string refusal = refusal_of(asked, *directory);
    if (refusal.empty())
      settle(asked, *directory);
    else
      parts_.requests.refuse(asked, refusal);
    has_moved = true;
  }
  say(has_waited ? std::vector<Notice>{{NoticeLevel::info, "QZ-AGT-164", source_, "some askers ask too much"}}
                 : std::vector<Notice>());
  return has_moved ? Progress::moved : Progress::idle;
}

}  // namespace qianzhi::flow
