#include "agent/desk/lookup/service.h"

#include "agent/desk/lookup/index.h"
#include "agent/desk/lookup/site.h"
#include "hub-protocol/web/loopback.h"

namespace qianzhi::desk::lookup {

namespace {

constexpr std::size_t changes_at_once = 500;

}  // namespace

struct Service::State {
  State(sqlite::Database& database, LookupConfig of, std::vector<ChangeFile> files, Random& random, const Clock& clock)
      : config(std::move(of)),
        index(database, config, std::move(files)),
        audit(database, random),
        search(database, config, index, audit, clock),
        sessions(config.accounts, random, clock),
        site(config, search, sessions),
        server({config.host, config.port}, [this](const Request& request) { return site.answer(request); }) {}

  LookupConfig config;
  Index index;
  Audit audit;
  Search search;
  Sessions sessions;
  Site site;
  web::LoopbackListener server;  // last: it ends before what it answers from
};

Service::Service(sqlite::Database& database, LookupConfig config, std::vector<ChangeFile> files, Random& random,
                 const Clock& clock)
    : state_(std::make_unique<State>(database, std::move(config), std::move(files), random, clock)) {}

Service::~Service() = default;

std::uint16_t Service::port() const { return state_->server.port(); }

std::uint64_t Service::turn() {
  std::uint64_t rows = 0;
  state_->site.between_requests([&] {
    if (state_->index.needs_build()) rows += state_->index.build();
  });
  for (;;) {
    std::uint64_t taken = 0;
    state_->site.between_requests([&] {
      // A change that cannot be told apart: built again at the next turn.
      if (!state_->index.needs_build()) taken = state_->index.catch_up(changes_at_once);
    });
    rows += taken;
    if (taken == 0) return rows;
  }
}

}  // namespace qianzhi::desk::lookup
