#include "tests/sim/direct_link.h"

#include "hub-protocol/base/error.h"
#include "tests/sim/world.h"

namespace qianzhi::sim {

namespace {

// Private helpers first: their results are deduced.
class DirectLink final : public HubLink {
  template <typename Request, typename Ask>
  auto call(const Request& request, Ask ask) {
    if (world_.disk.is_frozen(department_.store_file)) throw Error(ErrorKind::unavailable, "QZ-LINK-001", "killed");
    if (world_.random.chance(world_.lose_request)) throw Error(ErrorKind::unavailable, "QZ-LINK-001", "request lost");
    if (world_.random.chance(world_.delay_request)) {
      world_.arrives_late([&world = world_, agent = agent_, request, ask] {
        try {
          at_hub(world, [&] { return ask(world, agent, request); });
        } catch (const Error&) {  // nobody waits for this answer
        }
      });
      throw Error(ErrorKind::unavailable, "QZ-LINK-001", "the request is late");
    }
    if (world_.random.chance(world_.repeat_request)) at_hub(world_, [&] { return ask(world_, agent_, request); });
    auto reply = at_hub(world_, [&] { return ask(world_, agent_, request); });
    if (world_.random.chance(world_.lose_reply)) throw Error(ErrorKind::unavailable, "QZ-LINK-001", "reply lost");
    return reply;
  }

  template <typename Ask>
  static auto at_hub(World& world, Ask ask) {
    try {
      return ask();
    } catch (const Crash& crash) {
      if (crash.point != "hub") throw;
      world.crash_hub();
      throw Error(ErrorKind::unavailable, "QZ-LINK-001", "the hub crashed");
    } catch (const Error&) {
      if (!world.is_hub_doomed()) throw;
      world.crash_hub();
      throw Error(ErrorKind::unavailable, "QZ-LINK-001", "the hub's store failed");
    }
  }

  // A hub that was killed, or whose store failed, says nothing.
  template <typename Reply>
  static Reply answered(const World& world, Reply reply) {
    if (world.is_hub_doomed()) throw Error(ErrorKind::unavailable, "QZ-LINK-001", "no reply");
    return reply;
  }

 public:
  DirectLink(World& world, const Department& department)
      : world_(world), department_(department), agent_(department.agent) {}

  wire::SessionReply session(const wire::SessionRequest& request) override {
    return call(request, [](World& world, const std::string& agent, const wire::SessionRequest& asked) {
      auto reply = answered(world, world.hub().session(agent, asked));
      for (const wire::Receipt& head : reply.heads()) world.witness.check_receipt(head);
      return reply;
    });
  }
  wire::PostReply post(const wire::PostRequest& request) override {
    return call(request, [](World& world, const std::string& agent, const wire::PostRequest& asked) {
      auto reply = answered(world, world.hub().post(agent, asked));
      world.witness.check_log();
      for (const wire::Verdict& verdict : reply.verdicts()) world.witness.check_receipt(verdict.head());
      if (world.tamper_post) world.tamper_post(reply);
      return reply;
    });
  }
  wire::FetchReply fetch(const wire::FetchRequest& request) override {
    if (world_.on_fetch) world_.on_fetch(agent_, request);
    return call(request, [](World& world, const std::string& agent, const wire::FetchRequest& asked) {
      auto reply = answered(world, world.hub().fetch(agent, asked));
      for (const wire::Page& page : reply.pages()) world.witness.check_page(agent, page);
      if (world.tamper) world.tamper(reply);
      return reply;
    });
  }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    return call(request, [](World& world, const std::string& agent, const wire::DirectoryRequest& asked) {
      return answered(world, world.hub().directory(agent, asked));
    });
  }
  wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }
  wire::AppliedReply applied(const wire::AppliedRequest& request) override {
    for (const wire::Applied& applied : request.applied()) world_.witness.check_applied(applied);
    return call(request, [](World& world, const std::string& agent, const wire::AppliedRequest& asked) {
      return answered(world, world.hub().applied(agent, asked));
    });
  }

 private:
  World& world_;
  const Department& department_;
  std::string agent_;
};

}  // namespace

std::unique_ptr<HubLink> direct_link(World& world, const Department& department) {
  return std::make_unique<DirectLink>(world, department);
}

}  // namespace qianzhi::sim
