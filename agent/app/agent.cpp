#include "agent/app/agent.h"

#include <algorithm>

#include "adapters/api/process_adapter.h"
#include "agent/app/files.h"
#include "agent/app/links.h"
#include "agent/config/loader.h"
#include "agent/flow/capture.h"
#include "agent/flow/clock_watch.h"
#include "agent/flow/courier.h"
#include "agent/flow/deliver.h"
#include "agent/flow/directory_keeper.h"
#include "agent/flow/pump.h"
#include "agent/flow/uplink.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::app {

namespace {

constexpr Micros idle_wait = 1'000'000;
constexpr Micros clock_look = 5'000'000;

std::filesystem::path program_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

KeyRecord directory_key_of(const config::ExchangeConfig& exchange) {
  return seal::directory_key_from_pem(read_text(exchange.directory_key));
}

seal::SigningKey signing_key_of(const config::ExchangeConfig& exchange) {
  const DigestSuite suite = directory_key_of(exchange).suite;
  const auto read = [&](const config::SecretReference& reference) {
    return seal::SigningKey::from_pem(config::read_secret(reference), exchange.signer_id).in_suite(suite);
  };
  const seal::SigningKey key = read(exchange.signing_key);
  const config::SecretReference& second = exchange.second_signing_key;
  return second.file.empty() && second.credential.empty() ? key : key.with_second(read(second));
}

}  // namespace

store::StoreOptions store_options(const config::Config& config, bool read_only) {
  const bool sm4 = config.queue.cipher == config::QueueCipher::sm4;
  return {config.queue.path,
          {},
          read_only ? 0 : config.queue.max_octets,
          read_only,
          sm4 ? store::Cipher::sm4_ctr_hmac_sm3 : store::Cipher::aes_256_gcm};
}

AdapterFactory process_adapters(const config::Config& config, const Clock& clock) {
  const std::filesystem::path folder = config.adapters.empty() ? program_folder() : config.adapters;
  return [folder, &clock](const config::DatabaseConfig& database) {
    const config::LimitsConfig& limits = database.limits;
    return adapter::make_process_adapter(folder / ("qianzhi-adapter-" + database.type), clock,
                                         {limits.memory, static_cast<std::uint64_t>(limits.cpu / 1'000'000),
                                          limits.open_files, limits.file_size, limits.processes, limits.user});
  };
}

adapter::Connection connection_of(const config::DatabaseConfig& database) {
  adapter::Connection connection;
  connection.options = database.options;
  for (const auto& [name, reference] : database.secrets) connection.secrets[name] = config::read_secret(reference);
  return connection;
}

struct Agent::State {
  State(const config::Config& the_config, const Clock& the_clock, Random& the_random, AdapterFactory the_adapters,
        store::Breakpoint the_breakpoint, std::function<void(const Error&)> on_fatal)
      : config(the_config),
        clock(the_clock),
        adapters(std::move(the_adapters)),
        breakpoint(std::move(the_breakpoint)),
        key(signing_key_of(config.exchange)),
        sealer{config.agent_id, key, clock, the_random, {}},
        store(store_options(config, false), from_hex(config::read_secret(config.queue.key)), the_random, breakpoint),
        directory(store, clock, directory_key_of(config.exchange)),
        mailbox(clock),
        matters({config.agent_id, store, clock, the_random, key}),
        links(config, clock, the_random),
        clock_watch(clock),
        pump(
            clock, [this] { return store.has_failed(); }, std::move(on_fatal)),
        started(clock.now()) {}

  adapter::Adapter& new_adapter(const config::DatabaseConfig& database) {
    opened.push_back(adapters(database));
    return *opened.back();
  }

  void ring_captures() {
    for (const auto& capture : captures) pump.ring(*capture);
  }

  void retry_all() {
    for (const auto& capture : captures) pump.retry(*capture);
    pump.retry(*uplink);
    pump.retry(*courier);
    for (const auto& deliver : delivers) pump.retry(*deliver);
  }

  void on_wish(bool restored) {
    ring_captures();
    if (!restored) return;
    uplink->forget_session();
    pump.ring(*uplink);
  }

  void add_captures();
  void add_uplink();
  void add_delivers();
  void add_courier();

  config::Config config;
  const Clock& clock;
  AdapterFactory adapters;
  store::Breakpoint breakpoint;
  seal::SigningKey key;
  flow::Sealer sealer;
  store::Store store;
  flow::DirectoryKeeper directory;
  flow::Mailbox mailbox;
  flow::Matters matters;
  Links links;
  HubLink* control_link = nullptr;  // for what an operator waits for; null by files
  std::vector<std::unique_ptr<adapter::Adapter>> opened;
  std::vector<std::unique_ptr<flow::Capture>> captures;
  std::unique_ptr<flow::Uplink> uplink;
  std::vector<std::unique_ptr<flow::Deliver>> delivers;
  std::unique_ptr<flow::Courier> courier;
  flow::ClockWatch clock_watch;
  flow::Pump pump;  // last: its threads use everything above
  Micros started;
};

