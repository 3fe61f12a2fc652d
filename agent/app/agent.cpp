#include "agent/app/agent.h"

#include <algorithm>

#include "adapters/api/process_adapter.h"
#include "agent/app/agent_state.h"
#include "agent/app/files.h"
#include "agent/app/request_api.h"
#include "agent/config/loader.h"

namespace qianzhi::app {

namespace {

constexpr Micros idle_wait = 1'000'000;
constexpr Micros clock_look = 2'000'000;
constexpr Micros certificate_look = 2'000'000;

// Beside the program, as in a build folder, or where packages keep them.
std::filesystem::path adapters_folder() {
  const std::filesystem::path programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::filesystem::path packaged = programs.parent_path() / "libexec" / "qianzhi";
  return std::filesystem::is_directory(packaged) ? packaged : programs;
}

KeyRecord directory_key_of(const config::ExchangeConfig& exchange) {
  return seal::directory_key_from_pem(read_text(exchange.directory_key));
}

std::optional<KeyRecord> root_key_of(const config::ExchangeConfig& exchange) {
  if (exchange.directory_root_key.empty()) return std::nullopt;
  return seal::directory_key_from_pem(read_text(exchange.directory_root_key));
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

// A credential is another program's to write.
identity::IdentityFiles identity_files(const config::Config& config) {
  return {config.exchange.certificate, config.exchange.private_key.file};
}

std::filesystem::path folder_of_adapters(const config::Config& config) {
  return config.adapters.empty() ? adapters_folder() : config.adapters;
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

std::filesystem::path adapter_program(const config::Config& config, const config::DatabaseConfig& database) {
  return folder_of_adapters(config) / ("qianzhi-adapter-" + database.type);
}

AdapterFactory process_adapters(const config::Config& config, const Clock& clock) {
  const std::filesystem::path folder = folder_of_adapters(config);
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

Agent::State::State(const config::Config& the_config, const Clock& the_clock, Random& the_random,
                    AdapterFactory the_adapters, store::Breakpoint the_breakpoint,
                    std::function<void(const Error&)> on_fatal)
    : config(the_config),
      clock(the_clock),
      adapters(std::move(the_adapters)),
      breakpoint(std::move(the_breakpoint)),
      key(signing_key_of(config.exchange)),
      sealer{config.agent_id, key, clock, the_random, {}},
      store(store_options(config, false), from_hex(config::read_secret(config.queue.key)), the_random, breakpoint),
      directory(store, clock, directory_key_of(config.exchange), root_key_of(config.exchange)),
      mailbox(clock),
      matters({config.agent_id, store, clock, the_random, key}),
      links(config, clock, the_random),
      clock_watch(clock),
      pump(
          clock, [this] { return store.has_failed(); }, std::move(on_fatal)),
      started(clock.now()) {}

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

void Agent::State::add_requests(Random& random) {
  flow::RequestParts parts{config.agent_id, store, directory, clock, random, key, std::nullopt, {}, {}};
  const config::SecretReference& own = config.exchange.encryption_key;
  if (!own.file.empty() || !own.credential.empty())
    parts.opens = seal::DecryptionKey::from_pem(config::read_secret(own)).in_suite(key.record().suite);
  parts.on_outgoing = [this] { pump.ring(*uplink); };
  parts.on_asked = [this] {
    for (const auto& answerer : answerers) pump.ring(*answerer);
  };
  parts.on_answered = [this] {
    for (const auto& asker : askers) pump.ring(*asker);
  };
  requests = std::make_unique<flow::Requests>(std::move(parts));
}

void Agent::State::add_answerers() {
  for (const auto& [id, source] : config.sources) {
    std::vector<config::AnswerConfig> answers;
    for (const config::AnswerConfig& answer : config.answers)
      if (answer.source == id) answers.push_back(answer);
    if (answers.empty()) continue;
    flow::AnswererParts parts{new_adapter(source.database), *requests, directory, clock};
    answerers.push_back(std::make_unique<flow::Answerer>(config.agent_id, source, std::move(answers), parts,
                                                         connection_of(source.database)));
    pump.add(*answerers.back(), idle_wait);
  }
}

void Agent::State::add_askers() {
  for (const config::AskConfig& ask : config.asks) {
    const config::SourceConfig& source = config.sources.at(ask.source);
    const config::DatabaseConfig& target = config.targets.at(ask.target);
    flow::TableAskerParts parts{new_adapter(source.database),
                                new_adapter(target),
                                connection_of(source.database),
                                connection_of(target),
                                *requests,
                                store,
                                directory,
                                clock};
    askers.push_back(std::make_unique<flow::TableAsker>(config.agent_id, ask, source, target, std::move(parts)));
    pump.add(*askers.back(), std::min(idle_wait, ask.poll_interval));
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
  parts.requests = requests.get();
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
  parts.requests = requests.get();
  parts.on_return = [this] {
    requests->send_again();
    uplink->ask_session();
    pump.ring(*uplink);
  };
  parts.matters = &matters;
  courier = std::make_unique<flow::Courier>(config.agent_id, std::move(parts));
  pump.add(*courier, idle_wait);
}

void Agent::State::add_renewal() {
  identity::RenewalParts parts{config.agent_id, identity_files(config), nullptr, {}, clock, breakpoint, {}};
  parts.on_cured = [this] { retry_all(); };
  identity::finish_switch(parts.files);
  if (!config.exchange.directory) {
    HubLink& link = links.open("certificate");
    parts.link = &link;
    parts.on_interrupt = [&link] { link.interrupt(); };
    parts.try_out = [this](const std::filesystem::path& file) { try_identity(config, file); };
  }
  renewal = std::make_unique<identity::Renewal>(std::move(parts));
  pump.add(*renewal, certificate_look);
}

Agent::Agent(const config::Config& config, const Clock& clock, Random& random, AdapterFactory adapters,
             store::Breakpoint breakpoint, std::function<void(const Error&)> on_fatal)
    : state_(std::make_unique<State>(config, clock, random, std::move(adapters), std::move(breakpoint),
                                     std::move(on_fatal))) {
  state_->add_requests(random);
  state_->add_uplink();
  state_->add_captures();
  state_->add_answerers();
  state_->add_askers();
  state_->add_delivers();
  state_->add_courier();
  if (!config.exchange.directory) state_->control_link = &state_->links.open("control");
  state_->pump.add(state_->clock_watch, clock_look);
  state_->add_renewal();
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

flow::Requests& Agent::requests() { return *state_->requests; }

web::Reply Agent::request_api(const web::Request& request) {
  return RequestApi(state_->config.api_tokens, *state_->requests, state_->store).answer(request);
}

flow::Matters& Agent::matters() { return state_->matters; }

flow::DocumentFate Agent::say(wire::DocumentBody content) {
  return state_->matters.say(std::move(content), state_->control_link);
}

std::shared_ptr<const Directory> Agent::directory() const { return state_->directory.current(); }

void Agent::retry_all() { state_->retry_all(); }

void Agent::renew_certificate() {
  state_->renewal->want();
  state_->pump.retry(*state_->renewal);
}

bool Agent::is_alive(Micros limit) const {
  const Micros now = state_->clock.steady();
  const auto stages = state_->pump.status();
  return std::all_of(stages.begin(), stages.end(), [&](const flow::StageStatus& stage) {
    return stage.runs == 0 || now - stage.last_run < limit || now - state_->links.last_sign(stage.name) < limit;
  });
}

}  // namespace qianzhi::app
