#include "agent/desk/serve/service.h"

#include "agent/desk/serve/sessions.h"
#include "agent/desk/serve/site.h"
#include "hub-protocol/web/listener.h"
#include "hub-protocol/web/loopback.h"

namespace qianzhi::desk::serve {

namespace {

constexpr std::size_t changes_at_once = 500;
constexpr std::size_t most_of_body = 64U << 10U;

}  // namespace

struct Service::State {
  State(const ServeConfig& of, const ServiceParts& parts)
      : config(of),
        rooms{parts.facts, parts.cases, parts.reports, parts.lookup},
        sessions(config.accounts, parts.random, parts.clock),
        site(config, rooms, sessions, parts.random, parts.clock) {
    const auto answer = [this](const web::Request& request) { return site.answer(request); };
    if (config.has_tls()) {
      web::ListenerOptions options;
      options.host = config.host;
      options.port = config.port;
      options.certificate = config.certificate;
      options.private_key = config.private_key;
      options.limits.body_limit = most_of_body;
      remote = std::make_unique<web::Listener>(options, answer, parts.clock);
    } else {
      web::LoopbackOptions options;
      options.host = config.host;
      options.port = config.port;
      options.body_limit = most_of_body;
      local = std::make_unique<web::LoopbackListener>(options, answer);
    }
  }

  ServeConfig config;
  Rooms rooms;
  Sessions sessions;
  Site site;
  // Last: they end before what they answer from.
  std::unique_ptr<web::Listener> remote;
  std::unique_ptr<web::LoopbackListener> local;
};

Service::Service(const ServeConfig& config, const ServiceParts& parts)
    : state_(std::make_unique<State>(config, parts)) {}

Service::~Service() = default;

std::uint16_t Service::port() const { return state_->remote ? state_->remote->port() : state_->local->port(); }

std::uint64_t Service::turn() {
  LookupRoom* room = state_->rooms.lookup;
  if (room == nullptr) return 0;
  std::uint64_t rows = 0;
  {
    const Door::Pass pass = room->door.wait();
    if (room->index.needs_build()) rows += room->index.build();
  }
  for (;;) {
    const Door::Pass pass = room->door.wait();
    // A change that cannot be told apart: built again at the next turn.
    const std::uint64_t taken = room->index.needs_build() ? 0 : room->index.catch_up(changes_at_once);
    rows += taken;
    if (taken == 0) return rows;
  }
}

}  // namespace qianzhi::desk::serve
