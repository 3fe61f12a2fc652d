#include "agent/flow/answerer.h"

#include <algorithm>

#include "agent/config/names.h"
#include "agent/flow/answer_rows.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

constexpr Micros rate_minute = 60'000'000;
constexpr Micros first_fault_wait = 15'000'000;
constexpr Micros longest_fault_wait = 240'000'000;
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
      parts_(parts),
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
  if (is_open_ && catalogue_.topics == directory.catalogue.topics) return;
  is_open_ = false;
  lookup_ = {};
  faults_.clear();
  lookup_ = open_answers(parts_.adapter, spec_of(agent_, config_, answers_, directory.catalogue, connection_));
  for (const auto& [service, error] : lookup_.refused) {
    log("answer " + service, error);
    faults_.emplace(service, Fault{error, 0, 0});
  }
  catalogue_ = directory.catalogue;
  is_open_ = true;
}

std::string Answerer::refusal_of(const AskedRequest& asked, const Directory& directory) const {
  const Topic* topic = answered_topic(directory.catalogue, asked.head.service);
  if (topic == nullptr || lookup_.statements.count(topic->id) == 0) return "QZ-AGT-161";
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

// What was not answered was not asked.
void Answerer::give_back(const store::KeptRequest& request) {
  const auto rate = asked_.find({request.peer, request.service});
  if (rate != asked_.end())
    rate->second.questions -= std::min<std::uint64_t>(rate->second.questions, request.questions);
}

bool Answerer::stands(const std::string& service) const {
  const auto fault = faults_.find(service);
  if (fault == faults_.end()) return false;
  return fault->second.until == 0 || parts_.clock.steady() < fault->second.until;
}

// The DBA may mend it while we run. A statement that takes too long burdens his database, and is tried ever more
// seldom.
void Answerer::note_fault(const std::string& service, const Error& error) {
  const auto known = faults_.find(service);
  const bool is_new = known == faults_.end() || known->second.error.code() != error.code();
  if (is_new) log("answer " + service, error);
  Micros wait = first_fault_wait;
  if (!is_new && error.kind() == ErrorKind::unavailable) wait = std::min(2 * known->second.wait, longest_fault_wait);
  faults_.insert_or_assign(service, Fault{error, parts_.clock.steady() + wait, wait});
}

void Answerer::note_success(const std::string& service) {
  if (faults_.erase(service) != 0) log(LogLevel::notice, "answer " + service, "works again");
}

void Answerer::answer(const AskedRequest& asked, const Directory& directory) {
  const Topic& topic = *directory.catalogue.find(asked.head.service);
  const config::AnswerConfig& answer = *answer_to(topic.id);
  const Entitlement entitlement = directory.entitlement(asked.head.from, topic.id, parts_.clock.now());
  AnswerRows rows(topic, answer, entitlement, in_key_order(asked.questions, topic));
  const std::size_t count = rows.questions().front().size();
  for (std::size_t first = 0; first < count;) {
    std::vector<Column> part;
    for (const Column& column : rows.questions()) part.push_back(part_of(column, first));
    const adapter::Found found =
        lookup_.lookup->find(lookup_.statements.at(topic.id), part, answer.rows_each, answer_limits);
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

// Whether the next run is due at once: it was settled, or its service stands from now on.
bool Answerer::settle(const AskedRequest& asked, const Directory& directory) {
  const std::string& service = asked.head.service;
  if (stands(service)) {
    give_back(asked.request);
    return false;
  }
  const std::string refusal = refusal_of(asked, directory);
  if (!refusal.empty()) {
    parts_.requests.refuse(asked, refusal);
    return true;
  }
  try {
    answer(asked, directory);
    note_success(service);
  } catch (const Error& error) {
    if (!adapter::is_of_statement(error)) throw;
    note_fault(service, error);
    give_back(asked.request);
  }
  return true;
}

void Answerer::report(bool has_waited) {
  std::vector<Notice> notices;
  for (const auto& [service, fault] : faults_) {
    const config::AnswerConfig* answer = answer_to(service);
    const std::string place = answer == nullptr ? std::string() : yaml::to_text(answer->place);
    notices.push_back({NoticeLevel::error, "QZ-AGT-176", service,
                       (place.empty() ? "" : place + ": ") + fault.error.code() + " " + fault.error.detail() +
                           (fault.error.hint().empty() ? "" : "; " + fault.error.hint())});
  }
  if (has_waited) notices.push_back({NoticeLevel::info, "QZ-AGT-164", source_, "some askers ask too much"});
  say(std::move(notices));
}

Progress Answerer::run_once() {
  const auto directory = parts_.directory.in_force();
  open(*directory);
  bool has_moved = false;
  bool has_waited = false;
  std::set<std::string> tried;  // one request each where the last one could not be looked up
  const auto wanted = [&](const store::KeptRequest& request) {
    const config::AnswerConfig* answer = answer_to(request.service);
    // What is over is forgotten with its deadline.
    if (answer == nullptr || request.deadline < parts_.clock.now() || stands(request.service)) return false;
    if (faults_.count(request.service) != 0 && tried.count(request.service) != 0) return false;
    const bool is_now = is_within_rate(request, *answer);
    has_waited = has_waited || !is_now;
    if (is_now) tried.insert(request.service);
    return is_now;
  };
  for (const AskedRequest& asked : parts_.requests.asked(wanted)) has_moved = settle(asked, *directory) || has_moved;
  report(has_waited);
  return has_moved ? Progress::moved : Progress::idle;
}

}  // namespace qianzhi::flow
