// The hub of this process as one agent calls it: no network.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/hub/exchange.h"

namespace qianzhi::test {

class HubCalls final : public HubLink {
 public:
  HubCalls(hub::Exchange& hub, std::string caller) : hub_(hub), caller_(std::move(caller)) {}
  wire::SessionReply session(const wire::SessionRequest& request) override { return hub_.session(caller_, request); }
  wire::PostReply post(const wire::PostRequest& request) override { return hub_.post(caller_, request); }
  wire::FetchReply fetch(const wire::FetchRequest& request) override {
    if (before_fetch) before_fetch();
    wire::FetchReply reply = hub_.fetch(caller_, request);
    if (on_reply) on_reply(reply);
    return reply;
  }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    return hub_.directory(caller_, request);
  }
  wire::AppliedReply applied(const wire::AppliedRequest& request) override { return hub_.applied(caller_, request); }
  wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }

  std::function<void()> before_fetch;                    // may throw
  std::function<void(wire::FetchReply& page)> on_reply;  // what a hub that lies makes of it

 private:
  hub::Exchange& hub_;
  std::string caller_;
};

}  // namespace qianzhi::test
