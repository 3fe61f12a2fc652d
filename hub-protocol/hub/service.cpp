#include "hub-protocol/hub/service.h"

#include <mutex>

#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/administration.h"
#include "hub-protocol/hub/backup_keeper.h"
#include "hub-protocol/hub/content.h"
#include "hub-protocol/hub/file_port.h"
#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/hub/matters.h"
#include "hub-protocol/hub/publisher.h"
#include "hub-protocol/hub/server.h"
#include "hub-protocol/hub/status_text.h"
#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

namespace {

HubConfig load_or_throw(const std::filesystem::path& file) {
  yaml::Diagnostics diagnostics;
  HubConfig config = load_hub_config(file, diagnostics);
  diagnostics.throw_if_errors();
  return config;
}

ServerOptions server_options(const HubConfig& config) {
  ServerOptions options;
  options.host = config.host;
  options.port = config.port;
  options.files = {config.certificate, config.private_key, config.trust, config.revocations};
  return options;
}

// With all it needs, or without places, and then nothing is read.
std::unique_ptr<FilePort> file_port(const HubConfig& config, Handlers handlers, const ServiceOptions& options,
                                    const Clock& clock) {
  if (config.directories.empty()) return nullptr;
  FilePortOptions port;
  for (const DirectoryPlace& place : config.directories) port.places.push_back({place.agent, place.in, place.out});
  port.files = {config.certificate, config.private_key, config.trust, config.revocations};
  port.kept = config.store.string() + ".files";
  return std::make_unique<FilePort>(std::move(port), std::move(handlers), options.on_fatal, clock, FileAudit{},
                                    options.breakpoint);
}

bool same_parts(const seal::RootContent& shown, const seal::SealedDirectory& sealed) {
  for (const Digest& part : shown.parts)
    if (sealed.parts.count(part) == 0) return false;
  return true;
}

}  // namespace