void Agent::State::add_captures() {
  for (const auto& [id, source] : config.sources) {
    std::vector<config::PublicationConfig> publications;
    for (const config::PublicationConfig& publication : config.publications)
      if (publication.source == id) publications.push_back(publication);
    if (publications.empty()) continue;
    flow::CaptureParts parts{new_adapter(source.database),   store,     directory, sealer,
                             [this] { pump.ring(*uplink); }, breakpoint};
    parts.mailbox = &mailbox;
    captures.push_back(std::make_unique<flow::Capture>(source, std::move(publications), std::move(parts),
                                                       connection_of(source.database)));
    pump.add(*captures.back(), idle_wait);
  }
}

void Agent::State::add_uplink() {
  std::map<std::string, config::Schedule> schedules;
  for (const config::PublicationConfig& publication : config.publications)
    schedules[publication.topic] = publication.schedule;
  HubLink& link = links.open("uplink");
  flow::UplinkParts parts{store, directory, link, clock, [this] { ring_captures(); }, breakpoint};
  parts.keys = key.records();
  parts.on_interrupt = [&link] { link.interrupt(); };
  links.suit(parts);
  uplink = std::make_unique<flow::Uplink>(config.agent_id, std::move(schedules), std::move(parts));
  pump.add(*uplink, idle_wait);
}

void Agent::State::add_delivers() {
  for (const auto& [id, target] : config.targets) {
    std::vector<config::SubscriptionConfig> subscriptions;
    for (const config::SubscriptionConfig& subscription : config.subscriptions)
      if (subscription.target == id) subscriptions.push_back(subscription);
    if (subscriptions.empty()) continue;
    HubLink& link = links.open("deliver " + id);
    flow::DeliverParts parts{new_adapter(target),
                             store,
                             directory,
                             link,
                             clock,
                             key,
                             [this](bool restored) { on_wish(restored); },
                             [&link] { link.interrupt(); },
                             breakpoint};
    parts.overlaps = true;
    parts.mailbox = &mailbox;
    parts.random = &sealer.random;
    parts.matters = &matters;
    links.suit(parts);
    delivers.push_back(std::make_unique<flow::Deliver>(config.agent_id, target, std::move(subscriptions),
                                                       std::move(parts), connection_of(target)));
    pump.add(*delivers.back(), idle_wait);
  }
}

void Agent::State::add_courier() {
  HubLink& link = links.open("courier");
  flow::CourierParts parts{store,
                           directory,
                           link,
                           [this](bool restored) { on_wish(restored); },
                           [this] { retry_all(); },
                           [&link] { link.interrupt(); }};
  parts.clock = &clock;
  parts.mailbox = &mailbox;
  parts.matters = &matters;
  courier = std::make_unique<flow::Courier>(config.agent_id, std::move(parts));
  pump.add(*courier, idle_wait);
}

Agent::Agent(const config::Config& config, const Clock& clock, Random& random, AdapterFactory adapters,
             store::Breakpoint breakpoint, std::function<void(const Error&)> on_fatal)
    : state_(std::make_unique<State>(config, clock, random, std::move(adapters), std::move(breakpoint),
                                     std::move(on_fatal))) {
  state_->add_uplink();
  state_->add_captures();
  state_->add_delivers();
  state_->add_courier();
  if (!config.exchange.directory) state_->control_link = &state_->links.open("control");
  state_->pump.add(state_->clock_watch, clock_look);
}

Agent::~Agent() { stop(); }

void Agent::start() { state_->pump.start(); }

void Agent::stop() { state_->pump.stop(); }

store::Store& Agent::store() { return state_->store; }

std::map<StreamId, flow::Comparison::Named> Agent::compared_keys() const {
  std::map<StreamId, flow::Comparison::Named> all;
  for (const auto& deliver : state_->delivers) all.merge(deliver->named_keys());
  return all;
}

flow::Matters& Agent::matters() { return state_->matters; }

flow::DocumentFate Agent::say(wire::DocumentBody content) {
  return state_->matters.say(std::move(content), state_->control_link);
}

std::shared_ptr<const Directory> Agent::directory() const { return state_->directory.current(); }

void Agent::retry_all() { state_->retry_all(); }

bool Agent::is_alive(Micros limit) const {
  const Micros now = state_->clock.steady();
  const auto stages = state_->pump.status();
  return std::all_of(stages.begin(), stages.end(), [&](const flow::StageStatus& stage) {
    return stage.runs == 0 || now - stage.last_run < limit || now - state_->links.last_sign(stage.name) < limit;
  });
}

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
  for (const auto& capture : state.captures) take(*capture);
  take(state.clock_watch);
  take(*state.uplink);
  take(*state.courier);
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
  snapshot.verdict = judge(snapshot);
  return snapshot;
}

}  // namespace qianzhi::app
