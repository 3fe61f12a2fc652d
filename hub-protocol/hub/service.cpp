#include "hub-protocol/hub/service.h"

#include <algorithm>
#include <mutex>

#include "hub-protocol/audit/directory_history.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/administration.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub-protocol/hub/backup_keeper.h"
#include "hub-protocol/hub/certificates.h"
#include "hub-protocol/hub/content.h"
#include "hub-protocol/hub/file_port.h"
#include "hub-protocol/hub/hub_ca.h"
#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/hub/matters.h"
#include "hub-protocol/hub/parcels.h"
#include "hub-protocol/hub/publisher.h"
#include "hub-protocol/hub/server.h"
#include "hub-protocol/hub/status_text.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/directory_trust.h"

namespace qianzhi::hub {

namespace {

HubConfig load_or_throw(const std::filesystem::path& file) {
  yaml::Diagnostics diagnostics;
  HubConfig config = load_hub_config(file, diagnostics);
  diagnostics.throw_if_errors();
  return config;
}

// Beside the store; empty where the hub has no authority of its own.
std::filesystem::path own_list(const HubConfig& config) {
  std::filesystem::path file;
  if (!config.ca.certificate.empty()) file = config.store.string() + ".crl";
  return file;
}

ServerOptions server_options(const HubConfig& config) {
  ServerOptions options;
  options.host = config.host;
  options.port = config.port;
  options.files = {config.certificate, config.private_key, config.trust, config.revocations, own_list(config)};
  return options;
}

// With all it needs, or without places, and then nothing is read.
std::unique_ptr<FilePort> file_port(const HubConfig& config, Handlers handlers, const ServiceOptions& options,
                                    const Clock& clock, FileAudit audit) {
  if (config.directories.empty()) return nullptr;
  FilePortOptions port;
  for (const DirectoryPlace& place : config.directories) port.places.push_back({place.agent, place.in, place.out});
  port.files = {config.certificate, config.private_key, config.trust, config.revocations};
  port.kept = config.store.string() + ".files";
  return std::make_unique<FilePort>(std::move(port), std::move(handlers), options.on_fatal, clock, std::move(audit),
                                    options.breakpoint);
}

std::optional<KeyRecord> root_key_of(const HubConfig& config) {
  if (config.directory_root_key.empty()) return std::nullopt;
  return seal::directory_key_from_pem(read_file(config.directory_root_key));
}

// Beside the log; a backup does not hold it: agents send again what is not over.
std::filesystem::path parcel_file(const std::filesystem::path& store) {
  return store.parent_path() / (store.stem().string() + "-parcels" + store.extension().string());
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
        directory_keys(config.directory_key),
        hub_key(seal::SigningKey::from_file(config.signing_key).in_suite(directory_keys.suite())),
        registry(config.registry, directory_keys.suite(), clock),
        enrolment(registry, directory_keys.suite(), clock, random),
        authority(authority_of(config)),
        root_key(root_key_of(config)),
        list(own_list(config)),
        keeper(registry, hub_key, clock, config.audit) {
    enrolment.use(authority, policy_of(config));
    if (authority) list.update(*authority, enrolment.revoked(), clock.now());
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
    exchange_options.directory_key = directory_keys.present().record();
    exchange_options.on_fatal = options.on_fatal;
    exchange_options.audit = [this](const audit::Entry& entry) { keeper.tally(entry); };
    exchange = std::make_unique<Exchange>(exchange_options, clock, random, hub_key, published.directory,
                                          published.sealed, options.breakpoint);
    note_published(published.directory, registry);
    matters = std::make_unique<Matters>(
        MatterParts{registry, *exchange, clock, config.answer_within, [this] { publish(); }, exchange_options.audit});
    exchange->tell_matters([this](const std::string& caller) { return matters->revision_for(caller); });
    parcel_box = std::make_unique<ParcelBox>(parcel_file(config.store));
    parcels = std::make_unique<Parcels>(
        ParcelParts{*parcel_box, clock, [this] { return exchange->current_directory(); },
                    [this](const std::vector<audit::Entry>& entries) { keeper.enter_now(entries); },
                    exchange_options.audit, [this] { exchange->note_matter(); }});
    exchange->tell_parcels([this](const std::string& caller) { return parcels->waits_for(caller); });
    office = std::make_unique<Office>(Office{registry, *exchange, *matters, config, directory_keys.suite(), clock,
                                             random, [this] { publish(); }, &keeper});
    office->enrolment = &enrolment;
    office->directory_keys = &directory_keys;
    office->signed_root = [this] { return published.sealed.signed_root; };
    office->lock = &lock;
    office->started = clock.now();
    office->status_text = [this] { return status(); };
    office->recover = [this](bool accept_configuration) { recover(accept_configuration); };
    office->back_up = [this](const std::string& directory) { return backups->make(directory).string(); };
    backups = std::make_unique<BackupKeeper>(
        *exchange, config.backups, clock,
        [this](const auto& file, const auto& go_on) { registry.copy_into(file, go_on); });
    note_directory();
    const auto refused = [this](const std::string& who, const Error& reason) { keeper.refused(who, reason); };
    server = std::make_unique<HubServer>(server_options(config), handlers(), options.on_fatal, clock, refused);
    files = file_port(config, calls(), options, clock, refused);
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
    registry.read([&](const registry::View& view) { content = compile_content(from, view, directory_keys.suite()); });
    content.hub_key = hub_key.record();
    return publish_directory(std::move(content), last, next_version, clock.now(), from.directory_validity,
                             directory_keys.present(), {directory_keys.next(), directory_keys.replacement()});
  }
  // The directory of a configuration, as the running hub would publish it now.
  Published compile_next(const HubConfig& from) const {
    return compile(from, {published.directory.version, published.sealed.signed_root},
                   exchange->next_directory_version());
  }
  // The directory first: it is what shuts out a revoked agent; the list of revocations follows.
  void publish() {
    install(compile_next(config));
    refresh_list();
  }
  void refresh_list() {
    if (!authority || !list.update(*authority, enrolment.revoked(), clock.now())) return;
    if (server) server->reload();
    if (files) files->reload();
  }
  // Tells the log of each alarm once a day.
  void watch_certificates() {
    if (clock.steady() < watch_next) return;
    watch_next = clock.steady() + ca::day;
    for (const CertificateEnd& end : certificate_ends(*office))
      if (const auto alarm = alarm_of(end, clock.now())) log("hub", *alarm);
  }
  std::string alarms_text() const {
    std::string text;
    for (const CertificateEnd& end : certificate_ends(*office))
      if (const auto alarm = alarm_of(end, clock.now())) text += "! " + alarm->code() + " " + alarm->detail() + "\n";
    return text;
  }
  std::string status() {
    return status_text(*exchange) + alarms_text() + backups->status_text() +
           (files ? files->status_text() : std::string()) + keeper.status_text();
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
  // What goes by network and by files.
  Handlers calls() {
    Handlers all = handlers_of(*exchange);
    all.directory = [this](Handlers::Caller caller, const wire::DirectoryRequest& request) {
      wire::DirectoryReply reply = exchange->directory(caller, request);
      if (request.known_key().empty()) return reply;
      const std::lock_guard guard(lock);
      if (request.known_key() == directory_keys.present().record().id) return reply;
      std::vector<Bytes> chain = directory_keys.chain_from(registry, request.known_key());
      // Only for who has no other way: it would take later ones back to the key that it put in place.
      if (chain.empty() && !directory_keys.replacement().empty()) {
        reply.set_replacement(directory_keys.replacement());
        chain = directory_keys.chain_from(registry, seal::replaced_by(directory_keys.replacement()));
      }
      for (Bytes& root : chain) reply.add_key_chain(std::move(root));
      return reply;
    };
    all.matters = [this](Handlers::Caller caller, const wire::MattersRequest& request) {
      const std::lock_guard guard(lock);
      return matters->exchange(caller, request);
    };
    all.parcels = [this](Handlers::Caller caller, const wire::ParcelsRequest& request) {
      if (!exchange->stopped().code.empty()) {
        wire::ParcelsReply reply;
        reply.set_stopped(exchange->stopped().code);
        return reply;
      }
      return parcels->exchange(caller, request);
    };
    return all;
  }
  Handlers handlers() {
    Handlers all = calls();
    if (!authority) return all;
    all.renew = [this](Handlers::Caller caller, const wire::RenewRequest& request) {
      const std::lock_guard guard(lock);
      wire::RenewReply reply = enrolment.renew(caller, request, published.directory);
      publish();
      return reply;
    };
    all.enrolment_is_open = [this] { return enrolment.is_open(); };
    all.enrol = [this](const std::string& address, const wire::EnrolRequest& request) {
      const std::lock_guard guard(lock);
      wire::EnrolReply reply = enrolment.enrol(address, request, published.directory);
      publish();
      seal::write_key(directory_keys.present().record(), *reply.mutable_directory_key());
      if (root_key) seal::write_key(*root_key, *reply.mutable_directory_root_key());
      return reply;
    };
    all.seen = [this](Handlers::Caller caller, const Digest& tls_key) { enrolment.seen(caller, tls_key); };
    return all;
  }
  void install(Published next) {
    exchange->use_directory_key(directory_keys.present().record());
    const bool is_new = next.sealed.digest != published.sealed.digest;
    exchange->install_directory(next.directory, next.sealed);
    published = std::move(next);
    note_published(published.directory, registry);
    if (!is_new) return;
    note_directory();
  }
  // What it says must be there whenever somebody asks who was granted what. It is in force already: a registry that
  // cannot be written must not let it run out.
  void note_directory() {
    const std::string version = std::to_string(published.directory.version);
    try {
      registry.work([&](sqlite::Database& database) {
        audit::keep_directory(database, published.sealed.signed_root, published.sealed.digest, published.sealed.parts,
                              clock.now());
      });
    } catch (const Error& error) {
      log("audit", error);
    }
    keeper.tally({{}, "directory.publish", version, "", "", "", {{"digest", published.sealed.digest.hex()}}});
    log(LogLevel::notice, "hub", "directory version " + version);
  }

  ServiceOptions options;
  const Clock& clock;
  std::mutex lock;  // reload, tend and commands exclude each other
  HubConfig config;
  DirectoryKeys directory_keys;
  seal::SigningKey hub_key;
  registry::Registry registry;
  enrol::Enrolment enrolment;
  std::optional<ca::Authority> authority;
  std::optional<KeyRecord> root_key;  // public half of the one that is kept off line
  RevocationList list;
  Micros watch_next = 0;  // steady
  AuditKeeper keeper;
  Published published;
  std::unique_ptr<Exchange> exchange;
  std::unique_ptr<Matters> matters;
  std::unique_ptr<ParcelBox> parcel_box;
  std::unique_ptr<Parcels> parcels;
  std::unique_ptr<Office> office;
  std::unique_ptr<BackupKeeper> backups;
  std::unique_ptr<HubServer> server;
  std::unique_ptr<FilePort> files;
  std::unique_ptr<Administration> admin;
  std::unique_ptr<service::ControlServer> control;
};

Service::Service(ServiceOptions options, const Clock& clock, Random& random)
    : state_(std::make_unique<State>(std::move(options), clock, random)) {
  set_log_form(state_->config.log);
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
  DirectoryKeys keys(config.directory_key);
  if (keys.suite() != state_->directory_keys.suite())
    throw Error(ErrorKind::misuse, "QZ-HUB-239", "another suite: " + config.directory_key.string());
  // An authority that comes or goes changes what the listener asks of callers: that takes a restart.
  if (config.ca.certificate.empty() == state_->authority.has_value())
    throw Error(ErrorKind::misuse, "QZ-HUB-220", "hub.ca: restart the hub");
  std::optional<ca::Authority> authority = authority_of(config);
  std::optional<KeyRecord> root_key = root_key_of(config);
  set_log_form(config.log);
  std::swap(state_->directory_keys, keys);
  Published next = [&] {
    try {
      Published compiled = state_->compile_next(config);
      state_->registry.read([&](const registry::View& view) {
        refuse_incompatible(state_->published.directory.catalogue, compiled.directory, view);
      });
      return compiled;
    } catch (...) {
      std::swap(state_->directory_keys, keys);
      throw;
    }
  }();
  state_->root_key = std::move(root_key);
  state_->server->reload();
  if (state_->files) state_->files->reload();
  if (state_->admin) state_->admin->reload();
  state_->install(std::move(next));
  state_->config.content = std::move(config.content);
  state_->config.directory_validity = config.directory_validity;
  state_->config.ca = config.ca;
  state_->authority = std::move(authority);
  state_->enrolment.use(state_->authority, policy_of(config));
  log(LogLevel::notice, "hub", "configuration and certificates were read again");
}

void Service::tend() {
  const std::lock_guard guard(state_->lock);
  if (state_->enrolment.tend()) state_->publish();
  state_->refresh_list();
  state_->watch_certificates();
  state_->parcels->expire();
  state_->keeper.tend();
  if (runs_out(state_->published.directory, state_->clock.now())) state_->install(state_->compile_next(state_->config));
}

void Service::check() const { state_->exchange->check(); }

std::string Service::command(const service::Call& call) {
  State& state = *state_;
  // `qianzhi-hub export`, which reads the files by itself, says that it did.
  if (!call.words.empty() && call.words[0] == "exported") {
    state.registry.note({{audit::ActorKind::operator_, "unix:" + call.user}, "hub.exported", "", ""});
    return {};
  }
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