struct Service::State {
  State(ServiceOptions service_options, const Clock& service_clock, Random& random)
      : options(std::move(service_options)),
        clock(service_clock),
        config(load_or_throw(options.config)),
        directory_key(seal::directory_key_from_file(config.directory_key)),
        hub_key(seal::SigningKey::from_file(config.signing_key).in_suite(directory_key.record().suite)),
        registry(config.registry, directory_key.record().suite, clock) {
    const LastDirectory last = last_directory(config.store);
    published = compile(config, last, last.version + 1);
    registry.read([&](const registry::View& view) {
      if (const auto before = published_catalogue(view))
        refuse_incompatible(before->catalogue, published.directory, view);
    });
    ExchangeOptions exchange_options;
    exchange_options.store = config.store;
    exchange_options.free_epochs_per_day = config.free_epochs_per_day;
    exchange_options.secured_by_log = config.secured_by_log;
    exchange_options.start_stopped = options.start_stopped;
    exchange_options.directory_key = directory_key.record();
    exchange_options.on_fatal = options.on_fatal;
    exchange = std::make_unique<Exchange>(exchange_options, clock, random, hub_key, published.directory,
                                          published.sealed, options.breakpoint);
    note_published(published.directory, registry);
    const auto publish = [this] { install(compile_next(config)); };
    matters = std::make_unique<Matters>(MatterParts{registry, *exchange, clock, config.answer_within, publish});
    exchange->tell_matters([this](const std::string& caller) { return matters->revision_for(caller); });
    office = std::make_unique<Office>(
        Office{registry, *exchange, *matters, config, directory_key.record().suite, clock, random, publish});
    office->lock = &lock;
    office->started = clock.now();
    office->status_text = [this] { return status(); };
    office->recover = [this](bool accept_configuration) { recover(accept_configuration); };
    office->back_up = [this](const std::string& directory) { return backups->make(directory).string(); };
    backups = std::make_unique<BackupKeeper>(
        *exchange, config.backups, clock,
        [this](const auto& file, const auto& go_on) { registry.copy_into(file, go_on); });
    server = std::make_unique<HubServer>(server_options(config), handlers(), options.on_fatal, clock);
    files = file_port(config, handlers(), options, clock);
    if (files) files->start();
    if (config.admin.is_wanted) admin = std::make_unique<Administration>(*office);
  }
  ~State() {
    control.reset();
    admin.reset();
    files.reset();
    backups.reset();
    exchange->stop_waiting();
    server->stop();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Published compile(const HubConfig& from, const LastDirectory& last, std::uint64_t next_version) const {
    Directory content;
    registry.read(
        [&](const registry::View& view) { content = compile_content(from, view, directory_key.record().suite); });
    content.hub_key = hub_key.record();
    return publish_directory(std::move(content), last, next_version, clock.now(), from.directory_validity,
                             directory_key);
  }
  // The directory of a configuration, as the running hub would publish it now.
  Published compile_next(const HubConfig& from) const {
    return compile(from, {published.directory.version, published.sealed.signed_root},
                   exchange->next_directory_version());
  }
  std::string status() const {
    return status_text(*exchange) + backups->status_text() + (files ? files->status_text() : std::string());
  }
  void recover(bool accept_configuration) {
    if (exchange->stopped().code.empty()) throw Error(ErrorKind::misuse, "QZ-HUB-053", "the hub is not stopped");
    HubConfig next = load_or_throw(options.config);
    const auto shown = exchange->newest_shown_directory();
    if (shown.has_value() && !accept_configuration && !same_parts(*shown, compile_next(next).sealed))
      throw Error(ErrorKind::misuse, "QZ-HUB-052", "version " + std::to_string(shown->version));
    exchange->recover();
    install(compile_next(next));
    config.content = std::move(next.content);
  }
  Handlers handlers() {
    Handlers all = handlers_of(*exchange);
    all.matters = [this](Handlers::Caller caller, const wire::MattersRequest& request) {
      const std::lock_guard guard(lock);
      return matters->exchange(caller, request);
    };
    return all;
  }
  void install(Published next) {
    const bool is_new = next.sealed.digest != published.sealed.digest;
    exchange->install_directory(next.directory, next.sealed);
    published = std::move(next);
    note_published(published.directory, registry);
    if (is_new) log(LogLevel::notice, "hub", "directory version " + std::to_string(published.directory.version));
  }

  ServiceOptions options;
  const Clock& clock;
  std::mutex lock;  // reload, tend and commands exclude each other
  HubConfig config;
  seal::SigningKey directory_key;
  seal::SigningKey hub_key;
  registry::Registry registry;
  Published published;
  std::unique_ptr<Exchange> exchange;
  std::unique_ptr<Matters> matters;
  std::unique_ptr<Office> office;
  std::unique_ptr<BackupKeeper> backups;
  std::unique_ptr<HubServer> server;
  std::unique_ptr<FilePort> files;
  std::unique_ptr<Administration> admin;
  std::unique_ptr<service::ControlServer> control;
};

Service::Service(ServiceOptions options, const Clock& clock, Random& random)
    : state_(std::make_unique<State>(std::move(options), clock, random)) {
  state_->control = std::make_unique<service::ControlServer>(
      state_->config.control, [this](const service::Call& call) { return command(call); },
      state_->config.control_group);
}

Service::~Service() = default;

std::uint16_t Service::port() const { return state_->server->port(); }

std::uint16_t Service::admin_port() const { return state_->admin ? state_->admin->port() : 0; }

void Service::reload() {
  const std::lock_guard guard(state_->lock);
  HubConfig config = load_or_throw(state_->options.config);
  Published next = state_->compile_next(config);
  state_->registry.read([&](const registry::View& view) {
    refuse_incompatible(state_->published.directory.catalogue, next.directory, view);
  });
  state_->server->reload();
  if (state_->files) state_->files->reload();
  if (state_->admin) state_->admin->reload();
  state_->install(std::move(next));
  state_->config.content = std::move(config.content);
  state_->config.directory_validity = config.directory_validity;
  log(LogLevel::notice, "hub", "configuration and certificates were read again");
}

void Service::tend() {
  const std::lock_guard guard(state_->lock);
  if (runs_out(state_->published.directory, state_->clock.now())) state_->install(state_->compile_next(state_->config));
}

void Service::check() const { state_->exchange->check(); }

std::string Service::command(const service::Call& call) {
  State& state = *state_;
  const Verb* verb = find_verb(call.words);
  if (verb == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-051", call.words.empty() ? "" : call.words[0]);
  // The kernel's word on who asks stands in for a password.
  audit::Actor actor{audit::ActorKind::operator_, "unix:" + call.user};
  state.registry.read([&](const registry::View& view) {
    if (const auto account = accounts::of_unix_user(view, call.user)) actor.name = account->name;
  });
  const bool is_root = call.user == "root" || call.user == "uid 0";
  std::string answer =
      run_verb(*verb, *state.office, {actor, Caller::Way::machine, is_root}, call.words, call.attachment);
  if (verb->role != Role::anyone) log(LogLevel::notice, "operator", actor.name + ": " + std::string(verb->name));
  return answer;
}

}  // namespace qianzhi::hub
