// What the agent is and does, as one value.
#include <algorithm>

#include "agent/app/agent_state.h"

namespace qianzhi::app {

namespace {

status::PublicationStatus publication_status(const config::PublicationConfig& publication, const Directory* directory,
                                             const store::Store& store) {
  status::PublicationStatus line;
  line.topic = publication.topic;
  line.source = publication.source;
  line.table = publication.table;
  const Topic* topic = directory == nullptr ? nullptr : directory->catalogue.find(publication.topic);
  if (topic != nullptr) line.title = topic->title;
  const auto state = store.stream(publication.topic);
  if (!state) return line;
  const store::Store::Waiting waiting = store.waiting_after(publication.topic, state->receipted);
  line.sealed_rows = state->rows_sealed;
  line.refilled_rows = state->rows_refilled;
  line.withheld_rows = state->rows_withheld;
  line.receipted_rows = state->rows_receipted;
  line.waiting_batches = waiting.batches;
  line.waiting_rows = waiting.rows;
  line.waiting_since = waiting.oldest;
  line.last_change = state->last_change;
  line.alive = state->alive;
  if (state->alive_by != store::AliveBy::nothing) line.alive_by = store::name_of(state->alive_by);
  line.alive_at_hub = state->alive != 0 && state->alive_at <= state->receipted;
  line.last = to_text(state->last.position);
  line.receipted = to_text(state->receipted);
  line.secured = to_text(state->secured);
  if (state->refill) line.refill = to_text(state->refill->groups);
  if (!state->wanted.is_empty()) line.wanted = to_text(state->wanted);
  line.quarantined = store.quarantined(publication.topic);
  line.code = state->stopped_code.empty() ? state->uplink_code : state->stopped_code;
  line.detail = state->stopped_code.empty() ? state->uplink_detail : state->stopped_detail;
  return line;
}

status::Verdict judge(const status::Snapshot& snapshot) {
  using status::Verdict;
  if (snapshot.directory_version == 0) return Verdict::starting;
  const auto is_error = [](const flow::Notice& n) { return n.level == flow::NoticeLevel::error; };
  if (std::any_of(snapshot.notices.begin(), snapshot.notices.end(), is_error)) return Verdict::failed;
  const auto failing = [](const flow::StageStatus& s) {
    return !s.error_code.empty() && s.error_kind != "unavailable";
  };
  if (std::any_of(snapshot.stages.begin(), snapshot.stages.end(), failing)) return Verdict::failed;
  const auto away = [](const flow::StageStatus& s) { return !s.error_code.empty(); };
  const bool attention = snapshot.quarantined != 0 ||
                         std::any_of(snapshot.stages.begin(), snapshot.stages.end(), away) ||
                         std::any_of(snapshot.notices.begin(), snapshot.notices.end(),
                                     [](const flow::Notice& n) { return n.level == flow::NoticeLevel::warning; });
  return attention ? Verdict::attention : Verdict::well;
}

std::string capture_name(config::Capture capture) {
  switch (capture) {
    case config::Capture::log: return "log";
    case config::Capture::journal: return "journal";
    case config::Capture::diff: return "diff";
    case config::Capture::watermark: break;
  }
  return "watermark";
}

std::vector<status::DatabaseLine> databases_of(const config::Config& config) {
  std::vector<status::DatabaseLine> lines;
  for (const auto& [id, source] : config.sources) {
    const auto topics =
        std::count_if(config.publications.begin(), config.publications.end(),
                      [&name = id](const config::PublicationConfig& line) { return line.source == name; });
    lines.push_back(
        {id, source.database.type, capture_name(source.capture), "capture " + id, static_cast<std::uint64_t>(topics)});
  }
  for (const auto& [id, target] : config.targets) {
    const auto topics =
        std::count_if(config.subscriptions.begin(), config.subscriptions.end(),
                      [&name = id](const config::SubscriptionConfig& line) { return line.target == name; });
    if (topics != 0) lines.push_back({id, target.type, {}, "deliver " + id, static_cast<std::uint64_t>(topics)});
  }
  return lines;
}

constexpr std::size_t most_request_lines = 50;
constexpr std::size_t line_digits = 12;

std::vector<status::RequestLine> asked_by_us(const store::Store& store) {
  std::vector<status::RequestLine> lines;
  for (const store::KeptInquiry& inquiry : store.inquiries(most_request_lines)) {
    status::RequestLine line;
    line.id = to_hex(inquiry.id).substr(0, line_digits);
    line.made = inquiry.made;
    line.deadline = inquiry.deadline;
    for (const store::KeptRequest& request : store.requests_of(inquiry.id, false)) {
      line.service = request.service;
      ++line.providers;
      if (store::is_over(request.state)) ++line.settled;
    }
    line.state = line.settled == line.providers ? "over" : "open";
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string answer_state(const store::KeptRequest& request) {
  if (request.state == store::RequestState::to_answer) return "open";
  if (request.state == store::RequestState::missed) return "missed";
  return request.code.empty() ? "over" : "refused";
}

// What waits for us comes first; what is settled stays, until its deadline and a while after.
std::vector<status::RequestLine> asked_of_us(const store::Store& store) {
  using store::RequestState;
  std::vector<store::KeptRequest> settled;
  for (const RequestState state : {RequestState::answer_to_send, RequestState::answer_sent, RequestState::missed})
    for (store::KeptRequest& request : store.newest_requests(state, most_request_lines))
      settled.push_back(std::move(request));
  std::stable_sort(settled.begin(), settled.end(), [](const auto& a, const auto& b) { return a.settled > b.settled; });
  std::vector<store::KeptRequest> all = store.newest_requests(RequestState::to_answer, most_request_lines);
  all.insert(all.end(), settled.begin(), settled.end());
  all.resize(std::min(all.size(), most_request_lines));
  std::vector<status::RequestLine> lines;
  lines.reserve(all.size());
  for (const store::KeptRequest& request : all)
    lines.push_back({false, to_hex(request.id).substr(0, line_digits), request.service, request.peer,
                     answer_state(request), 1, request.state == RequestState::to_answer ? 0U : 1U, request.made,
                     request.deadline});
  return lines;
}

std::vector<status::RequestLine> requests_of(const store::Store& store) {
  std::vector<status::RequestLine> lines = asked_by_us(store);
  for (status::RequestLine& line : asked_of_us(store)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

status::Snapshot Agent::snapshot() const {
  const State& state = *state_;
  const auto directory = state.directory.current();
  status::Snapshot snapshot;
  snapshot.version = QIANZHI_VERSION;
  snapshot.agent = state.config.agent_id;
  snapshot.name = state.config.name;
  snapshot.language = state.config.language;
  snapshot.time = state.clock.now();
  snapshot.started = state.started;
  snapshot.hub_url = way_to_hub(state.config.exchange);
  if (directory) {
    snapshot.directory_version = directory->version;
    snapshot.directory_expires = directory->expires;
    const AgentEntry* self = directory->agent(state.config.agent_id);
    if (self != nullptr) snapshot.department = self->department;
  }
  snapshot.queued_octets = state.store.queued_octets();
  snapshot.queue_limit = state.config.queue.max_octets;
  snapshot.stages = state.pump.status();
  const auto take = [&](const flow::Stage& stage) {
    for (flow::Notice& notice : stage.notices()) snapshot.notices.push_back(std::move(notice));
  };
  snapshot.notices = state.links.notices();
  for (flow::Notice& notice : state.matters.notices(directory.get())) snapshot.notices.push_back(std::move(notice));
  for (flow::Notice& notice : state.requests->notices()) snapshot.notices.push_back(std::move(notice));
  for (const auto& capture : state.captures) take(*capture);
  for (const auto& answerer : state.answerers) take(*answerer);
  for (const auto& asker : state.askers) take(*asker);
  take(state.clock_watch);
  take(*state.uplink);
  take(*state.courier);
  take(*state.renewal);
  for (const auto& deliver : state.delivers) {
    take(*deliver);
    for (flow::LaneStatus& lane : deliver->lanes()) snapshot.lanes.push_back(std::move(lane));
  }
  for (const config::PublicationConfig& publication : state.config.publications)
    snapshot.publications.push_back(publication_status(publication, directory.get(), state.store));
  for (const auto& capture : state.captures)
    for (const flow::TableProgress& progress : capture->progress())
      for (status::PublicationStatus& line : snapshot.publications)
        if (line.topic == progress.topic) line.progress = progress;
  for (const store::QuarantineEntry& entry : state.store.quarantine(false)) {
    ++snapshot.quarantined;
    if (snapshot.quarantine.size() < 200)
      snapshot.quarantine.push_back({entry.id, entry.side == store::QuarantineSide::capture ? "capture" : "apply",
                                     entry.topic, entry.origin, entry.code, entry.detail, entry.first_seen,
                                     entry.tries});
  }
  snapshot.databases = databases_of(state.config);
  snapshot.requests = requests_of(state.store);
  snapshot.delay = state.uplink->delay();
  snapshot.file = state.config.file.string();
  snapshot.verdict = judge(snapshot);
  return snapshot;
}

}  // namespace qianzhi::app
