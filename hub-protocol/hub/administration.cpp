#include "hub-protocol/hub/administration.h"

#include "hub-protocol/admin/site.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/web/listener.h"

namespace qianzhi::hub {

namespace {

accounts::EntryOptions entry_options(const HubConfig& config) {
  accounts::EntryOptions options;
  options.key_file = config.registry.string() + ".key";
  options.sessions.idle = config.admin.session_idle;
  options.sessions.absolute = config.admin.session_longest;
  return options;
}

web::ListenerOptions listener_options(const AdminPlan& plan) {
  web::ListenerOptions options;
  options.host = plan.host;
  options.port = plan.port;
  options.certificate = plan.certificate;
  options.private_key = plan.private_key;
  return options;
}

admin::SiteOptions site_options(const AdminPlan& plan) {
  admin::SiteOptions options;
  options.hosts = plan.hosts;
  return options;
}

admin::Desk desk_of(Office& office) {
  admin::Desk desk;
  for (const Verb* verb : all_verbs())
    desk.verbs.push_back({std::string(verb->name), std::string(verb->arguments), std::string(verb->zh),
                          std::string(verb->en), verb->role});
  desk.run = [&office](const std::string& account, const std::vector<std::string>& words, std::string_view attachment) {
    const Verb* verb = find_verb(words);
    if (verb == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-051", words.empty() ? "" : words[0]);
    return run_verb(*verb, office, {{audit::ActorKind::operator_, account}, Caller::Way::session}, words, attachment);
  };
  return desk;
}

}  // namespace

struct Administration::State {
  explicit State(Office& office)
      : entry(entry_options(office.config), office.registry, office.clock, office.random),
        site(site_options(office.config.admin), desk_of(office), entry, office.registry, office.clock),
        listener(
            listener_options(office.config.admin), [this](const web::Request& request) { return site.answer(request); },
            office.clock) {}

  accounts::Entry entry;
  admin::Site site;
  web::Listener listener;
};

Administration::Administration(Office& office) : state_(std::make_unique<State>(office)) {}

Administration::~Administration() = default;

std::uint16_t Administration::port() const { return state_->listener.port(); }

void Administration::reload() { state_->listener.reload(); }

}  // namespace qianzhi::hub
