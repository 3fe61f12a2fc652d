// Both ends of the way by files, with a gateway between them, on one thread and a manual clock: whenever the agent
// waits, the gateway and the hub have their turn.
#pragma once

#include <algorithm>
#include <functional>

#include "https_world.h"
#include "hub-protocol/client/file_link.h"
#include "hub-protocol/envelope/file_form.h"
#include "hub-protocol/hub/file_port.h"
#include "tests/support/gateway.h"

namespace qianzhi::test {

inline constexpr Micros minute = 60'000'000;

// A wall clock that is right enough for certificates.
class FileClock final : public Clock {
 public:
  Micros now() const override { return start_ + passed_; }
  Micros steady() const override { return passed_; }
  void advance(Micros by) { passed_ += by; }

 private:
  Micros start_ = SystemClock().now();
  Micros passed_ = 1;
};

struct FileWorld {
  FileWorld() {
    ca.issue({"hub", "DNS:localhost", "serverAuth"});
    for (const char* agent : {"a", "b"}) exchange.admit(agent, {ca.issue({agent, agent_uri(agent)})});
    for (const char* folder : {"agent-out", "agent-in", "hub-in", "hub-out"})
      std::filesystem::create_directory(dir / folder);
    start_port();
  }
  PartyFiles files(const std::string& name) const {
    return {dir / (name + ".crt"), dir / (name + ".key"), ca.certificate(), {}};
  }
  void start_port(hub::FilePortLimits limits = {}, const std::string& only = {}) {
    port.reset();
    hub::FilePortOptions options{{{only, dir / "hub-in", dir / "hub-out"}}, files("hub"), dir / "kept", limits};
    if (has_crl) options.files.crl = dir / "list.pem";
    hub::Handlers handlers = exchange.handlers();
    const auto post = handlers.post;
    handlers.post = [this, post](hub::Handlers::Caller caller, const wire::PostRequest& request) {
      carried_out.push_back(request.session());
      return post(caller, request);
    };
    port = std::make_unique<hub::FilePort>(
        options, handlers, [this](const Error&) { ++fatal; }, clock,
        [this](const std::string&, const Error& error) { reports.push_back(error.code()); }, breakpoint);
  }
  FileLinkOptions options(const std::string& agent, const std::string& sender = {}) const {
    FileLinkOptions made;
    made.agent = agent;
    made.out = dir / "agent-out";
    made.in = dir / "agent-in";
    made.files = files(sender.empty() ? agent : sender);
    made.hub_certificate = dir / "hub.crt";
    return made;
  }
  std::unique_ptr<FileLink> link(const std::string& agent = "a", const std::string& sender = {}) {
    return std::make_unique<FileLink>(options(agent, sender), clock, random, [this](Micros time) { turn(time); });
  }
  void turn(Micros time) {
    clock.advance(time);
    gateway.turn(clock.now());
    if (hook) hook();
    if (port) port->turn();
    gateway.turn(clock.now());
  }
  wire::PostReply post(FileLink& link, const std::string& mark) {
    wire::PostRequest request;
    request.set_session(mark);
    return link.post(request);
  }
  std::size_t times_reported(const std::string& code) const {
    return static_cast<std::size_t>(std::count(reports.begin(), reports.end(), code));
  }

  TempDir dir;
  TestCa ca{dir.path(), "ca"};
  FileClock clock;
  SystemRandom random;
  FakeExchange exchange;
  Gateway gateway{{{dir / "agent-out", dir / "hub-in"}, {dir / "hub-out", dir / "agent-in"}}, 1};
  hub::Breakpoint breakpoint;
  std::unique_ptr<hub::FilePort> port;
  std::function<void()> hook;
  std::vector<std::string> reports;
  std::vector<std::string> carried_out;
  bool has_crl = false;
  int fatal = 0;
};

}  // namespace qianzhi::test
